#include "session/receive/message_stanza.h"

#include "base/error.h"
#include "inbox/history_queue.h"
#include "inbox/queries.h"
#include "proto/lid_migration.pb.h"
#include "proto/peer_message.pb.h"
#include "unit/session/receive/receiving.h"

namespace message_stanza_test {

using namespace wasync;
using namespace wasync::test;

namespace {

using Outcome = StanzaOutcome;

}  // namespace

TEST_CASE("a message is stored, then receipted") {
  Receiving account;
  const Outcome outcome = account.from_ana("3A01", {account.ana.enc(text_message("Salut"))});
  CHECK(outcome.stored);
  CHECK(only_answer(outcome).tag == "receipt");
  CHECK(only_answer(outcome).text("type") == "inactive");
  Database other(account.file);  // another connection sees only what is committed
  CHECK(list_threads(other).at(0).last_message == "Salut");
  CHECK(list_threads(other).at(0).name == "Ana");
}

TEST_CASE("without a commit nothing is answered, and the redelivered message decrypts") {
  Receiving account;
  account.from_ana("3A01", {account.ana.enc(text_message("first"))});
  const Node second = account.ana.enc(text_message("second"));
  const std::string before = account.signal_state();
  SUBCASE("the rows cannot be written") {
    account.db.execute(
        "CREATE TRIGGER full BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'full'); END");
    CHECK_THROWS_AS(account.from_ana("3A02", {second}), Error);
    account.db.execute("DROP TRIGGER full");
  }
  SUBCASE("the commit itself fails") {
    account.db.execute(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
        "CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);"
        "CREATE TRIGGER orphan AFTER INSERT ON messages BEGIN INSERT INTO child VALUES (1); END");
    CHECK_THROWS_AS(account.from_ana("3A02", {second}), Error);
    account.db.execute("DROP TRIGGER orphan");
  }
  CHECK(account.signal_state() == before);
  CHECK(account.messages() == 1);
  const Outcome again = account.from_ana("3A02", {second});
  CHECK(again.stored);
  CHECK(only_answer(again).tag == "receipt");
  CHECK(account.body_of("3A02") == "second");
}

TEST_CASE("a message that was decrypted before is receipted again and not stored twice") {
  Receiving account;
  const Node enc = account.ana.enc(text_message("once"));
  account.from_ana("3A01", {enc});
  const Outcome again = account.from_ana("3A01", {enc});
  CHECK(only_answer(again).tag == "receipt");
  CHECK_FALSE(again.stored);
  CHECK(account.messages() == 1);
  CHECK(account.receiver.counts.undecryptable == 0);
}

TEST_CASE("a message without content or addresses is acked") {
  Receiving account;
  CHECK(only_answer(account.from_ana("3A01", {Node("unavailable", {{"type", "view_once"}})})).tag ==
        "ack");
  const Outcome nameless = account.receiver.receive(Node("message", {{"id", "3A02"}}));
  CHECK(only_answer(nameless).text("error") == "487");
  CHECK(account.receiver.counts.malformed == 1);
}

TEST_CASE("a message that says no time gets one, and a thread that sorts by it") {
  Receiving account;
  Node stanza = message_stanza("3A01", {{"from", jid(kAna)}}, {account.ana.enc(text_message("x"))});
  std::erase_if(stanza.attributes, [](const auto& each) { return each.first == "t"; });
  CHECK(account.receiver.receive(stanza).stored);
  CHECK(account.number("SELECT count(*) FROM threads WHERE last_message_at > 0") == 1);
}

TEST_CASE("statuses are receipted and no conversation") {
  Receiving account;
  const Jid status = jid("status@broadcast");
  for (const std::string_view author : {kAnaLid, kOwnLid}) {
    Writer& writer = author == kOwnLid ? account.phone : account.ana;
    const Outcome outcome = account.receiver.receive(message_stanza(
        "3A0" + std::to_string(author.size()), {{"from", status}, {"participant", jid(author)}},
        {writer.enc(writer.sender_key(status)), writer.group_enc(status, text_message("status"))}));
    CHECK_FALSE(outcome.stored);
    CHECK(only_answer(outcome).text("type") == (author == kOwnLid ? "sender" : "inactive"));
  }
  CHECK(account.number("SELECT count(*) FROM threads") == 0);
}

TEST_CASE("our phone's history notifications are queued once, and receipted each time") {
  Receiving account;
  const Outcome outcome = account.from_phone("H1", {account.phone.enc(history_notification())});
  CHECK(outcome.history_queued);
  CHECK_FALSE(outcome.stored);
  CHECK(only_answer(outcome).text("type") == "peer_msg");
  const auto item = HistoryQueue(account.db).next(UnixSeconds::now());
  REQUIRE(item);
  CHECK(item->type == pb::HISTORY_SYNC_RECENT);
  CHECK(item->chunk_order == 2);
  CHECK(item->progress == 40);
  CHECK(item->message_id == "H1");

  const Outcome again = account.from_phone("H2", {account.phone.enc(history_notification())});
  CHECK_FALSE(again.history_queued);
  CHECK(only_answer(again).text("type") == "peer_msg");
  CHECK(HistoryQueue(account.db).counts().waiting == 1);
}

TEST_CASE("what only our phone may send is dropped and counted from anybody else") {
  Receiving account;
  pb::Message content = history_notification();
  SUBCASE("history") {}
  SUBCASE("app state keys") {
    content.Clear();
    auto& key = *content.mutable_protocol_message()->mutable_app_state_sync_key_share()->add_keys();
    key.mutable_key_id()->set_key_id("a key id");
    key.mutable_key_data()->set_key_data(std::string(32, 'k'));
  }
  SUBCASE("address mappings") {
    content.Clear();
    pb::LidMigrationMappingSyncPayload payload;
    auto& mapping = *payload.add_pn_to_lid_mappings();
    mapping.set_pn(40722000000);
    mapping.set_assigned_lid(555);
    content.mutable_protocol_message()
        ->mutable_lid_migration_mapping_sync_message()
        ->set_encoded_mapping_payload(payload.SerializeAsString());
  }
  SUBCASE("answers to requests") {
    content.Clear();
    content.mutable_protocol_message()->mutable_peer_data_operation_request_response_message();
  }
  Writer companion(account);
  account.from_ana("A1", {account.ana.enc(content)});
  account.receiver.receive(message_stanza("A2", {{"from", jid(kAna)}, {"category", "peer"}},
                                          {account.ana.enc(content)}));
  // Another computer linked to our account is not the phone either.
  account.receiver.receive(message_stanza("A3", {{"from", jid("9001:4@lid")}, {"category", "peer"}},
                                          {companion.enc(content)}));
  CHECK(account.receiver.counts.spoofed == 3);
  CHECK(account.receiver.counts.undecryptable == 0);
  CHECK(HistoryQueue(account.db).counts().waiting == 0);
  CHECK(account.number("SELECT count(*) FROM lid_mappings") == 0);
  CHECK(account.number("SELECT count(*) FROM app_state_keys") == 0);
}

TEST_CASE("keys of app state that our phone shares are kept") {
  Receiving account;
  pb::Message content;
  auto& share = *content.mutable_protocol_message()->mutable_app_state_sync_key_share();
  SUBCASE("") {
    share.add_keys()->mutable_key_id()->set_key_id("a key id");
    share.mutable_keys(0)->mutable_key_data()->set_key_data(std::string(32, 'k'));
    const Outcome outcome = account.from_phone("K1", {account.phone.enc(content)});
    CHECK(outcome.app_state_news);
    CHECK_FALSE(outcome.stored);
    CHECK(only_answer(outcome).text("type") == "peer_msg");
    CHECK(account.number("SELECT count(*) FROM app_state_keys WHERE data IS NOT NULL") == 1);
    CHECK_FALSE(account.from_phone("K1", {account.phone.enc({})}).app_state_news);
  }
  SUBCASE("unless there are none in it") {
    share.add_keys();
    const Outcome outcome = account.from_phone("K1", {account.phone.enc(content)});
    CHECK_FALSE(outcome.app_state_news);
    CHECK(only_answer(outcome).text("type") == "peer_msg");
  }
}

TEST_CASE("our LID cannot be claimed for somebody else") {
  Receiving account;
  account.from_phone("H1", {account.phone.enc(history_notification("one"))});
  const std::string before = account.signal_state();
  const Node greeting = account.ana.enc(text_message("hi"));
  account.receiver.receive(
      message_stanza("A1", {{"from", jid(kAna)}, {"sender_lid", jid(kOwnLid)}}, {greeting}));
  CHECK(account.signal_state().find(before.substr(0, 200)) != std::string::npos);
  CHECK(account.number("SELECT count(*) FROM lid_mappings WHERE lid = '9001@lid'") == 0);
  CHECK(account.from_phone("H2", {account.phone.enc(history_notification("two"))}).history_queued);
}

TEST_CASE("an address mapping of our own phone is learned") {
  Receiving account;
  pb::LidMigrationMappingSyncPayload payload;
  auto& mapping = *payload.add_pn_to_lid_mappings();
  mapping.set_pn(40722000000);
  mapping.set_assigned_lid(555);
  pb::Message content;
  content.mutable_protocol_message()
      ->mutable_lid_migration_mapping_sync_message()
      ->set_encoded_mapping_payload(payload.SerializeAsString());
  account.from_phone("M1", {account.phone.enc(content)});
  CHECK(lid_for_phone(account.db, jid(kAna)) == jid(kAnaLid));
}

TEST_CASE("what our phone wrote is ours, in the recipient's chat") {
  Receiving account;
  pb::Message copy;
  copy.mutable_device_sent_message()->set_destination_jid(std::string(kAna));
  *copy.mutable_device_sent_message()->mutable_message() = text_message("eu");
  const Outcome outcome = account.receiver.receive(message_stanza(
      "3A01", {{"from", jid(kOwnPhone)}, {"recipient", jid(kAna)}}, {account.phone.enc(copy)}));
  CHECK(outcome.stored);
  CHECK(only_answer(outcome).text("type") == "sender");
  CHECK(only_answer(outcome).jid("recipient") == jid(kAna));
  CHECK(account.number("SELECT from_me FROM messages") == 1);
}

TEST_CASE("a revocation by its author reaches the message, by a stranger it does not") {
  Receiving account;
  account.from_ana("A1", {account.ana.enc(text_message("regretted"))});
  pb::Message revoke;
  auto& protocol = *revoke.mutable_protocol_message();
  protocol.set_type(pb::ProtocolMessage::PROTOCOL_REVOKE);
  protocol.mutable_key()->set_id("A1");
  protocol.mutable_key()->set_from_me(true);  // from her point of view
  protocol.mutable_key()->set_remote_jid(std::string(kOwnPhone));
  const auto deleted = [&] { return account.number("SELECT count(deleted_at) FROM messages"); };
  SUBCASE("by her") {
    account.from_ana("A2", {account.ana.enc(revoke)});
    CHECK(deleted() == 1);
  }
  SUBCASE("of what we wrote") {
    pb::Message copy;
    *copy.mutable_device_sent_message()->mutable_message() = text_message("ours");
    account.receiver.receive(message_stanza(
        "O1", {{"from", jid(kOwnPhone)}, {"recipient", jid(kAna)}}, {account.phone.enc(copy)}));
    protocol.mutable_key()->set_id("O1");
    protocol.mutable_key()->set_from_me(false);
    account.from_ana("A2", {account.ana.enc(revoke)});
    CHECK(deleted() == 0);
  }
}

TEST_CASE("through a broadcast list it comes into the chat of two") {
  Receiving account;
  const Jid list = jid("40711@broadcast");
  const auto through_list = [&](std::string id, std::vector<Node> parts,
                                std::string_view from = kAnaLid) {
    Node stanza = message_stanza(std::move(id),
                                 {{"from", list}, {"participant", jid(from)}, {"notify", "Ana"}},
                                 std::move(parts));
    if (from == kAnaLid) stanza.set("participant_pn", jid(kAna));
    return account.receiver.receive(stanza);
  };
  SUBCASE("hers") {
    const Outcome outcome = through_list("B1", {account.ana.enc(text_message("promo"))});
    CHECK(only_answer(outcome).tag == "receipt");
    CHECK(only_answer(outcome).jid("to") == list);
    CHECK(only_answer(outcome).jid("participant") == jid(kAnaLid));
    REQUIRE(list_threads(account.db).size() == 1);
    const ThreadListing thread = list_threads(account.db).at(0);
    CHECK(thread.last_message == "promo");
    CHECK(thread.unread == 1);
    CHECK(thread.thread.jid() == jid(kAna));
    CHECK(account.number("SELECT count(*) FROM messages WHERE key_remote_jid = '40711@broadcast'"
                         " AND key_participant = '555@lid'") == 1);
  }
  SUBCASE("what is done to it") {
    through_list("B1", {account.ana.enc(text_message("promo"))});
    pb::Message revoke;
    auto& protocol = *revoke.mutable_protocol_message();
    protocol.set_type(pb::ProtocolMessage::PROTOCOL_REVOKE);
    protocol.mutable_key()->set_id("B1");
    protocol.mutable_key()->set_from_me(true);
    protocol.mutable_key()->set_remote_jid(list.to_string());
    through_list("B2", {account.ana.enc(revoke)});
    CHECK(account.number("SELECT count(deleted_at) FROM messages") == 1);
  }
  SUBCASE("that did not decrypt at first, it is asked for in that chat") {
    CHECK(asks_again(through_list("B1", {Node("enc", {{"type", "msg"}}, Bytes(60, 5))})));
    CHECK(account.number("SELECT count(*) FROM awaited_messages WHERE chat = '555@lid'") == 1);
    through_list("B1", {account.ana.enc(text_message("promo"))});
    CHECK(account.body_of("B1") == "promo");
  }
  SUBCASE("ours, into the chat with each recipient") {
    Node stanza = message_stanza("B1", {{"from", list}, {"participant", jid(kOwnPhone)}},
                                 {account.phone.enc(text_message("ofertă"))});
    std::vector<Node> parts(stanza.children().begin(), stanza.children().end());
    parts.emplace_back(
        "participants", Node::Attributes{},
        std::vector<Node>{Node("to", {{"jid", jid(kAna)}, {"peer_recipient_lid", jid(kAnaLid)}}),
                          Node("to", {{"jid", jid("40733000000@s.whatsapp.net")}})});
    stanza.content = std::move(parts);
    CHECK(only_answer(account.receiver.receive(stanza)).text("type") == "sender");
    CHECK(list_threads(account.db).size() == 2);
    CHECK(account.number("SELECT count(*) FROM messages WHERE from_me AND body = 'ofertă'") == 2);
    CHECK(account.number("SELECT count(*) FROM threads WHERE jid LIKE '%@broadcast'") == 0);
  }
}

TEST_CASE("channels make no conversation") {
  Receiving account;
  const Outcome outcome = account.receiver.receive(
      message_stanza("N1", {{"from", jid("120363@newsletter")}, {"server_id", std::string("7")}},
                     {Node("plaintext", {}, to_bytes(text_message("news").SerializeAsString()))}));
  CHECK(only_answer(outcome).tag == "ack");
  CHECK_FALSE(only_answer(outcome).has("error"));
  CHECK(account.number("SELECT count(*) FROM threads") == 0);
}

TEST_CASE("a bot's answer is shown once, whatever it takes to write it") {
  Receiving account;
  const auto says = [&](std::string id, std::string_view edit, std::string_view target) {
    Node bot("bot", {{"edit", std::string(edit)}});
    if (!target.empty()) bot.set("edit_target_id", std::string(target));
    return account.receiver.receive(
        message_stanza(std::move(id), {{"from", jid("867051314767696@bot")}, {"notify", "Meta AI"}},
                       {std::move(bot), Node("meta", {{"target_chat_jid", jid(kAna)}}),
                        Node("enc", {{"type", "msmsg"}, {"v", "2"}}, Bytes(40, 7))}));
  };
  for (int delivery = 0; delivery < 3; ++delivery) {
    for (const Outcome& outcome :
         {says("M1", "first", ""), says("M2", "inner", "M1"), says("M3", "last", "M1")}) {
      CHECK(only_answer(outcome).tag == "ack");
      CHECK_FALSE(only_answer(outcome).has("error"));
    }
  }
  CHECK(account.messages() == 1);
  CHECK(account.body_of("M1") == "Answer of a bot, shown on the phone only");
  CHECK(account.receiver.counts.undecryptable == 0);
}

TEST_CASE("an admin's revocation is one that the server calls so, in a group") {
  Receiving account;
  Writer dan(account);
  const Jid group = jid(kGroup);
  const auto in_group = [&](std::string id, std::string_view from, Writer& writer,
                            const pb::Message& content, Node::Attributes more = {}) {
    Node stanza = message_stanza(std::move(id), {{"from", group}, {"participant", jid(from)}},
                                 {writer.enc(content)});
    for (auto& [key, value] : more) stanza.set(key, std::move(value));
    return account.receiver.receive(stanza);
  };
  const auto revocation = [&](const std::string& id, std::string_view author) {
    pb::Message revoke;
    auto& protocol = *revoke.mutable_protocol_message();
    protocol.set_type(pb::ProtocolMessage::PROTOCOL_REVOKE);
    protocol.mutable_key()->set_id(id);
    protocol.mutable_key()->set_remote_jid(kGroup);
    protocol.mutable_key()->set_participant(std::string(author));
    return revoke;
  };
  const auto deleted = [&] { return account.number("SELECT count(deleted_at) FROM messages"); };
  constexpr std::string_view kDan = "777@lid";
  in_group("G1", kAnaLid, account.ana, text_message("an advertisement"));
  in_group("G2", kOwnLid, account.phone, text_message("ours"));
  SUBCASE("hers") {
    in_group("G3", kDan, dan, revocation("G1", kAnaLid), {{"edit", std::string("8")}});
    CHECK(deleted() == 1);
    CHECK(account.number("SELECT count(*) FROM messages WHERE body = 'an advertisement'") == 0);
    CHECK(account.number("SELECT count(*) FROM threads WHERE last_text = '[deleted]'") == 1);
  }
  SUBCASE("ours") {
    in_group("G3", kDan, dan, revocation("G2", kOwnLid), {{"edit", std::string("8")}});
    CHECK(deleted() == 1);
  }
  SUBCASE("it comes before the message") {
    in_group("G3", kDan, dan, revocation("G4", kAnaLid), {{"edit", std::string("8")}});
    in_group("G4", kAnaLid, account.ana, text_message("another one"));
    CHECK(deleted() == 1);
  }
  SUBCASE("without the server's word it is refused") {
    in_group("G3", kDan, dan, revocation("G1", kAnaLid));
    in_group("G5", kDan, dan, revocation("G1", kAnaLid), {{"edit", std::string("7")}});
    CHECK(deleted() == 0);
  }
  SUBCASE("there are no admins in a chat of two") {
    account.from_phone("O1", {account.phone.enc(text_message("to her"))},
                       {{"recipient", jid(kAna)}, {"category", std::string()}});
    pb::Message revoke = revocation("O1", kOwnLid);
    revoke.mutable_protocol_message()->mutable_key()->set_remote_jid(std::string(kOwnPhone));
    account.receiver.receive(message_stanza("A2", {{"from", jid(kAna)}, {"edit", std::string("8")}},
                                            {account.ana.enc(revoke)}));
    CHECK(deleted() == 0);
  }
}

}  // namespace message_stanza_test
