#include "history/sealed_content.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "base/crypto.h"
#include "history/content.h"
#include "history/web_message.h"
#include "inbox/answers.h"
#include "inbox/ids.h"
#include "inbox/queries.h"
#include "inbox/store.h"
#include "proto/message.pb.h"
#include "proto/message_add_on.pb.h"
#include "proto/web_message.pb.h"
#include "unit/history/synthetic.h"

namespace sealed_content_test {

using namespace wasync;
using synthetic::kDay0;
using synthetic::kOwn;

namespace {

constexpr UnixSeconds kNow{kDay0 + 1000};
const std::string kAna = "40711111111@s.whatsapp.net";
const std::string kAnaLid = "777@lid";
const std::string kDan = "40722222222@s.whatsapp.net";
const std::string kGroup = "120363000000000001@g.us";
const Bytes kSecret(32, 0x5A);

Jid jid(const std::string& text) {
  return *Jid::parse(text);
}

// As the sender's client does it.
struct Parties {
  std::string id;
  std::string author;
  std::string sender;
};

template <typename Sealed>
void seal(Sealed& into, const Parties& parties, const std::string& use_case,
          const std::string& plaintext, const Bytes& secret = kSecret) {
  const Bytes iv(12, 3);
  const Bytes key = hkdf_sha256(
      secret, {}, as_bytes(parties.id + parties.author + parties.sender + use_case), 32);
  std::string bound;
  if (use_case == "Poll Vote" || use_case == "Event Response") {
    bound = parties.id + '\0' + parties.sender;
  }
  into.set_enc_payload(to_string(aes_gcm_encrypt(key, iv, as_bytes(plaintext), as_bytes(bound))));
  into.set_enc_iv(to_string(iv));
}

std::string edit_to(const std::string& text) {
  pb::Message message;
  auto& protocol = *message.mutable_protocol_message();
  protocol.set_type(pb::ProtocolMessage::PROTOCOL_MESSAGE_EDIT);
  protocol.mutable_key()->set_id("whatever");
  protocol.mutable_edited_message()->set_conversation(text);
  return message.SerializeAsString();
}

pb::Message sealed_edit(const Parties& parties, const std::string& text,
                        const Bytes& secret = kSecret) {
  pb::Message message;
  auto& sealed = *message.mutable_secret_encrypted();
  sealed.mutable_target_message_key()->set_id(parties.id);
  sealed.mutable_target_message_key()->set_from_me(true);
  sealed.set_secret_enc_type(pb::SecretEncryptedMessage::SECRET_ENC_MESSAGE_EDIT);
  seal(sealed, parties, "Message Edit", edit_to(text), secret);
  return message;
}

pb::Message text(const std::string& body, const Bytes& secret = kSecret) {
  pb::Message message;
  message.set_conversation(body);
  if (!secret.empty())
    message.mutable_message_context_info()->set_message_secret(to_string(secret));
  return message;
}

pb::Message poll(const std::string& name = "When?") {
  pb::Message message = text("");
  message.clear_conversation();
  auto& created = *message.mutable_poll_creation_v3();
  created.set_name(name);
  created.add_options()->set_option_name("12:00");
  created.add_options()->set_option_name("14:00");
  return message;
}

pb::Message sealed_vote(const Parties& parties, const std::string& option) {
  pb::Message message;
  auto& update = *message.mutable_poll_update();
  update.mutable_poll_creation_message_key()->set_id(parties.id);
  update.mutable_poll_creation_message_key()->set_participant(parties.author);
  pb::PollVoteMessage vote;
  vote.add_selected_options(to_string(sha256(as_bytes(option))));
  seal(*update.mutable_vote(), parties, "Poll Vote", vote.SerializeAsString());
  return message;
}

// An account, and messages as they come: through the mapping of history, which live messages share.
struct Inbox {
  synthetic::AccountFile file;
  AccountId account = account_id_for("+40700000001");

  void write(const std::function<void(InboxWriter&)>& work) {
    Transaction transaction(file.database(), "test");
    InboxWriter inbox(file.database(), kNow);
    work(inbox);
    open_kept(inbox);
    inbox.flush();
    transaction.commit();
  }

  void take(const pb::WebMessageInfo& info, const std::string& chat) {
    const Jid address = jid(chat);
    const MessageContext context{.own = kOwn, .chat = address, .now = kNow};
    HistoryEntry entry = read_web_message(info, context);
    write([&](InboxWriter& inbox) {
      if (Message* message = std::get_if<Message>(&entry)) inbox.put_message(*message);
      if (Sealed* sealed = std::get_if<Sealed>(&entry)) store_sealed(*sealed, inbox);
      for (const Sealed& sealed : sealed_beside(info, context)) store_sealed(sealed, inbox);
    });
  }

