#include "session/receive/incoming_receipt.h"

#include "base/error.h"
#include "session/receive/stanza_receiver.h"
#include "unit/session/account.h"

namespace incoming_receipt_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr std::string_view kGroup = "120363000000000001@g.us";

struct Receipts : LinkedAccount {
  StanzaReceiver receiver{store, device};
  Writer phone{*this};
  Writer ana{*this};

  std::vector<Node> receive(const Node& stanza) {
    std::vector<Node> answers;
    receiver.receive({&stanza, 1}, [&](StanzaOutcome&& outcome) {
      for (Node& answer : outcome.answers) answers.push_back(std::move(answer));
    });
    return answers;
  }
  void we_write(std::string id, std::string_view chat) {
    pb::Message copy;
    *copy.mutable_device_sent_message()->mutable_message() = text_message("ours");
    receive(message_stanza(std::move(id), {{"from", jid(kOwnPhone)}, {"recipient", jid(chat)}},
                           {phone.enc(copy)}));
  }
  void ana_writes(std::string id, std::int64_t at) {
    receive(message_stanza(std::move(id), {{"from", jid(kAna)}, {"t", std::to_string(at)}},
                           {ana.enc(text_message("hers"))}));
  }
  // Everything answered with one ack.
  void told(Node::Attributes attributes, std::vector<std::string> more = {}) {
    Node stanza("receipt", std::move(attributes));
    stanza.set("t", std::string("1700000100"));
    std::vector<Node> items;
    for (auto& id : more) items.push_back(Node("item", {{"id", std::move(id)}}));
    if (!items.empty()) stanza.content = std::vector<Node>{Node("list", {}, std::move(items))};
    const auto answers = receive(stanza);
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].tag == "ack");
    CHECK(answers[0].text("class") == "receipt");
    CHECK_FALSE(answers[0].has("error"));
  }
  DeliveryStatus status(std::string_view id) {
    auto query = db.prepare("SELECT status FROM messages WHERE document_id = ?");
    query.bind(id);
    REQUIRE(query.step());
    return static_cast<DeliveryStatus>(query.integer(0));
  }
};

}  // namespace

