#include "service/api_inbox.h"

#include "unit/inbox/fixture.h"

namespace api_inbox_test {

using namespace wasync;
using namespace wasync::test;

namespace {

// An account's file where the service has it.
struct Stored {
  ScratchDir scratch;
  StateDir state = StateDir::open(scratch.path() / "state");
  AccountId account = account_id_for(kPhone);

  Stored() {
    state.create_account(account);
    Database db(state.account_file(account));
    migrate_inbox(db);
    Transaction transaction(db, "test");
    put_account(db, Account{.id = account,
                            .phone = std::string(kPhone),
                            .name = "Shop",
                            .jid = jid("40737123397:3@s.whatsapp.net"),
                            .status = AccountStatus::kConnected,
                            .created_at = kNow,
                            .last_realtime_message_at = kNow});
    transaction.commit();
  }
  void put(const Message& message) {
    Database db(state.account_file(account));
    Transaction transaction(db, "test");
    InboxWriter inbox(db, kNow);
    inbox.put_message(message);
    inbox.flush();
    transaction.commit();
  }
  ThreadId thread(std::string_view chat) const { return thread_id_for(account, jid(chat)); }
};

}  // namespace

TEST_CASE("accounts have the Inbox's fields, and what the app wants beside them") {
  Stored stored;
  const OrderedJson page = accounts_page(stored.state, {}, rights_to_all(ApiRole::kRead));
  CHECK(page["success"] == true);
  REQUIRE(page["accounts"].size() == 1);
  const OrderedJson& account = page["accounts"][0];
  CHECK(account["id"] == stored.account.str());
  CHECK(account["name"] == "Shop");
  CHECK(account["phone"] == kPhone);
  CHECK(account["status"] == "connected");
  CHECK(account["waJid"] == "40737123397@s.whatsapp.net");
  CHECK(account["createdAt"] == "2025-10-09T08:53:20Z");
  CHECK(account["lastMessageAt"] == "2025-10-09T08:53:20Z");
  CHECK(account["needsQR"] == false);
}

TEST_CASE("what runs knows better") {
  Stored stored;
  const std::vector<RunningAccount> running = {{.id = stored.account,
                                                .status = "logged_out",
                                                .counters = {.reconnects = 4},
                                                .last_server_traffic = {kNow.value + 60}}};
  const OrderedJson page = accounts_page(stored.state, running, rights_to_all(ApiRole::kRead));
  const OrderedJson& account = page["accounts"][0];
  CHECK(account["status"] == "logged_out");
  CHECK(account["needsQR"] == true);
  CHECK(account["reconnectCount"] == 4);
  CHECK(account["lastSeen"] == "2025-10-09T08:54:20Z");
}

TEST_CASE("threads come newest first, at most so many, hidden ones not at all") {
  Stored stored;
  stored.put(inbound(kAna, "A1", "salut", 100));
  stored.put(inbound("40722222222@s.whatsapp.net", "B1", "mai nou", 50));
  stored.put(inbound("40799@broadcast", "C1", "pe o listă", 10));
  const OrderedJson page = threads_page(stored.state, stored.account, 50).value();
  REQUIRE(page["count"] == 2);
  const OrderedJson& newest = page["threads"][0];
  CHECK(newest["id"] == stored.account.str() + "__40722222222@s.whatsapp.net");
  CHECK(newest["accountId"] == stored.account.str());
  CHECK(newest["clientJid"] == "40722222222@s.whatsapp.net");
  CHECK(newest["phoneE164"] == "+40722222222");
  CHECK(newest["lastMessageAt"] == "2025-10-09T08:52:30Z");
  CHECK(newest["lastMessageAtMs"] == (kNow.value - 50) * 1000);
  CHECK(newest["lastMessagePreview"] == "mai nou");
  CHECK(newest["lastMessageDirection"] == "inbound");
  CHECK_FALSE(newest.contains("displayName"));  // a phone is no name
  CHECK(threads_page(stored.state, stored.account, 1).value()["count"] == 1);
}

TEST_CASE("messages come newest first") {
  Stored stored;
  stored.put(inbound(kAna, "A1", "întâi", 100));
  stored.put(outbound(kAna, "A2", "apoi", 50));
  const OrderedJson page = messages_page(stored.state, stored.thread(kAna), 50).value();
  CHECK(page["count"] == 2);
  CHECK_FALSE(page.contains("truncated"));
  CHECK(page["thread"]["id"] == stored.thread(kAna).str());
  const OrderedJson& message = page["messages"][0];
  CHECK(message["id"] == "A2");
  CHECK(message["waMessageId"] == "A2");
  CHECK(message["body"] == "apoi");
  CHECK(message["direction"] == "outbound");
  CHECK(message["tsClient"] == "2025-10-09T08:52:30Z");
  CHECK(message["key"]["fromMe"] == true);
  CHECK(page["messages"][1]["body"] == "întâi");
  const OrderedJson newest = messages_page(stored.state, stored.thread(kAna), 1).value();
  CHECK(newest["count"] == 1);
  CHECK(newest["messages"][0]["id"] == "A2");
}

TEST_CASE("a page of huge messages is cut, and says so") {
  Stored stored;
  for (int i = 0; i < 14; ++i)
    stored.put(inbound(kAna, "M" + std::to_string(i), std::string(800 << 10, 'x'), 100 - i));
  const OrderedJson page = messages_page(stored.state, stored.thread(kAna), 500).value();
  CHECK(page["truncated"] == true);
  CHECK(page["count"] < 14);
  CHECK(page["count"] > 5);
  CHECK(page["messages"][0]["id"] == "M13");
}

TEST_CASE("more than one step of messages") {
  Stored stored;
  for (int i = 0; i < 200; ++i) stored.put(inbound(kAna, "M" + std::to_string(i), "x", 1000 - i));
  CHECK(messages_page(stored.state, stored.thread(kAna), 150).value()["count"] == 150);
  CHECK(messages_page(stored.state, stored.thread(kAna), 500).value()["count"] == 200);
}

TEST_CASE("what is not there") {
  Stored stored;
  const AccountId other = account_id_for("+40711111111");
  CHECK_FALSE(threads_page(stored.state, other, 50));
  CHECK_FALSE(messages_page(stored.state, stored.thread(kAna), 50));
  CHECK_FALSE(messages_page(stored.state, thread_id_for(other, jid(kAna)), 50));
  CHECK_FALSE(stored.state.has_account(other));  // asking made none
}

}  // namespace api_inbox_test