  static pb::WebMessageInfo info(const std::string& chat, const std::string& by,
                                 const std::string& id, const pb::Message& message) {
    pb::WebMessageInfo info;
    info.mutable_key()->set_id(id);
    info.mutable_key()->set_remote_jid(chat);
    info.mutable_key()->set_from_me(by.empty());
    if (chat == kGroup && !by.empty()) info.set_participant(by);
    info.set_message_timestamp(static_cast<std::uint64_t>(kDay0));
    *info.mutable_message() = message;
    return info;
  }
  void direct(const std::string& by, const std::string& id, const pb::Message& message) {
    take(info(by.empty() ? kAna : by, by, id, message), by.empty() ? kAna : by);
  }
  void in_group(const std::string& by, const std::string& id, const pb::Message& message) {
    take(info(kGroup, by, id, message), kGroup);
  }

  std::vector<StoredMessage> messages(const std::string& chat) {
    return thread_messages(file.database(), thread_id_for(account, jid(chat)));
  }
  std::string body(const std::string& chat) {
    return messages(chat).at(0).message.body.value_or("");
  }
  // "kind:why:count" of each.
  std::string unopened() {
    std::string out;
    for (const UnopenedCount& each : unopened_counts(file.database())) {
      out += (out.empty() ? "" : " ") + std::string(name(each.kind)) + ":" +
             std::string(name(each.why)) + ":" + std::to_string(each.count);
    }
    return out;
  }
};

}  // namespace

TEST_CASE("a sealed edit changes the text as a plain one does") {
  Inbox inbox;
  inbox.direct(kAna, "A1", text("old"));
  inbox.direct(kAna, "A2", sealed_edit({"A1", kAna, kAna}, "new"));
  const auto messages = inbox.messages(kAna);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].message.body == "new");
  CHECK(messages[0].original_body == "old");
  CHECK(messages[0].message.edited_at.known());
  CHECK(inbox.file.text("SELECT last_text FROM threads") == "new");
  CHECK(inbox.unopened().empty());
}

TEST_CASE("author and editor may each be written by LID or by phone number") {
  for (const std::string& author : {kAna, kAnaLid}) {
    for (const std::string& editor : {kAna, kAnaLid}) {
      for (const std::string& chat : {kAna, kAnaLid}) {
        Inbox inbox;
        inbox.write([](InboxWriter& writer) {
          writer.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)});
        });
        inbox.direct(chat, "A1", text("old"));
        inbox.direct(chat, "A2", sealed_edit({"A1", author, editor}, "new"));
        CHECK(inbox.body(kAna) == "new");
      }
    }
  }
}

TEST_CASE("what we edit on our phone opens under either of our addresses") {
  for (const Jid& own : {kOwn.phone, kOwn.lid}) {
    Inbox inbox;
    inbox.direct("", "A1", text("old"));
    inbox.direct("", "A2", sealed_edit({"A1", own.to_string(), own.to_string()}, "new"));
    CHECK(inbox.body(kAna) == "new");
  }
}

TEST_CASE("history tells the secret in the message's envelope, too") {
  Inbox inbox;
  pb::WebMessageInfo info = Inbox::info(kAna, kAna, "A1", text("old", {}));
  info.set_message_secret(to_string(kSecret));
  inbox.take(info, kAna);
  inbox.direct(kAna, "A2", sealed_edit({"A1", kAna, kAna}, "new"));
  CHECK(inbox.body(kAna) == "new");
}

TEST_CASE("a secret lies at whatever level of the envelopes") {
  pb::Message wrapped;
  *wrapped.mutable_ephemeral_message()->mutable_message() = text("inner");
  CHECK(std::get<Content>(meaning_of(wrapped)).secret == kSecret);
  pb::Message outer;
  *outer.mutable_device_sent_message()->mutable_message() = text("inner", {});
  outer.mutable_message_context_info()->set_message_secret(to_string(kSecret));
  CHECK(std::get<Content>(meaning_of(outer)).secret == kSecret);
}

TEST_CASE("an edit by somebody else changes nothing and is counted") {
  Inbox inbox;
  inbox.in_group(kAna, "A1", text("old"));
  inbox.in_group(kDan, "A2", sealed_edit({"A1", kAna, kDan}, "forged"));
  CHECK(inbox.body(kGroup) == "old");
  CHECK(inbox.unopened() == "edit:not_allowed:1");
  inbox.in_group(kDan, "A3", sealed_edit({"A1", kDan, kDan}, "forged"));
  CHECK(inbox.body(kGroup) == "old");
  CHECK(inbox.unopened() == "edit:wrong_key:1 edit:not_allowed:1");
}

