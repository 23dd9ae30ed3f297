#include "session/receive/awaited_messages.h"

#include "inbox/queries.h"
#include "proto/peer_message.pb.h"
#include "proto/web_message.pb.h"
#include "session/receive/message_receiver.h"
#include "session/receive/placeholder_resend.h"
#include "unit/session/account.h"

namespace awaited_messages_test {

using namespace wasync;
using namespace wasync::test;

namespace {

using Outcome = MessageReceiver::Outcome;

constexpr std::string_view kAna = "40722000000@s.whatsapp.net";
constexpr std::string_view kAnaLid = "555@lid";
constexpr std::string_view kGroup = "120363000000000001@g.us";

struct Awaiting : LinkedAccount {
  MessageReceiver receiver{store, device};
  Writer ana{*this};
  Writer phone{*this};

  Outcome receive(std::string id, Node::Attributes attributes, std::vector<Node> parts) {
    return receiver.receive(message_stanza(std::move(id), std::move(attributes), std::move(parts)));
  }
  Outcome from_ana(std::string id, Node part) {
    return receive(std::move(id), {{"from", jid(kAna)}, {"notify", "Ana"}}, {std::move(part)});
  }
  Outcome fails(std::string id) { return from_ana(std::move(id), garbage()); }
  static Node garbage() { return Node("enc", {{"type", "msg"}, {"v", "2"}}, Bytes(60, 5)); }
  // The phone's answer with this content for the message of that id.
  static pb::Message answer(std::string id, const pb::Message& content,
                            std::string_view chat = kAna) {
    pb::WebMessageInfo info;
    info.mutable_key()->set_id(std::move(id));
    info.mutable_key()->set_remote_jid(std::string(chat));
    info.mutable_key()->set_from_me(false);
    if (content.ByteSizeLong() > 0) *info.mutable_message() = content;
    info.set_push_name("Ana");
    return answer(info);
  }
  static pb::Message answer(const pb::WebMessageInfo& info) {
    pb::Message message;
    auto& response =
        *message.mutable_protocol_message()->mutable_peer_data_operation_request_response_message();
    response.set_peer_data_operation_request_type(pb::PEER_DATA_PLACEHOLDER_MESSAGE_RESEND);
    response.add_peer_data_operation_result()
        ->mutable_placeholder_message_resend_response()
        ->set_web_message_info_bytes(info.SerializeAsString());
    return message;
  }
  Outcome phone_says(const pb::Message& content, Jid from = jid(kOwnPhone)) {
    static int count = 0;
    return receive("P" + std::to_string(++count), {{"from", from}, {"category", "peer"}},
                   {phone.enc(content)});
  }
  std::string text(std::string_view column, std::string_view id) {
    const std::string sql = "SELECT " + std::string(column) +
                            " FROM messages WHERE document_id = '" + std::string(id) + "'";
    static std::vector<std::string> kept;  // statements are cached by their text
    kept.reserve(1000);
    auto query = db.prepare(kept.emplace_back(sql));
    return query.step() ? query.text(0) : "(no such message)";
  }
  static int retry_count(const Outcome& outcome) {
    for (const Node& answer : outcome.answers)
      if (const Node* retry = answer.child("retry"))
        return static_cast<int>(retry->number("count").value_or(0));
    return 0;
  }
};

}  // namespace

TEST_CASE("what does not decrypt is shown at once, as awaited") {
  Awaiting account;
  const Outcome outcome = account.fails("A1");
  CHECK(outcome.stored);
  CHECK(outcome.awaited.size() == 1);
  CHECK(account.text("type", "A1") == "undecryptable");
  CHECK(account.text("body IS NULL", "A1") == "1");
  const ThreadListing thread = list_threads(account.db).at(0);
  CHECK(thread.last_message == "[undecryptable]");
  CHECK(thread.name == "Ana");
  CHECK(thread.unread == 1);
  CHECK(count_undecryptable(account.db).waiting == 1);
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

TEST_CASE("retry receipts are counted across restarts, and end") {
  Awaiting account;
  for (int expected = 1; expected <= 4; ++expected) {
    MessageReceiver fresh(account.store, account.device);
    const Outcome outcome =
        fresh.receive(message_stanza("A1", {{"from", jid(kAna)}}, {Awaiting::garbage()}));
    CHECK(Awaiting::retry_count(outcome) == expected);
    CHECK((outcome.answers[0].child("keys") != nullptr) == (expected > 1));
    CHECK(outcome.awaited.size() == (expected == 1 ? 1 : 0));
  }
  for (int i = 0; i < 3; ++i) CHECK(Awaiting::retry_count(account.fails("A1")) == 0);
  CHECK(account.number("SELECT count(*) FROM messages") == 1);
}

TEST_CASE("the sender's own count is believed when it is higher") {
  Awaiting account;
  Node enc = Awaiting::garbage();
  enc.set("count", std::string("2"));
  CHECK(Awaiting::retry_count(account.from_ana("A1", enc)) == 3);
  CHECK(Awaiting::retry_count(account.fails("A1")) == 4);
  CHECK(Awaiting::retry_count(account.fails("A1")) == 0);
}

TEST_CASE("our phone's answer makes it a message, a stranger's does not") {
  Awaiting account;
  account.fails("A1");
  const pb::Message content = Awaiting::answer("A1", text_message("from the phone"));
  SUBCASE("a stranger") {
    account.from_ana("A2", account.ana.enc(content));
    account.receive("A3", {{"from", jid(kAna)}, {"category", "peer"}}, {account.ana.enc(content)});
    CHECK(account.receiver.counts().spoofed == 2);
    CHECK(account.text("type", "A1") == "undecryptable");
  }
  SUBCASE("another device of ours") {
    Writer companion(account);
    account.receive("A2", {{"from", jid("9001:4@lid")}, {"category", "peer"}},
                    {companion.enc(content)});
    CHECK(account.receiver.counts().spoofed == 1);
    CHECK(account.text("type", "A1") == "undecryptable");
  }
  SUBCASE("the phone, and again") {
    CHECK(account.phone_says(content).stored);
    CHECK_FALSE(account.phone_says(content).stored);
    CHECK(account.text("body", "A1") == "from the phone");
    CHECK(account.number("SELECT count(*) FROM messages") == 1);
    CHECK(count_undecryptable(account.db).recovered == 1);
    // The sender's own attempt comes too, later.
    account.from_ana("A1", account.ana.enc(text_message("from the phone")));
    CHECK(account.number("SELECT count(*) FROM messages") == 1);
  }
}

TEST_CASE("only what is awaited is taken from an answer") {
  Awaiting account;
  account.fails("A1");
  SUBCASE("another id") {
    account.phone_says(Awaiting::answer("A9", text_message("who asked?")));
  }
  SUBCASE("another chat") {
    account.phone_says(Awaiting::answer("A1", text_message("who asked?"), kGroup));
  }
  SUBCASE("nothing but the key") {
    account.phone_says(Awaiting::answer("A1", {}));
  }
  SUBCASE("garbage") {
    pb::Message content = Awaiting::answer("A1", text_message("x"));
    content.mutable_protocol_message()
        ->mutable_peer_data_operation_request_response_message()
        ->mutable_peer_data_operation_result(0)
        ->mutable_placeholder_message_resend_response()
        ->set_web_message_info_bytes("\xff\xff\xff");
    account.phone_says(content);
    CHECK(account.receiver.counts().malformed == 1);
  }
  CHECK(account.number("SELECT count(*) FROM messages") == 1);
  CHECK(account.text("type", "A1") == "undecryptable");
  CHECK(count_undecryptable(account.db).waiting == 1);
}

TEST_CASE("an answer under the chat's other address is the same message") {
  Awaiting account;
  account.receive("A1", {{"from", jid(kAna)}, {"sender_lid", jid(kAnaLid)}}, {Awaiting::garbage()});
  account.phone_says(Awaiting::answer("A1", text_message("by LID"), kAnaLid));
  CHECK(account.text("body", "A1") == "by LID");
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

TEST_CASE("messages between our devices and statuses are never asked of the phone") {
  Awaiting account;
  CHECK(
      account.receive("P1", {{"from", jid(kOwnPhone)}, {"category", "peer"}}, {Awaiting::garbage()})
          .awaited.empty());
  CHECK(account
            .receive("S1", {{"from", jid("status@broadcast")}, {"participant", jid(kAnaLid)}},
                     {Awaiting::garbage()})
            .awaited.empty());
  CHECK(account.number("SELECT count(*) FROM messages") == 0);
}

TEST_CASE("a message that comes without content is awaited from the phone alone") {
  Awaiting account;
  const Outcome outcome = account.from_ana("A1", Node("unavailable", {{"type", "view_once"}}));
  REQUIRE(outcome.answers.size() == 1);
  CHECK(outcome.answers[0].tag == "ack");
  CHECK(outcome.awaited.size() == 1);
  CHECK(account.text("type", "A1") == "undecryptable");
  SUBCASE("but not a channel's post") {
    CHECK(account.receive("N1", {{"from", jid("120363@newsletter")}}, {Node("plaintext")})
              .awaited.empty());
    CHECK(account.number("SELECT count(*) FROM messages") == 1);
  }
}

TEST_CASE("history brings it as well") {
  Awaiting account;
  account.fails("A1");
  Transaction transaction(account.db, "test");
  InboxWriter inbox(account.db);
  inbox.put_message({.key = {.id = "A1", .remote_jid = std::string(kAna)},
                     .chat = jid(kAna),
                     .sent_at = {1'700'000'000},
                     .body = "from history"});
  inbox.flush();
  transaction.commit();
  CHECK(account.text("body", "A1") == "from history");
  CHECK(account.text("source", "A1") == "1");  // its first source
  CHECK(count_undecryptable(account.db).recovered == 1);
  // Then the phone is not asked any more.
  CHECK_FALSE(AwaitedMessages(account.db).to_request(1, UnixSeconds::now()));
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

TEST_CASE("the phone is asked three times, for two weeks") {
  Awaiting account;
  account.fails("A1");
  account.phone_says({});  // a session with the phone
  const UnixSeconds now = UnixSeconds::now();
  AwaitedMessages awaited(account.db);
  for (int i = 0; i < 3; ++i) {
    const auto rows = awaited.to_request(now);
    REQUIRE(rows.size() == 1);
    Transaction transaction(account.db, "test");
    CHECK(placeholder_request(account.store, account.device, {*awaited.to_request(rows[0], now)},
                              now));
    transaction.commit();
  }
  CHECK(awaited.to_request(now).empty());
  account.db.execute("UPDATE awaited_messages SET requests = 0");
  const UnixSeconds later{now.value + 14 * 86'400};
  CHECK(awaited.to_request(later).empty());
  const Undecryptable count = count_undecryptable(account.db, later);
  CHECK(count.waiting == 0);
  CHECK(count.lost == 1);
}

}  // namespace awaited_messages_test