TEST_CASE("receipts move our messages forward, never back") {
  Receipts account;
  for (const char* id : {"O1", "O2", "O3"}) account.we_write(id, kAna);
  CHECK(account.status("O1") == DeliveryStatus::kSent);
  account.told({{"id", "O1"}, {"from", jid("40722000000:3@s.whatsapp.net")}}, {"O2", "unknown"});
  CHECK(account.status("O1") == DeliveryStatus::kDelivered);
  CHECK(account.status("O2") == DeliveryStatus::kDelivered);
  CHECK(account.status("O3") == DeliveryStatus::kSent);
  account.told({{"id", "O1"}, {"from", jid(kAna)}, {"type", "read"}});
  account.told({{"id", "O3"}, {"from", jid(kAna)}, {"type", "played"}});
  account.told({{"id", "O1"}, {"from", jid(kAna)}});
  CHECK(account.status("O1") == DeliveryStatus::kRead);
  CHECK(account.status("O3") == DeliveryStatus::kRead);
  CHECK(account.number("SELECT read_at FROM messages WHERE document_id = 'O1'") == 1'700'000'100);
  CHECK(account.number("SELECT delivered_at FROM messages WHERE document_id = 'O1'") ==
        1'700'000'100);
}

TEST_CASE("a receipt under the other address reaches the chat once the two are known as one") {
  Receipts account;
  account.we_write("O1", kAna);
  account.told({{"id", "O1"}, {"from", jid(kAnaLid)}, {"type", "read"}});
  CHECK(account.status("O1") == DeliveryStatus::kSent);
  account.receive(message_stanza("A1", {{"from", jid(kAna)}, {"sender_lid", jid(kAnaLid)}},
                                 {account.ana.enc(text_message("hi"))}));
  account.told({{"id", "O1"}, {"from", jid(kAnaLid)}, {"type", "read"}});
  CHECK(account.status("O1") == DeliveryStatus::kRead);
}

TEST_CASE("in a group the first member's receipt counts") {
  Receipts account;
  pb::Message copy;
  *copy.mutable_device_sent_message()->mutable_message() = text_message("ours");
  account.receive(message_stanza("O1", {{"from", jid(kGroup)}, {"participant", jid(kOwnPhone)}},
                                 {account.phone.enc(copy)}));
  REQUIRE(account.status("O1") == DeliveryStatus::kSent);
  SUBCASE("one by one") {
    account.told({{"id", "O1"}, {"from", jid(kGroup)}, {"participant", jid(kAnaLid)}});
  }
  SUBCASE("several members in one stanza") {
    Node stanza("receipt", {{"id", "R1"}, {"from", jid(kGroup)}});
    stanza.content = std::vector<Node>{
        Node("participants", {{"key", "O1"}},
             std::vector<Node>{Node("user", {{"jid", jid(kAnaLid)}, {"t", "1700000100"}})})};
    account.receive(stanza);
  }
  CHECK(account.status("O1") == DeliveryStatus::kDelivered);
}

TEST_CASE("what the owner read elsewhere is read here, up to the newest of it") {
  Receipts account;
  const auto unread = [&] { return account.number("SELECT unread FROM threads"); };
  account.ana_writes("A1", 1'700'000'001);
  account.ana_writes("A2", 1'700'000'002);
  REQUIRE(unread() == 2);
  SUBCASE("told by our own address") {
    account.told({{"id", "A1"},
                  {"from", jid("40700000001:4@s.whatsapp.net")},
                  {"recipient", jid(kAna)},
                  {"type", "read-self"}});
    CHECK(unread() == 2);  // A2 came later
    account.told({{"id", "A1"}, {"from", jid(kOwnLid)}, {"recipient", jid(kAna)}, {"type", "read"}},
                 {"A2"});
    CHECK(unread() == 0);
  }
  SUBCASE("not by what we never saw") {
    account.told(
        {{"id", "A9"}, {"from", jid(kOwnPhone)}, {"recipient", jid(kAna)}, {"type", "read-self"}});
    CHECK(unread() == 2);
  }
  SUBCASE("nor by somebody else") {
    account.told({{"id", "A2"}, {"from", jid(kAna)}, {"type", "read-self"}});
    CHECK(unread() == 2);
  }
}

TEST_CASE("receipts that say nothing are acked, and cost no transaction") {
  Receipts account;
  account.we_write("O1", kAna);
  account.db.execute(
      "CREATE TRIGGER full BEFORE UPDATE ON messages BEGIN SELECT RAISE(ABORT, 'full'); END");
  for (const char* type : {"read-self", "played-self", "sender", "inactive", "retry",
                           "server-error", "peer_msg", "hist_sync", "some day's kind"}) {
    account.told({{"id", "O1"}, {"from", jid(kAna)}, {"type", type}});
  }
  account.told({{"id", "O1"}, {"from", jid(kOwnPhone)}, {"recipient", jid(kAna)}});
  CHECK(account.status("O1") == DeliveryStatus::kSent);
}

TEST_CASE("a receipt that the file does not take is not acked") {
  Receipts account;
  account.we_write("O1", kAna);
  account.db.execute(
      "CREATE TRIGGER full BEFORE UPDATE ON messages BEGIN SELECT RAISE(ABORT, 'full'); END");
  const Node stanza("receipt", {{"id", "O1"}, {"from", jid(kAna)}});
  CHECK_THROWS_AS(account.receive(stanza), Error);
}

TEST_CASE("of endless ids a thousand count") {
  std::vector<Node> items(5'000, Node("item", {{"id", "X"}}));
  Node stanza("receipt", {{"id", "O1"}, {"from", jid(kAna)}});
  stanza.content = std::vector<Node>{Node("list", {}, std::move(items))};
  LinkedAccount account;
  CHECK(parse_receipt(stanza, account.device)->ids.size() == 1'000);
  CHECK_FALSE(parse_receipt(Node("receipt", {{"from", jid(kAna)}}), account.device));
  CHECK_FALSE(parse_receipt(Node("receipt", {{"id", "O1"}}), account.device));
}

TEST_CASE("who got what we sent to a list is told by the list's address") {
  Receipts account;
  constexpr std::string_view kOther = "40733000000@s.whatsapp.net";
  account.receive(
      message_stanza("L1", {{"from", jid("40711@broadcast")}, {"participant", jid(kOwnPhone)}},
                     {account.phone.enc(text_message("to all")),
                      Node("participants", {},
                           std::vector<Node>{Node("to", {{"jid", jid(kAna)}}),
                                             Node("to", {{"jid", jid(kOther)}})})}));
  account.told({{"from", jid("40711@broadcast")}, {"participant", jid(kAna)}, {"id", "L1"}});
  CHECK(account.number("SELECT count(*) FROM messages") == 2);
  CHECK(account.number("SELECT max(m.status) FROM messages m JOIN threads t ON t.row_id = m.thread"
                       " WHERE t.jid = '40722000000@s.whatsapp.net'") ==
        static_cast<int>(DeliveryStatus::kDelivered));
  CHECK(account.number("SELECT max(m.status) FROM messages m JOIN threads t ON t.row_id = m.thread"
                       " WHERE t.jid = '40733000000@s.whatsapp.net'") ==
        static_cast<int>(DeliveryStatus::kSent));
}

}  // namespace incoming_receipt_test