TEST_CASE("an edit with another secret, or of a message without one, changes nothing, counted") {
  Inbox inbox;
  inbox.direct(kAna, "A1", text("old"));
  inbox.direct(kAna, "A2", sealed_edit({"A1", kAna, kAna}, "new", Bytes(32, 1)));
  CHECK(inbox.body(kAna) == "old");
  CHECK(inbox.unopened() == "edit:wrong_key:1");
  // Told once more, it counts once.
  inbox.direct(kAna, "A2", sealed_edit({"A1", kAna, kAna}, "new", Bytes(32, 1)));
  CHECK(inbox.unopened() == "edit:wrong_key:1");

  Inbox other;
  other.direct(kAna, "A1", text("old", {}));
  other.direct(kAna, "A2", sealed_edit({"A1", kAna, kAna}, "new"));
  CHECK(other.body(kAna) == "old");
  CHECK(other.unopened() == "edit:no_secret:1");
  // The phone tells the message again, with its secret.
  other.direct(kAna, "A1", text("old"));
  CHECK(other.body(kAna) == "new");
  CHECK(other.unopened().empty());
}

TEST_CASE("an edit that comes before its message waits for it") {
  Inbox inbox;
  inbox.direct(kAna, "A2", sealed_edit({"A1", kAna, kAna}, "new"));
  CHECK(inbox.unopened() == "edit:no_message:1");
  inbox.direct(kAna, "A1", text("old"));
  CHECK(inbox.body(kAna) == "new");
  CHECK(inbox.messages(kAna).at(0).original_body == "old");
  CHECK(inbox.unopened().empty());
  CHECK(inbox.file.count("sealed") == 0);
}

TEST_CASE("malformed things are counted under their names") {
  Inbox inbox;
  inbox.direct(kAna, "A1", text("old"));
  pb::Message short_iv = sealed_edit({"A1", kAna, kAna}, "new");
  short_iv.mutable_secret_encrypted()->set_enc_iv("short");
  inbox.direct(kAna, "A2", short_iv);
  pb::Message nonsense;
  nonsense.mutable_secret_encrypted()->mutable_target_message_key()->set_id("A1");
  nonsense.mutable_secret_encrypted()->set_secret_enc_type(
      pb::SecretEncryptedMessage::SECRET_ENC_MESSAGE_EDIT);
  seal(*nonsense.mutable_secret_encrypted(), {"A1", kAna, kAna}, "Message Edit", "\xFF\xFF\xFF");
  inbox.direct(kAna, "A3", nonsense);
  pb::Message scheduled = sealed_edit({"A1", kAna, kAna}, "new");
  scheduled.mutable_secret_encrypted()->set_secret_enc_type(
      pb::SecretEncryptedMessage::SECRET_ENC_MESSAGE_SCHEDULE);
  inbox.direct(kAna, "A4", scheduled);
  CHECK(inbox.body(kAna) == "old");
  CHECK(inbox.unopened() == "edit:malformed:2 other:malformed:1");
}

TEST_CASE("what is sealed for a deleted message is gone with it") {
  Inbox inbox;
  inbox.direct(kAna, "A1", text("old", {}));
  inbox.direct(kAna, "A2", sealed_edit({"A1", kAna, kAna}, "new"));
  inbox.write([](InboxWriter& writer) {
    writer.put_revoke(
        {.chat = jid(kAna), .target = {.id = "A1"}, .by = jid(kAna), .at = {kDay0 + 5}});
  });
  CHECK(inbox.unopened().empty());
  CHECK(inbox.file.count("sealed") == 0);
  inbox.direct(kAna, "A3", sealed_edit({"A1", kAna, kAna}, "newer"));
  CHECK(inbox.unopened().empty());
  CHECK(inbox.body(kAna).empty());
}

TEST_CASE("a sealed reaction stands on its message") {
  Inbox inbox;
  inbox.in_group(kAna, "A1", text("news"));
  pb::ReactionMessage reaction;
  reaction.set_text("👍");
  pb::Message message;
  auto& sealed = *message.mutable_enc_reaction();
  sealed.mutable_target_message_key()->set_id("A1");
  sealed.mutable_target_message_key()->set_participant(kAna);
  seal(sealed, {"A1", kAna, kDan}, "Enc Reaction", reaction.SerializeAsString());
  inbox.in_group(kDan, "A2", message);
  const auto messages = inbox.messages(kGroup);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].message.reactions == std::map<std::string, std::string>{{kDan, "👍"}});
}

