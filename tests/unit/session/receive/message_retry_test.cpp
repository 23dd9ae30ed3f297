#include "session/receive/message_retry.h"

#include "inbox/left_out.h"
#include "inbox/queries.h"
#include "unit/session/receive/awaiting.h"

namespace message_retry_test {

using namespace wasync;
using namespace wasync::test;

namespace {

using Outcome = StanzaOutcome;

}  // namespace

TEST_CASE("what cannot be decrypted is asked for again") {
  Receiving account;
  Node enc("enc", {{"type", "msg"}, {"v", "2"}}, Bytes(60, 5));
  const Outcome first = account.from_ana("3A01", {enc});
  REQUIRE(asks_again(first));
  const Node& receipt = first.answers[0];
  CHECK(receipt.jid("to") == jid(kAna));
  CHECK(receipt.text("id") == "3A01");
  const Node* retry = receipt.child("retry");
  REQUIRE(retry != nullptr);
  CHECK(retry->text("count") == "1");
  CHECK(retry->text("id") == "3A01");
  CHECK(retry->text("t") == "1700000000");
  CHECK(retry->text("v") == "1");
  REQUIRE(receipt.child("registration") != nullptr);
  CHECK(receipt.child("registration")->bytes().size() == 4);
  CHECK(receipt.child("keys") == nullptr);
  CHECK(account.receiver.counts.undecryptable == 1);

  SUBCASE("with fresh keys the second time, which a sender can use") {
    enc.set("count", std::string("1"));
    const Outcome second = account.from_ana("3A01", {enc});
    REQUIRE(asks_again(second));
    CHECK(second.answers[0].child("retry")->text("count") == "2");
    const Node* keys = second.answers[0].child("keys");
    REQUIRE(keys != nullptr);
    const auto bytes = [&](const char* tag) { return to_bytes(keys->child(tag)->bytes()); };
    CHECK(bytes("type") == Bytes{5});
    CHECK(bytes("identity") == to_bytes(BytesView(account.keys.identity.key.public_key)));
    CHECK(bytes("device-identity") == account.device.signed_identity);
    const Bytes id = to_bytes(keys->child("key")->child("id")->bytes());
    REQUIRE(id.size() == 3);
    const auto number = static_cast<std::uint32_t>(id[0] << 16 | id[1] << 8 | id[2]);
    const auto pair = account.store.pre_key(number);
    REQUIRE(pair);
    CHECK(to_bytes(keys->child("key")->child("value")->bytes()) ==
          to_bytes(BytesView(pair->public_key)));
    CHECK(keys->child("skey")->child("signature")->bytes().size() == 64);
    // Not one that the server may hand to somebody else as well.
    Transaction transaction(account.db, "test");
    for (const PreKey& key : account.store.pre_keys_to_upload(3)) CHECK(key.id != number);
  }
  SUBCASE("but not for ever") {
    for (const char* count : {"4", "5", "18446744073709551615"}) {
      enc.set("count", std::string(count));
      CHECK(only_answer(account.from_ana("3A01", {enc})).tag == "ack");
    }
  }
}

TEST_CASE("retry receipts are counted across restarts, and end") {
  Awaiting account;
  for (int expected = 1; expected <= 4; ++expected) {
    Receiver fresh{account};
    const Outcome outcome =
        fresh.receive(message_stanza("A1", {{"from", jid(kAna)}}, {Awaiting::garbage()}));
    CHECK(Awaiting::retry_count(outcome) == expected);
    CHECK((outcome.answers[0].child("keys") != nullptr) == (expected > 1));
    CHECK(outcome.awaited.size() == (expected == 1 ? 1 : 0));
  }
  for (int i = 0; i < 3; ++i) CHECK(Awaiting::retry_count(account.fails("A1")) == 0);
  CHECK(account.number("SELECT count(*) FROM messages") == 1);
}

TEST_CASE("a copy of our own message gets a receipt in the end: the server keeps it until then") {
  Awaiting account;
  const auto fails = [&] {
    return account.receive("3A01", {{"from", jid(kOwnPhone)}, {"recipient", jid(kAna)}},
                           {Awaiting::garbage()});
  };
  for (int i = 0; i < 4; ++i) CHECK(asks_again(fails()));
  const Node last = only_answer(fails());
  CHECK(last.tag == "receipt");
  CHECK(last.text("type") == "sender");
  CHECK(last.jid("recipient") == jid(kAna));
  CHECK(last.jid("to") == jid(kOwnPhone));
}

TEST_CASE("one sender gets so many receipts in an hour, and the rest is shown and counted") {
  Awaiting account;
  std::int64_t receipts = 0;
  std::int64_t not_asked = 0;
  for (int i = 0; i < 60; ++i) {
    const StanzaOutcome outcome = account.fails("A" + std::to_string(i));
    CHECK(outcome.awaited.size() == 1);
    receipts += asks_again(outcome) ? 1 : 0;
    not_asked += outcome.not_asked;
  }
  CHECK(receipts == kReceiptsAnHourToOne);
  CHECK(not_asked == 60 - kReceiptsAnHourToOne);
  CHECK(left_out_counts(account.db).not_asked == not_asked);
  CHECK(account.number("SELECT count(*) FROM messages") == 60);
  // Nobody else waits because of that, our phone least of all.
  CHECK(asks_again(
      account.receive("D1", {{"from", jid("40733000000@s.whatsapp.net")}}, {Awaiting::garbage()})));
  account.db.execute("UPDATE awaited_messages SET sender = '" + std::string(kOwnPhone) + "'");
  CHECK(asks_again(account.receive("P1", {{"from", jid(kOwnPhone)}, {"category", "peer"}},
                                   {Awaiting::garbage()})));
  account.db.execute("UPDATE awaited_messages SET sender = '" + std::string(kAna) +
                     "', first_failed_at = first_failed_at - 3600");
  CHECK(asks_again(account.fails("A60")));
}

TEST_CASE("the sender's own count is believed when it is higher") {
  Awaiting account;
  Node enc = Awaiting::garbage();
  enc.set("count", std::string("2"));
  CHECK(Awaiting::retry_count(account.from_ana("A1", enc)) == 3);
  CHECK(Awaiting::retry_count(account.fails("A1")) == 4);
  CHECK(Awaiting::retry_count(account.fails("A1")) == 0);
}

TEST_CASE("what nobody would miss is asked for, but not shown") {
  Awaiting account;
  Node enc = Awaiting::garbage();
  SUBCASE("the sender says so") {
    enc.set("decrypt-fail", std::string("hide"));
  }
  SUBCASE("a reaction") {}
  const Outcome outcome = account.receive(
      "A1", {{"from", jid(kAna)}, {"type", enc.has("decrypt-fail") ? "text" : "reaction"}}, {enc});
  CHECK(Awaiting::retry_count(outcome) == 1);
  CHECK(outcome.awaited.size() == 1);
  CHECK(account.number("SELECT count(*) FROM threads") == 0);
  CHECK(count_undecryptable(account.db).waiting == 0);
}

TEST_CASE("the sender's next attempt makes it a message like any other") {
  Awaiting account;
  account.fails("A1");
  account.db.execute("UPDATE messages SET uploaded_revision = revision");
  const Outcome outcome = account.from_ana("A1", account.ana.enc(text_message("Salut")));
  CHECK(outcome.stored);
  CHECK(outcome.awaited.empty());
  CHECK(account.text("type", "A1") == "text");
  CHECK(account.text("body", "A1") == "Salut");
  CHECK(account.number("SELECT revision > uploaded_revision FROM messages") == 1);
  const ThreadListing thread = list_threads(account.db).at(0);
  CHECK(thread.last_message == "Salut");
  CHECK(thread.messages == 1);
  CHECK(thread.unread == 1);
  const Undecryptable count = count_undecryptable(account.db);
  CHECK(count.waiting == 0);
  CHECK(count.recovered == 1);
  SUBCASE("and the first attempt replayed changes nothing, and is not asked for again") {
    const Outcome replayed = account.fails("A1");
    REQUIRE(replayed.answers.size() == 1);
    CHECK(replayed.answers[0].tag == "ack");
    CHECK(account.text("body", "A1") == "Salut");
  }
}

TEST_CASE("what turns out to be nothing to show leaves a deleted message") {
  Awaiting account;
  account.fails("A0");
  account.from_ana("A0", account.ana.enc(text_message("the target")));
  account.fails("A1");
  pb::Message reaction;
  reaction.mutable_reaction()->mutable_key()->set_id("A0");
  reaction.mutable_reaction()->mutable_key()->set_from_me(true);
  reaction.mutable_reaction()->set_text("x");
  SUBCASE("a setting") {
    pb::Message setting;
    setting.mutable_protocol_message()->set_type(pb::ProtocolMessage::PROTOCOL_EPHEMERAL_SETTING);
    account.from_ana("A1", account.ana.enc(setting));
    CHECK(account.text("deleted_at > 0", "A1") == "1");
  }
  SUBCASE("it was taken back before it came") {
    pb::WebMessageInfo info;
    info.mutable_key()->set_id("A1");
    info.mutable_key()->set_remote_jid(std::string(kAna));
    info.set_message_stub_type(1);
    info.set_message_timestamp(1'700'000'001);
    account.phone_says(Awaiting::answer(info));
    CHECK(account.text("deleted_at > 0", "A1") == "1");
  }
  SUBCASE("a reaction, which does what it does") {
    account.from_ana("A1", account.ana.enc(reaction));
    CHECK(account.text("deleted_at > 0", "A1") == "1");
    CHECK(account.text("reactions IS NOT NULL", "A0") == "1");
  }
  CHECK(count_undecryptable(account.db).waiting == 0);
  CHECK(account.number("SELECT count(*) FROM messages") == 2);
}

TEST_CASE("an edit that comes before its message waits on the placeholder") {
  Awaiting account;
  account.fails("A1");
  pb::Message edit;
  auto& protocol = *edit.mutable_protocol_message();
  protocol.set_type(pb::ProtocolMessage::PROTOCOL_MESSAGE_EDIT);
  protocol.mutable_key()->set_id("A1");
  protocol.mutable_key()->set_from_me(true);
  protocol.mutable_edited_message()->set_conversation("corrected");
  account.from_ana("A2", account.ana.enc(edit));
  account.from_ana("A1", account.ana.enc(text_message("mistaken")));
  CHECK(account.text("type", "A1") == "text");
  CHECK(account.text("body", "A1") == "corrected");
  CHECK(account.text("original_body", "A1") == "mistaken");
}

}  // namespace message_retry_test
