// When taking in the history ends, with app state beside it.
#include "session/link/history_intake.h"

#include "inbox/history_queue.h"
#include "inbox/queries.h"
#include "scratch_dir.h"
#include "unit/session/app_state/app_state.h"
#include "unit/session/server.h"

namespace history_intake_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

constexpr std::string_view kOwnPhoneNumber = "+40700000001";

// An account whose history is complete, as far as chunks go.
struct Ending {
  Server server;
  ScratchDir scratch;
  StateDir state = StateDir::open(scratch.path() / "state");
  AccountFile account = AccountFile::create(state, account_id_for(kOwnPhoneNumber));
  sim::AppState phone;
  Stop stop;
  HistoryIntakeOptions options{.session = {}, .settle = 20ms, .stall = 400ms};
  int asked = 0;
  // Nothing: the query goes unanswered.
  std::function<asio::awaitable<std::optional<Node>>(const Node& iq)> answer_sync;

  Ending() {
    options.session.endpoint = server.endpoint();
    const DeviceKeys keys = DeviceKeys::generate();
    SignalStore store(*account.database);
    Transaction transaction(*account.database, "test");
    const wasync::Device device{.noise = keys.noise,
                                .jid = jid("40700000001:7@s.whatsapp.net"),
                                .platform = "android",
                                .signed_identity = {1},
                                .full_history_requested = true};
    replace_device(store, device, keys);
    put_account(*account.database,
                {.id = account.id, .phone = std::string(kOwnPhoneNumber), .jid = device.jid});
    for (const int type : {pb::HISTORY_SYNC_FULL, pb::HISTORY_SYNC_PUSH_NAME}) {
      HistoryQueue queue(*account.database);
      const auto item = queue.add({.type = type,
                                   .progress = 100,
                                   .message_id = "H" + std::to_string(type),
                                   .dedupe_key = std::to_string(type)});
      queue.done(item.value(), UnixSeconds::now());
      queue.receipt_delivered({.item = item.value(), .message_id = "H" + std::to_string(type)});
    }
    transaction.commit();
    phone.apply(std::string(kContacts), {saved(kMaria, "Maria")});
  }
  void share_keys() {
    Transaction transaction(*account.database, "test");
    store_app_state_keys(*account.database, share_of(phone));
    transaction.commit();
  }
  asio::awaitable<void> serve() {
    const auto remote = co_await server.accept();
    Node success("success", {{"t", std::to_string(UnixSeconds::now().value)}});
    co_await remote->send(success);
    try {
      while (true) {
        const Node node = co_await remote->receive();
        if (node.tag != "iq") continue;
        std::optional<Node> reply = result_of(node, {Node("count", {{"value", "100"}})});
        if (node.text("xmlns") == "w:sync:app:state") {
          ++asked;
          reply = co_await answer_sync(node);
        }
        if (reply) co_await remote->send(*reply);
      }
    } catch (const Error&) {
    }
  }
  HistoryIntakeResult run() {
    const auto serving = server.loop.spawn(serve());
    HistoryIntakeEvents events{.on_progress = [](const ChunkStatus&) {},
                               .on_chunk_failed = [](const ChunkStatus&, const Error&) {},
                               .on_reconnecting = [](const std::string&) {}};
    auto result = server.loop.run(
        take_in_history(account, state.account_file(account.id), options, std::move(events), stop));
    server.loop.finish(serving);
    return result;
  }
  asio::awaitable<std::optional<Node>> hand_out(Node iq, std::chrono::milliseconds after) {
    co_await server.pause(after);
    const std::string name = iq.child("sync")->child("collection")->text("name");
    Node collection("collection", {{"name", name}});
    std::vector<Node> patches;
    for (Bytes& patch : phone.patches_after(name, 0)) {
      patches.push_back(Node("patch", {}, std::move(patch)));
    }
    collection.content = std::move(patches);
    co_return result_of(iq, {Node("sync", {}, std::vector<Node>{std::move(collection)})});
  }
  std::string maria() {
    const auto contact = find_contact(*account.database, jid(kMaria));
    return contact ? contact->saved_name : "";
  }
};

}  // namespace

TEST_CASE("without keys of app state nothing is waited for") {
  Ending ending;
  ending.options.stall = 60s;
  CHECK(ending.run().complete);
  CHECK(ending.asked == 0);
}

TEST_CASE("with keys the end waits for what they open") {
  Ending ending;
  ending.options.stall = 25s;
  ending.share_keys();
  ending.answer_sync = [&](const Node& iq) { return ending.hand_out(iq, 50ms); };
  CHECK(ending.run().complete);
  CHECK(ending.asked == 5);
  CHECK(ending.maria() == "Maria");
}

TEST_CASE("but not longer than for anything else") {
  Ending ending;
  ending.share_keys();
  ending.answer_sync = [](const Node&) -> asio::awaitable<std::optional<Node>> {
    co_return std::nullopt;
  };
  const auto begin = std::chrono::steady_clock::now();
  CHECK(ending.run().complete);
  CHECK(std::chrono::steady_clock::now() - begin >= ending.options.stall);
  CHECK(ending.asked == 1);
  CHECK_FALSE(wanted_collections(*ending.account.database).empty());
}

}  // namespace history_intake_test