TEST_CASE("a sealed comment is a message that quotes, and something unknown until it opens") {
  pb::Message comment;
  comment.set_conversation("agreed");
  pb::Message message;
  auto& sealed = *message.mutable_enc_comment();
  sealed.mutable_target_message_key()->set_id("A1");
  sealed.mutable_target_message_key()->set_participant(kAna);
  seal(sealed, {"A1", kAna, kDan}, "Enc Comment", comment.SerializeAsString());

  Inbox inbox;
  inbox.in_group(kAna, "A1", text("news"));
  inbox.in_group(kDan, "A2", message);
  const auto check = [](Inbox& in) {
    const auto messages = in.messages(kGroup);
    REQUIRE(messages.size() == 2);
    const Message* got = nullptr;
    for (const StoredMessage& each : messages)
      if (each.id.str() == "A2") got = &each.message;
    REQUIRE(got != nullptr);
    CHECK(got->type == message_type::kText);
    CHECK(got->body == "agreed");
    CHECK_FALSE(got->unknown_field);
    REQUIRE(got->quoted);
    CHECK(got->quoted->id == "A1");
    CHECK(got->quoted->preview == "news");
    CHECK(got->sender == jid(kDan));
  };
  check(inbox);

  Inbox late;
  late.in_group(kDan, "A2", message);
  REQUIRE(late.messages(kGroup).size() == 1);
  CHECK(late.messages(kGroup)[0].message.unknown_field == 71u);
  CHECK(late.unopened() == "comment:no_message:1");
  late.in_group(kAna, "A1", text("news"));
  check(late);
  CHECK(late.unopened().empty());
}

TEST_CASE("a comment that is not sealed quotes, too") {
  pb::Message message;
  message.mutable_comment()->mutable_message()->set_conversation("agreed");
  message.mutable_comment()->mutable_target_message_key()->set_id("A1");
  const Content content = std::get<Content>(meaning_of(message));
  CHECK(content.body == "agreed");
  REQUIRE(content.quoted);
  CHECK(content.quoted->id == "A1");
}

TEST_CASE("votes are counted with their poll") {
  Inbox inbox;
  inbox.in_group(kAna, "P1", poll());
  inbox.in_group(kDan, "V1", sealed_vote({"P1", kAna, kDan}, "14:00"));
  inbox.in_group("", "V2", sealed_vote({"P1", kAna, kOwn.lid.to_string()}, "14:00"));
  const Message got = inbox.messages(kGroup).at(0).message;
  CHECK(results_of(got) == std::vector<AnswerCount>{{"12:00", 0}, {"14:00", 2}});
  CHECK(inbox.messages(kGroup).size() == 1);
}

TEST_CASE("a vote of somebody else under one's name does not open") {
  Inbox inbox;
  inbox.in_group(kAna, "P1", poll());
  inbox.in_group(kDan, "V1", sealed_vote({"P1", kAna, kAna}, "14:00"));
  CHECK(inbox.messages(kGroup).at(0).message.answers.empty());
  CHECK(inbox.unopened() == "poll_vote:wrong_key:1");
}

TEST_CASE("votes may lie beside their poll in history, open and sealed") {
  pb::WebMessageInfo info = Inbox::info(kGroup, kAna, "P1", poll());
  auto& open = *info.add_poll_updates();
  open.mutable_poll_update_message_key()->set_participant(kDan);
  open.mutable_vote()->add_selected_options(to_string(sha256(as_bytes("12:00"))));
  open.set_sender_timestamp_ms(kDay0 * 1000);
  auto& beside = *info.add_message_add_ons();
  beside.set_message_add_on_type(pb::MessageAddOn::ADD_ON_POLL_UPDATE);
  beside.mutable_message_add_on_key()->set_from_me(true);
  beside.mutable_message_add_on_key()->set_id("V2");
  *beside.mutable_message_add_on() = sealed_vote({"P1", kAna, kOwn.phone.to_string()}, "14:00");
  Inbox inbox;
  inbox.take(info, kGroup);
  CHECK(results_of(inbox.messages(kGroup).at(0).message) ==
        std::vector<AnswerCount>{{"12:00", 1}, {"14:00", 1}});
}

