#include "session/backfill/older_messages.h"

#include "proto/peer_message.pb.h"
#include "session/history/history_requests.h"
#include "unit/session/account.h"
#include "unit/session/live_connection.h"

namespace older_messages_test {

using namespace wasync;
using namespace wasync::test;

namespace {

Anchor anchor(const std::string& id, std::int64_t sent_at) {
  return {.key = {.id = id, .remote_jid = std::string(kAna)}, .sent_at = {sent_at}};
}

struct Asking {
  LinkedAccount account;
  PlayedConnection connection{account.device};
  ThreadId thread = thread_id_for(account_id_for("+40700000001"), jid(kAna));

  std::optional<Node> ask(const Anchor& anchor, int count) {
    Transaction transaction(account.db, "test");
    const AnchorChoice from{.anchor = anchor, .chat = jid(kAna)};
    auto request = older_messages_request(connection, account.db, from, count, UnixSeconds::now());
    transaction.commit();
    return request;
  }
  void put(const std::string& id, std::int64_t sent_at) {
    Transaction transaction(account.db, "test");
    InboxWriter inbox(account.db);
    Message message{.key = {.id = id, .remote_jid = std::string(kAna)}, .chat = jid(kAna)};
    message.sent_at = {sent_at};
    message.body = id;
    inbox.put_message(message);
    inbox.flush();
    transaction.commit();
  }
  std::vector<std::string> choices(const std::vector<Anchor>& elsewhere = {}) {
    std::vector<std::string> ids;
    for (const AnchorChoice& each : anchor_choices(account.db, thread, elsewhere))
      ids.push_back(each.anchor.key.id + "+" + std::to_string(each.older_known));
    return ids;
  }
};

using Strings = std::vector<std::string>;

void learn_lid(LinkedAccount& account) {
  Transaction transaction(account.db, "test");
  InboxWriter inbox(account.db);
  inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)});
  inbox.flush();
  transaction.commit();
}

}  // namespace

TEST_CASE("the phone is asked for what came before a message, fifty at most") {
  Asking asking;
  const auto request = asking.ask(anchor("A5", 1'700'000'500), 80);
  REQUIRE(request);
  REQUIRE(asking.connection.told_phone.size() == 1);
  const auto& asked = asking.connection.told_phone[0]
                          .protocol_message()
                          .peer_data_operation_request_message()
                          .history_sync_on_demand_request();
  CHECK(asked.chat_jid() == kAna);
  CHECK(asked.oldest_msg_id() == "A5");
  CHECK(asked.oldest_msg_timestamp_ms() == 1'700'000'500);
  CHECK(asked.on_demand_msg_count() == kMostOlderMessages);
  CHECK(requested_chat(asking.account.db, request->text("id")) == jid(kAna));
}

TEST_CASE("without a session with the phone nothing is asked, nor remembered") {
  Asking asking;
  asking.connection.phone_has_session = false;
  CHECK_FALSE(asking.ask(anchor("A5", 1'700'000'500), 10));
  CHECK(asking.account.number("SELECT count(*) FROM history_requests") == 0);
}

TEST_CASE("it is asked from the oldest message that the phone made, then from linked devices'") {
  Asking asking;
  CHECK(asking.choices().empty());
  asking.put("3EB0AA", 1'700'000'100);
  asking.put("A2", 1'700'000'200);
  asking.put("A3", 1'700'000'300);
  CHECK(asking.choices() == Strings{"A2+1", "A3+2", "3EB0AA+0"});
}

TEST_CASE("messages that are held elsewhere count as well, each once") {
  Asking asking;
  asking.put("A3", 1'700'000'300);
  CHECK(asking.choices({anchor("A1", 1'700'000'100), anchor("A3", 1'700'000'300)}) ==
        Strings{"A1+0", "A3+1"});
}

TEST_CASE("a chat whose LID is known is named by that, and by the phone number otherwise") {
  Asking asking;
  asking.put("A1", 1'700'000'100);
  asking.put("A2", 1'700'000'200);
  learn_lid(asking.account);
  const auto named = [&](bool by_phone_number) {
    Strings all;
    for (const AnchorChoice& each :
         anchor_choices(asking.account.db, asking.thread, {}, by_phone_number))
      all.push_back(each.key());
    return all;
  };
  const std::string ana{kAna};
  CHECK(named(false) == Strings{"A1 555@lid", "A1 " + ana, "A2 555@lid"});
  CHECK(named(true) == Strings{"A1 " + ana, "A1 555@lid", "A2 " + ana});
  CHECK(chat_to_ask(asking.account.db, jid(kAnaLid), true) == jid(kAna));
  CHECK(chat_to_ask(asking.account.db, jid("40733000000@s.whatsapp.net"), false).is_lid() == false);
}

}  // namespace older_messages_test
