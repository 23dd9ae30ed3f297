#include "sim/dataset.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "proto/device_props.pb.h"
#include "proto/history_sync.pb.h"
#include "sim/expected_inbox.h"
#include "sim/wire_history.h"

namespace wasync::sim {
namespace {

using Json = nlohmann::json;

std::size_t count_messages(const Dataset& dataset, const ChunkPlan& plan, std::int32_t type) {
  std::set<std::string> ids;
  for (const ChunkOutline& outline : plan_chunks(dataset, plan)) {
    if (outline.type != type) continue;
    const pb::HistorySync chunk = make_chunk(dataset, outline);
    for (const auto& conversation : chunk.conversations())
      for (const auto& entry : conversation.messages())
        ids.insert(conversation.id() + "|" + entry.message().key().id());
  }
  return ids.size();
}

TEST_CASE("the same name and seed make the same data, in whatever order it is asked for") {
  const Dataset a = Dataset::make("7x20", 5, 10);
  const Dataset b = Dataset::make("7x20", 5, 10);
  const auto describe = [](const Message& message) {
    return message.id + message.body.value_or("-") + std::to_string(message.sent_at);
  };
  std::vector<std::string> forwards;
  for (std::size_t i = 0; i < a.chats[3].total(); ++i)
    forwards.push_back(describe(a.message(3, i)));
  for (std::size_t i = b.chats[3].total(); i-- > 0;)
    CHECK(describe(b.message(3, i)) == forwards[i]);
  CHECK(expected_inbox_json(a, {}) == expected_inbox_json(b, {}));
  CHECK(expected_inbox_json(a, {}) != expected_inbox_json(Dataset::make("7x20", 6, 10), {}));
}

TEST_CASE("times grow with every message of a chat, and ids are unique") {
  for (const char* name : {"small", "5x40"}) {
    const Dataset dataset = Dataset::make(name, 1, 30);
    for (std::size_t chat = 0; chat < dataset.chats.size(); ++chat) {
      std::set<std::string> ids;
      std::int64_t before = 0;
      for (std::size_t i = 0; i < dataset.chats[chat].total(); ++i) {
        const Message message = dataset.message(chat, i);
        CHECK(message.sent_at > before);
        CHECK(ids.insert(message.id).second);
        before = message.sent_at;
      }
    }
  }
}

TEST_CASE("NxM is what it says, and nothing else is a dataset") {
  CHECK(Dataset::make("0x0", 1, 100).chats.empty());
  const Dataset dataset = Dataset::make("3x7", 1, 100);
  REQUIRE(dataset.chats.size() == 3);
  CHECK(dataset.chats[0].pushed == 7);
  CHECK(dataset.chats[0].total() == 107);
  for (const char* name : {"", "x", "3", "3x", "x3", "-1x3", "3x7x1", "999999999x1"})
    CHECK_THROWS_AS(Dataset::make(name, 1, 1), Error);
}

TEST_CASE("the chunks carry every pushed message, and none that is held back") {
  const Dataset dataset = Dataset::make("9x60", 2, 25);
  const ChunkPlan plan{.full = true, .messages_per_chunk = 100, .bootstrap_messages = 3};
  CHECK(count_messages(dataset, plan, pb::HISTORY_SYNC_FULL) == 9 * 60);
  CHECK(count_messages(dataset, plan, pb::HISTORY_SYNC_RECENT) == 9 * 50);
  CHECK(count_messages(dataset, plan, pb::HISTORY_SYNC_INITIAL_BOOTSTRAP) == 9 * 3);
  CHECK(count_messages(dataset, {.full = false}, pb::HISTORY_SYNC_FULL) == 0);
  CHECK(count_messages(dataset, {.full = false}, pb::HISTORY_SYNC_RECENT) == 9 * 60);
}

TEST_CASE("side data comes where it is told to, and only out of its place tells mappings alone") {
  const Dataset dataset = Dataset::make("small", 1, 0);
  const auto plan = [&](ChunkPlan::SideData where) {
    return plan_chunks(dataset, {.full = true, .side_data = where});
  };
  const auto is_side_data = [&](const ChunkOutline& outline) {
    const bool is = outline.type == pb::HISTORY_SYNC_NON_BLOCKING_DATA;
    CHECK(make_chunk(dataset, outline).has_nct_salt() == is);
    return is;
  };
  const auto mappings = [&](const std::vector<ChunkOutline>& outlines) {
    std::size_t with = 0;
    for (const ChunkOutline& outline : outlines)
      if (make_chunk(dataset, outline).phone_number_to_lid_mappings_size() > 0) ++with;
    return with;
  };
  const auto usual = plan(ChunkPlan::SideData::kBetween);
  CHECK(std::ranges::count_if(usual, is_side_data) == 1);
  CHECK_FALSE(is_side_data(usual.front()));
  CHECK_FALSE(is_side_data(usual.back()));
  CHECK(mappings(usual) == 4);
  const auto first = plan(ChunkPlan::SideData::kFirst);
  CHECK(is_side_data(first.front()));
  CHECK(first[1].type == pb::HISTORY_SYNC_INITIAL_STATUS_V3);
  CHECK(first.size() == usual.size());
  CHECK(mappings(first) == 1);
  const auto last = plan(ChunkPlan::SideData::kLast);
  CHECK(is_side_data(last.back()));
  CHECK(last.front().type == pb::HISTORY_SYNC_INITIAL_STATUS_V3);
  CHECK(mappings(last) == 1);
}

TEST_CASE(
    "a message is about 500 bytes in the large datasets, with its secret and keys of its media") {
  const Dataset dataset = Dataset::make("40x50", 1, 0);
  std::size_t bytes = 0;
  for (const ChunkOutline& outline : plan_chunks(dataset, {.full = false}))
    if (outline.type == pb::HISTORY_SYNC_RECENT)
      bytes += make_chunk(dataset, outline).ByteSizeLong();
  const std::size_t per_message = bytes / (40 * 50);
  CHECK(per_message > 460);
  CHECK(per_message < 560);
}

TEST_CASE("the answer key follows the contract's rules for names and addresses") {
  const Json json = Json::parse(expected_inbox_json(Dataset::make("small", 1, 100), {}));
  const auto thread = [&](const std::string& jid) -> const Json& {
    for (const Json& entry : json["threads"])
      if (entry["jid"] == jid) return entry;
    FAIL("no thread " << jid);
    return json;
  };
  // Addressed by LID, shown by phone.
  CHECK(thread("40721000002@s.whatsapp.net")["wire_jid"] == "120000000000002@lid");
  CHECK(thread("40721000002@s.whatsapp.net")["name"] == "Mihai Mureșan");
  // Neither a name nor a phone, and no message: the Inbox cannot show it.
  CHECK(thread("120000000000010@lid")["hidden_because"] == "placeholder");
  CHECK(thread("40721000005@s.whatsapp.net")["name"] == "+40721000005");
  CHECK(thread("40721000006@s.whatsapp.net")["name"] == "Cofetăria Dulce SRL");
  CHECK(thread("40721000012@s.whatsapp.net")["name"] == "Cătălina Ionescu");
  CHECK(thread("40721000011@s.whatsapp.net")["placeholder"] == true);
  CHECK(thread("40721000001@s.whatsapp.net")["last_message"] == "Mulțumesc mult de tot!");
  CHECK(thread("40721000001@s.whatsapp.net")["direction"] == "outbound");
  // Not everything is a thread.
  CHECK(json["not_threads"].size() == 4);
}

}  // namespace
}  // namespace wasync::sim