TEST_CASE("an option is added to a poll under either name of its use case, and openly") {
  pb::Message inside;
  inside.mutable_poll_add_option()->mutable_add_option()->set_option_name("16:00");
  for (const char* use_case : {"Poll Add Option", "Poll Edit"}) {
    pb::Message message;
    auto& sealed = *message.mutable_secret_encrypted();
    sealed.mutable_target_message_key()->set_id("P1");
    sealed.mutable_target_message_key()->set_participant(kAna);
    sealed.set_secret_enc_type(pb::SecretEncryptedMessage::SECRET_ENC_POLL_ADD_OPTION);
    seal(sealed, {"P1", kAna, kDan}, use_case, inside.SerializeAsString());
    Inbox inbox;
    inbox.in_group(kAna, "P1", poll());
    inbox.in_group(kDan, "V1", message);
    inbox.in_group(kDan, "V2", sealed_vote({"P1", kAna, kDan}, "16:00"));
    CHECK(results_of(inbox.messages(kGroup).at(0).message).back() == AnswerCount{"16:00", 1});
  }
  inside.mutable_poll_add_option()->mutable_poll_creation_message_key()->set_id("P1");
  const auto added = std::get<PollOptionFor>(meaning_of(inside));
  CHECK(added.target.id == "P1");
  CHECK(added.name == "16:00");
}

TEST_CASE("the edit of a poll replaces its question and its options") {
  pb::Message inside;
  auto& protocol = *inside.mutable_protocol_message();
  protocol.set_type(pb::ProtocolMessage::PROTOCOL_MESSAGE_EDIT);
  *protocol.mutable_edited_message() = poll("When exactly?");
  protocol.mutable_edited_message()
      ->mutable_poll_creation_v3()
      ->mutable_options(0)
      ->set_option_name("11:00");
  pb::Message message;
  auto& sealed = *message.mutable_secret_encrypted();
  sealed.mutable_target_message_key()->set_id("P1");
  sealed.set_secret_enc_type(pb::SecretEncryptedMessage::SECRET_ENC_POLL_EDIT);
  seal(sealed, {"P1", kAna, kAna}, "Poll Edit", inside.SerializeAsString());
  Inbox inbox;
  inbox.in_group(kAna, "P1", poll());
  inbox.in_group(kDan, "V1", sealed_vote({"P1", kAna, kDan}, "14:00"));
  inbox.in_group(kAna, "P2", message);
  const Message got = inbox.messages(kGroup).at(0).message;
  CHECK(got.body == "When exactly?\n- 11:00\n- 14:00");
  CHECK(results_of(got) == std::vector<AnswerCount>{{"11:00", 0}, {"14:00", 1}});
}

TEST_CASE("answers to an invitation, live and in history") {
  pb::Message event = text("");
  event.clear_conversation();
  event.mutable_event_message()->set_name("Party");
  pb::WebMessageInfo info = Inbox::info(kGroup, "", "E1", event);
  auto& open = *info.add_event_responses();
  open.mutable_event_response_message_key()->set_participant(kAna);
  open.mutable_event_response_message()->set_response(pb::EventResponseMessage::RESPONSE_MAYBE);
  Inbox inbox;
  inbox.take(info, kGroup);

  pb::EventResponseMessage answer;
  answer.set_response(pb::EventResponseMessage::RESPONSE_GOING);
  pb::Message message;
  auto& sealed = *message.mutable_enc_event_response();
  sealed.mutable_event_creation_message_key()->set_id("E1");
  sealed.mutable_event_creation_message_key()->set_participant(kOwn.lid.to_string());
  seal(sealed, {"E1", kOwn.lid.to_string(), kDan}, "Event Response", answer.SerializeAsString());
  inbox.in_group(kDan, "R1", message);
  CHECK(results_of(inbox.messages(kGroup).at(0).message) ==
        std::vector<AnswerCount>{{"going", 1}, {"maybe", 1}, {"not going", 0}});
}

TEST_CASE("media tell what it takes to fetch them") {
  pb::Message message;
  auto& image = *message.mutable_image();
  image.set_media_key(std::string(32, 'k'));
  image.set_direct_path("/v/t62/1");
  image.set_file_sha256(std::string(32, 'a'));
  image.set_file_enc_sha256(std::string(32, 'b'));
  image.set_file_length(77);
  image.set_media_key_timestamp(kDay0);
  image.set_jpeg_thumbnail("jpeg");
  const auto facts = std::get<Content>(meaning_of(message)).media_facts;
  REQUIRE(facts);
  CHECK(*facts == MediaFacts{.media_key = Bytes(32, 'k'),
                             .direct_path = "/v/t62/1",
                             .file_sha256 = Bytes(32, 'a'),
                             .file_enc_sha256 = Bytes(32, 'b'),
                             .file_length = 77,
                             .media_key_at = {kDay0},
                             .thumbnail = to_bytes("jpeg")});
}

}  // namespace sealed_content_test
