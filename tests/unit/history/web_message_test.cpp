#include "history/web_message.h"

#include <doctest/doctest.h>

#include "proto/web_message.pb.h"
#include "unit/history/synthetic.h"

namespace web_message_test {

using namespace wasync;

namespace {

constexpr const char* kAna = "40711111111@s.whatsapp.net";
constexpr const char* kGroup = "120363000000000001@g.us";

MessageContext in_chat(const char* chat) {
  return {.own = synthetic::kOwn,
          .chat = Jid::parse(chat)->bare(),
          .fallback_time = {synthetic::kDay0 - 5},
          .now = {synthetic::kDay0 + 100}};
}

pb::WebMessageInfo info_of(const std::string& id, const char* chat, bool from_me = false) {
  pb::WebMessageInfo info;
  info.mutable_key()->set_id(id);
  info.mutable_key()->set_remote_jid(chat);
  info.mutable_key()->set_from_me(from_me);
  info.mutable_message()->set_conversation("text");
  info.set_message_timestamp(synthetic::kDay0);
  return info;
}

Message message_of(const pb::WebMessageInfo& info, const char* chat = kAna) {
  HistoryEntry entry = read_web_message(info, in_chat(chat));
  REQUIRE(std::holds_alternative<Message>(entry));
  return std::get<Message>(std::move(entry));
}

}  // namespace

TEST_CASE("an inbound message of a person") {
  pb::WebMessageInfo info = info_of("A1", kAna);
  info.set_push_name("Ana");
  const Message message = message_of(info);
  CHECK(message.key ==
        MessageKey{.id = "A1", .remote_jid = kAna, .from_me = false, .participant = {}});
  CHECK(message.chat.to_string() == kAna);
  CHECK(message.sender.to_string() == kAna);
  CHECK(message.sender_name == "Ana");
  CHECK(message.sent_at.value == synthetic::kDay0);
  CHECK(message.status == DeliveryStatus::kDelivered);
  CHECK(message.direction() == Direction::kInbound);
}

TEST_CASE("our own message has no sender and never our push name") {
  pb::WebMessageInfo info = info_of("A1", kAna, true);
  info.set_push_name("Me Myself");
  info.set_status(pb::WebMessageInfo::STATUS_PLAYED);
  const Message message = message_of(info);
  CHECK(message.sender.empty());
  CHECK(message.sender_name.empty());
  CHECK(message.status == DeliveryStatus::kRead);
  info.clear_status();
  CHECK(message_of(info).status == DeliveryStatus::kSent);
  info.set_status(pb::WebMessageInfo::STATUS_ERROR);
  CHECK(message_of(info).status == DeliveryStatus::kError);
}

TEST_CASE("the author in a group stands in either of two places") {
  pb::WebMessageInfo info = info_of("A1", kGroup);
  info.set_participant("40711111111:5@s.whatsapp.net");
  CHECK(message_of(info, kGroup).sender.to_string() == kAna);
  // The key is kept as WhatsApp will want it back.
  CHECK(message_of(info, kGroup).key.participant == "40711111111:5@s.whatsapp.net");
  info.clear_participant();
  info.mutable_key()->set_participant(kAna);
  CHECK(message_of(info, kGroup).sender.to_string() == kAna);
  info.mutable_key()->set_participant("no\njid@\x01");
  CHECK(message_of(info, kGroup).sender.empty());
}

TEST_CASE("a missing or absurd time falls back") {
  pb::WebMessageInfo info = info_of("A1", kAna);
  info.set_message_timestamp(0);
  CHECK(message_of(info).sent_at.value == synthetic::kDay0 - 5);
  info.set_message_c2s_timestamp(synthetic::kDay0 - 9);
  CHECK(message_of(info).sent_at.value == synthetic::kDay0 - 9);
  info.set_message_timestamp(static_cast<std::uint64_t>(synthetic::kDay0) * 1000);
  CHECK(message_of(info).sent_at.value == synthetic::kDay0);
  info.clear_message_c2s_timestamp();
  info.set_message_timestamp(~std::uint64_t{0});
  CHECK(message_of(info).sent_at.value == synthetic::kDay0 - 5);

  MessageContext timeless = in_chat(kAna);
  timeless.fallback_time = {};
  CHECK(std::holds_alternative<Unusable>(read_web_message(info, timeless)));
}

TEST_CASE("without an id a message cannot be kept") {
  CHECK(std::holds_alternative<Unusable>(read_web_message(info_of("", kAna), in_chat(kAna))));
  const auto endless = info_of(std::string(10'000, 'i'), kAna);
  CHECK(std::holds_alternative<Unusable>(read_web_message(endless, in_chat(kAna))));
}

TEST_CASE("reactions beside a message are keyed by who reacted") {
  pb::WebMessageInfo info = info_of("A1", kGroup);
  info.set_participant(kAna);
  const auto react = [&](const char* participant, bool from_me, const char* text) {
    pb::Reaction& reaction = *info.add_reactions();
    reaction.mutable_key()->set_from_me(from_me);
    if (participant != nullptr) reaction.mutable_key()->set_participant(participant);
    reaction.set_text(text);
  };
  react(kAna, false, "a");
  react(nullptr, true, "b");
  react("40733333333:2@s.whatsapp.net", false, "c");
  react("40744444444@s.whatsapp.net", false, "");  // taken back
  react(nullptr, false, "d");                      // by nobody
  CHECK(message_of(info, kGroup).reactions ==
        std::map<std::string, std::string>{{kAna, "a"},
                                           {synthetic::kOwn.phone.to_string(), "b"},
                                           {"40733333333@s.whatsapp.net", "c"}});
}

TEST_CASE("reactions may come as add-ons") {
  pb::WebMessageInfo info = info_of("A1", kAna);
  pb::MessageAddOn& add_on = *info.add_message_add_ons();
  add_on.mutable_message_add_on()->mutable_reaction()->set_text("a");
  info.add_message_add_ons()->set_message_add_on_type(pb::MessageAddOn::ADD_ON_POLL_UPDATE);
  CHECK(message_of(info).reactions == std::map<std::string, std::string>{{kAna, "a"}});
}

TEST_CASE("stubs") {
  const auto stub = [](int type) {
    pb::WebMessageInfo info = info_of("A1", kAna);
    info.clear_message();
    info.set_message_stub_type(type);
    return info;
  };
  CHECK(std::holds_alternative<Notice>(read_web_message(stub(21), in_chat(kAna))));
  CHECK(std::holds_alternative<Notice>(read_web_message(stub(0), in_chat(kAna))));

  pb::WebMessageInfo revoked = stub(1);
  CHECK(message_of(revoked).deleted_at.value == synthetic::kDay0);
  CHECK_FALSE(message_of(revoked).body);
  revoked.set_revoke_message_timestamp(synthetic::kDay0 + 50);
  CHECK(message_of(revoked).deleted_at.value == synthetic::kDay0 + 50);

  CHECK(message_of(stub(132)).deleted_at.known());  // by an admin
  CHECK(message_of(stub(2)).type == "undecryptable");

  CHECK(message_of(stub(41)).type == "call");
  CHECK(message_of(stub(41)).body == "Missed video call");

  pb::WebMessageInfo business = stub(129);
  business.add_message_stub_parameters("Banca SRL");
  const HistoryEntry entry = read_web_message(business, in_chat(kAna));
  CHECK(std::get<VerifiedName>(entry).name == "Banca SRL");
  CHECK(std::get<VerifiedName>(entry).jid.to_string() == kAna);
}

TEST_CASE("an edited message lies in history under its own key") {
  pb::WebMessageInfo info = info_of("A1", kAna);
  info.clear_message();
  auto& protocol = *info.mutable_message()
                        ->mutable_edited_message()
                        ->mutable_message()
                        ->mutable_protocol_message();
  protocol.set_type(pb::ProtocolMessage::PROTOCOL_MESSAGE_EDIT);
  protocol.mutable_key()->set_id("A1");
  protocol.mutable_edited_message()->set_conversation("nou");
  protocol.set_timestamp_ms((synthetic::kDay0 + 7) * 1000);
  const Message message = message_of(info);
  CHECK(message.body == "nou");
  CHECK(message.sent_at.value == synthetic::kDay0);

  protocol.mutable_key()->set_id("OTHER");
  const HistoryEntry entry = read_web_message(info, in_chat(kAna));
  CHECK(std::get<Edit>(entry).target.id == "OTHER");
  CHECK(std::get<Edit>(entry).body == "nou");
  CHECK(std::get<Edit>(entry).by.to_string() == kAna);
}

TEST_CASE("a revocation that the phone keeps was allowed, in a group by an admin") {
  for (const char* chat : {kGroup, kAna}) {
    pb::WebMessageInfo info = info_of("A2", chat);
    info.set_participant("40733333333@s.whatsapp.net");
    info.clear_message();
    auto& protocol = *info.mutable_message()->mutable_protocol_message();
    protocol.set_type(pb::ProtocolMessage::PROTOCOL_REVOKE);
    protocol.mutable_key()->set_id("A1");
    const HistoryEntry entry = read_web_message(info, in_chat(chat));
    CHECK(std::get<Revoke>(entry).by_admin == (chat == kGroup));
  }
}

TEST_CASE("targets are seen from our side") {
  const Jid ana = *Jid::parse(kAna);
  const auto key = [](const std::string& chat, bool from_me, const std::string& participant) {
    return MessageKey{
        .id = "T", .remote_jid = chat, .from_me = from_me, .participant = participant};
  };
  const std::string own = synthetic::kOwn.phone.to_string();
  const std::string own_lid = synthetic::kOwn.lid.to_string();
  // We react: our key is already from our side.
  CHECK(from_our_view(key(kAna, true, ""), {}, synthetic::kOwn).from_me);
  CHECK_FALSE(from_our_view(key(kAna, false, ""), {}, synthetic::kOwn).from_me);
  // Ana reacts to her own message, and to ours.
  CHECK_FALSE(from_our_view(key(own, true, ""), ana, synthetic::kOwn).from_me);
  CHECK(from_our_view(key(own, true, ""), ana, synthetic::kOwn).participant == kAna);
  CHECK(from_our_view(key(own, false, ""), ana, synthetic::kOwn).from_me);
  // In a group, to ours by either address, and to somebody else's.
  CHECK(from_our_view(key(kGroup, false, own_lid), ana, synthetic::kOwn).from_me);
  CHECK_FALSE(
      from_our_view(key(kGroup, false, "407@s.whatsapp.net"), ana, synthetic::kOwn).from_me);
}

}  // namespace web_message_test
