#include "session/receive/message_decryption.h"

#include "history/field_count.h"
#include "unit/session/receive/receiving.h"

namespace message_decryption_test {

using namespace wasync;
using namespace wasync::test;

namespace {

using Outcome = StanzaOutcome;

}  // namespace

TEST_CASE("a part comes to a content, and to nothing the second time") {
  Receiving account;
  const IncomingMessage message{.id = "3A01", .chat = jid(kAna), .sender = jid(kAna)};
  const Node enc = account.ana.enc(text_message("Salut"));
  StanzaGroup group(account.store, account.device);
  const DecryptedPart first = decrypt_part(message, enc, group);
  REQUIRE(first.content);
  CHECK(first.content->conversation() == "Salut");
  const DecryptedPart again = decrypt_part(message, enc, group);
  CHECK_FALSE(again.content);
  CHECK_FALSE(again.failure);
  CHECK_FALSE(again.nack);
}

TEST_CASE("what cannot be decrypted says why, and what nobody can use is refused") {
  Receiving account;
  const IncomingMessage message{.id = "3A01", .chat = jid(kAna), .sender = jid(kAna)};
  StanzaGroup group(account.store, account.device);
  const auto part = [&](const char* type, std::size_t size) {
    return decrypt_part(message, Node("enc", {{"type", type}, {"v", "2"}}, Bytes(size, 5)), group);
  };
  CHECK(part("msg", 60).failure);
  CHECK_FALSE(part("msg", 60).keys_wanted);
  CHECK(part("msmsg", 60).of_bot);
  CHECK(part("xmsg", 60).nack == Nack::kUnrecognizedStanzaType);
  CHECK(part("skmsg", 60).nack == Nack::kUnrecognizedStanzaType);  // outside a group
}

TEST_CASE("a list of a hundred thousand empty messages is refused before it is parsed") {
  Receiving account;
  const IncomingMessage message{.id = "3A01", .chat = jid(kAna), .sender = jid(kAna)};
  pb::Message content;
  for (std::size_t i = 0; i <= kMostFields; ++i) content.mutable_contacts_array()->add_contacts();
  StanzaGroup group(account.store, account.device);
  CHECK(decrypt_part(message, account.ana.enc(content), group).nack == Nack::kInvalidProtobuf);
}

TEST_CASE("a sender's key opens what comes after it") {
  Receiving account;
  const Jid group_jid = jid(kGroup);
  const IncomingMessage message{
      .id = "3A01", .chat = group_jid, .sender = jid(kAnaLid), .group = true};
  const pb::Message key = account.ana.sender_key(group_jid);
  const Node hello = account.ana.group_enc(group_jid, text_message("Salut tuturor"));
  StanzaGroup group(account.store, account.device);
  const DecryptedPart before = decrypt_part(message, hello, group);
  CHECK(before.failure == SignalFailure::kNoSession);
  CHECK(before.keys_wanted);
  take_sender_key(message, key, group);
  const DecryptedPart after = decrypt_part(message, hello, group);
  REQUIRE(after.content);
  CHECK(after.content->conversation() == "Salut tuturor");
}

TEST_CASE("a part that cannot be used does not cost another one") {
  Receiving account;
  const Node good = account.ana.enc(text_message("kept"));
  SUBCASE("garbage first") {
    const Node garbage("enc", {{"type", "msg"}, {"v", "2"}}, Bytes(40, 7));
    CHECK(asks_again(account.from_ana("3A01", {garbage, good})));
  }
  SUBCASE("garbage last") {
    const Node garbage("enc", {{"type", "pkmsg"}, {"v", "2"}}, Bytes{});
    CHECK(asks_again(account.from_ana("3A01", {good, garbage})));
  }
  SUBCASE("of an unknown kind") {
    const Node unknown("enc", {{"type", "xmsg"}, {"v", "2"}}, Bytes(40, 7));
    CHECK(only_answer(account.from_ana("3A01", {unknown, good})).text("error") == "490");
  }
  SUBCASE("an answer of a bot") {
    const Node bot("enc", {{"type", "msmsg"}, {"v", "2"}}, Bytes(40, 7));
    CHECK(only_answer(account.from_ana("3A01", {good, bot})).tag == "receipt");
  }
  SUBCASE("decrypts to what is no message") {
    const Node nonsense = account.ana.enc_bytes("\xff\xff\xff\xff");
    CHECK(only_answer(account.from_ana("3A01", {good, nonsense})).text("error") == "491");
  }
  CHECK(account.body_of("3A01") == "kept");
}

TEST_CASE("group messages need the sender's key, which comes pairwise") {
  Receiving account;
  const Jid group = jid(kGroup);
  const pb::Message key = account.ana.sender_key(group);
  const Node hello = account.ana.group_enc(group, text_message("Salut tuturor"));
  SUBCASE("together with the message") {
    const Outcome outcome = account.in_group("3A01", {account.ana.enc(key), hello});
    CHECK(outcome.stored);
    CHECK(only_answer(outcome).jid("participant") == jid(kAnaLid));
  }
  SUBCASE("it never came: ask, with our keys, since the sender may not know us") {
    const Outcome outcome = account.in_group("3A01", {hello});
    REQUIRE(asks_again(outcome));
    CHECK(outcome.answers[0].child("keys") != nullptr);
    CHECK(outcome.answers[0].jid("participant") == jid(kAnaLid));
    CHECK(account.body_of("3A01").empty());
    // The key arrives with the answer; the message as it was becomes readable.
    account.in_group("3A01", {account.ana.enc(key), hello});
  }
  SUBCASE("our own phone's comes inside its copy for us") {
    pb::Message copy;
    auto& sent = *copy.mutable_device_sent_message();
    sent.set_destination_jid(kGroup);
    *sent.mutable_message() = account.phone.sender_key(group);
    const auto by_phone = [&](std::string id, std::vector<Node> parts) {
      return account.receiver.receive(message_stanza(
          std::move(id), {{"from", group}, {"participant", jid(kOwnLid)}}, std::move(parts)));
    };
    by_phone("3A01", {account.phone.enc(copy),
                      account.phone.group_enc(group, text_message("Salut tuturor"))});
    CHECK(account.number("SELECT from_me FROM messages") == 1);
  }
  CHECK(account.body_of("3A01") == "Salut tuturor");
}

TEST_CASE("nobody takes our phone's place by another identity key") {
  Receiving account;
  Transaction transaction(account.db, "test");
  account.store.put_identity(SignalAddress::from(jid(kOwnLid)), account.phone.identity());
  transaction.commit();
  Writer impostor(account);
  const Outcome forged = account.from_phone("H1", {impostor.enc(history_notification("forged"))});
  CHECK_FALSE(forged.history_queued);
  CHECK(account.receiver.counts.undecryptable == 1);
  const Outcome genuine =
      account.from_phone("H2", {account.phone.enc(history_notification("genuine"))});
  CHECK(genuine.history_queued);
}

TEST_CASE("a message under a new identity tells that its sender's changed") {
  Receiving account;
  CHECK(account.from_ana("3A01", {account.ana.enc(text_message("a"))}).identities_changed == 0);
  CHECK_FALSE(list_threads(account.db).at(0).identity_changed_at.known());
  Writer reinstalled(account);
  const Outcome outcome = account.from_ana("3A02", {reinstalled.enc(text_message("b"))});
  CHECK(account.body_of("3A02") == "b");
  CHECK(outcome.identities_changed == 1);
  CHECK(list_threads(account.db).at(0).identity_changed_at.known());
}

TEST_CASE("the phone's identity holds under its LID also when that became known later") {
  Receiving account;
  Transaction transaction(account.db, "test");
  account.store.put_identity(SignalAddress::from(jid(kOwnPhone)), account.phone.identity());
  transaction.commit();
  Writer impostor(account);
  const Outcome forged =
      account.from_phone("H1", {impostor.enc(history_notification())}, {{"from", jid(kOwnLid)}});
  CHECK_FALSE(forged.history_queued);
}

TEST_CASE("nobody takes our phone's place under another form of its address") {
  const std::string_view form = [] {
    std::string_view chosen;
    SUBCASE("hosted") {
      chosen = "40700000001@hosted";
    }
    SUBCASE("hosted LID") {
      chosen = "9001@hosted.lid";
    }
    SUBCASE("of an agent") {
      chosen = "40700000001_3@s.whatsapp.net";
    }
    SUBCASE("of an agent, by LID") {
      chosen = "9001_2@lid";
    }
    SUBCASE("in capitals") {
      chosen = "9001@LID";
    }
    SUBCASE("a LID that was ours") {
      chosen = "8001@lid";
    }
    return chosen;
  }();
  if (form.empty()) return;
  Receiving account;
  account.is_signed_by(account.phone.identity());
  account.device.former_lids = {jid("8001@lid")};
  Writer impostor(account);
  account.from_phone("H1", {impostor.enc(text_message("it is me"))},
                     {{"from", jid(form)}, {"category", std::string()}});
  account.from_phone("H2", {impostor.enc(history_notification("forged"))}, {{"from", jid(form)}});
  CHECK(account.receiver.counts.undecryptable == 2);
  CHECK(account.body_of("H1").find("it is me") == std::string::npos);
  // Even the phone itself tells of history under its own address alone.
  account.from_phone("H3", {account.phone.enc(history_notification("misdirected"))},
                     {{"from", jid(form)}});
  CHECK(account.receiver.counts.spoofed == 1);
  CHECK(account.number("SELECT count(*) FROM history_queue") == 0);
}

TEST_CASE("a stranger's LID that the server calls ours does not make the stranger our phone") {
  Receiving account;
  account.is_signed_by(account.phone.identity());
  Writer impostor(account);
  const Jid lid = jid("666@lid");
  const auto by_lid = [&](std::string id, Node part) {
    return account.from_phone(std::move(id), {std::move(part)}, {{"from", lid}});
  };
  const Jid group = jid(kGroup);
  account.receiver.receive(message_stanza("A0", {{"from", group}, {"participant", lid}},
                                          {impostor.enc(impostor.sender_key(group))}));
  by_lid("A1", impostor.enc(text_message("as a stranger")));
  REQUIRE(account.receiver.counts.undecryptable == 0);
  SUBCASE("nothing came from the phone before") {}
  SUBCASE("the phone wrote by its number") {
    account.device.lid = {};
    account.from_phone("P1", {account.phone.enc({})});
    // As the login does.
    Transaction transaction(account.db, "test");
    account.store.move_user(SignalAddress::from(jid(kOwnPhone)).name,
                            SignalAddress::from(lid).name);
    transaction.commit();
  }
  account.device.lid = jid("666:7@lid");
  CHECK_FALSE(by_lid("H1", impostor.enc(history_notification("forged"))).history_queued);
  CHECK(account.receiver.counts.undecryptable == 1);
  account.receiver.receive(message_stanza("G1", {{"from", group}, {"participant", lid}},
                                          {impostor.group_enc(group, text_message("I am you"))}));
  CHECK(account.receiver.counts.undecryptable == 2);
  CHECK(by_lid("H2", account.phone.enc(history_notification("genuine"))).history_queued);
}

TEST_CASE("a session follows its owner from the phone number to the LID") {
  Receiving account;
  account.from_ana("A1", {account.ana.enc(text_message("by number"))});
  const auto by_lid = [&](std::string id, std::string text, Node::Attributes more) {
    Node stanza = message_stanza(std::move(id), {{"from", jid(kAnaLid)}},
                                 {account.ana.enc(text_message(text))});
    for (auto& [key, value] : more) stanza.set(key, std::move(value));
    return account.receiver.receive(stanza);
  };
  CHECK(by_lid("A2", "by LID", {{"sender_pn", jid(kAna)}}).stored);
  CHECK(by_lid("A3", "without being told again", {}).stored);
  CHECK(account.from_ana("A4", {account.ana.enc(text_message("by number again"))}).stored);
  CHECK(account.receiver.counts.undecryptable == 0);
  CHECK(account.number("SELECT count(*) FROM signal_sessions") == 1);
  CHECK(account.number("SELECT count(*) FROM threads WHERE redirect_to = ''") == 1);
  CHECK(account.messages() == 4);
}

}  // namespace message_decryption_test
