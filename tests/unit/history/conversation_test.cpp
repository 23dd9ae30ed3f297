#include "history/conversation.h"

#include <doctest/doctest.h>

#include "proto/history_sync.pb.h"
#include "unit/history/synthetic.h"

namespace conversation_test {

using namespace wasync;

namespace {

constexpr UnixSeconds kNow{synthetic::kDay0 + 100};

pb::Conversation chat(const char* id) {
  pb::Conversation conversation;
  conversation.set_id(id);
  return conversation;
}

}  // namespace

TEST_CASE("addresses and their aliases") {
  pb::Conversation lid = chat("111@lid");
  lid.set_pn_jid("40711111111:3@s.whatsapp.net");
  CHECK(read_conversation(lid, kNow).chat.to_string() == "111@lid");
  CHECK(read_conversation(lid, kNow).phone_alias.to_string() == "40711111111@s.whatsapp.net");

  pb::Conversation phone = chat("40711111111@c.us");
  phone.set_lid_jid("111@lid");
  CHECK(read_conversation(phone, kNow).chat.to_string() == "40711111111@s.whatsapp.net");
  CHECK(read_conversation(phone, kNow).lid_alias.to_string() == "111@lid");

  phone.set_pn_jid("40722222222@s.whatsapp.net");  // another person
  CHECK(read_conversation(phone, kNow).phone_alias.empty());

  pb::Conversation group = chat("1203@g.us");
  group.set_pn_jid("40711111111@s.whatsapp.net");
  CHECK(read_conversation(group, kNow).phone_alias.empty());

  CHECK(read_conversation(chat("not a jid"), kNow).chat.empty());
  CHECK(read_conversation(chat(""), kNow).chat.empty());
}

TEST_CASE("names, times, counts and states") {
  pb::Conversation conversation = chat("40711111111@s.whatsapp.net");
  conversation.set_display_name("Ana P.");
  conversation.set_last_msg_timestamp(synthetic::kDay0);
  conversation.set_marked_as_unread(true);
  conversation.set_mute_end_time(~std::uint64_t{0});
  Conversation read = read_conversation(conversation, kNow);
  CHECK(read.name == "Ana P.");
  CHECK(read.last_activity.value == synthetic::kDay0);
  CHECK(read.unread_count == 1);
  CHECK(read.muted_until > kNow);
  CHECK_FALSE(read.history_exhausted);
  CHECK_FALSE(read.pinned);

  conversation.set_name("Ana Pop");
  conversation.set_conversation_timestamp(synthetic::kDay0 - 50);
  conversation.set_unread_count(0xffff'ffff);
  conversation.set_mute_end_time((synthetic::kDay0 + 1000) * 1000);
  conversation.set_end_of_history_transfer_type(
      pb::Conversation::END_OF_HISTORY_NO_MORE_ON_PRIMARY);
  conversation.set_pinned(synthetic::kDay0);
  conversation.set_archived(true);
  read = read_conversation(conversation, kNow);
  CHECK(read.name == "Ana Pop");
  CHECK(read.last_activity.value == synthetic::kDay0 - 50);
  CHECK(read.unread_count == 1);
  CHECK(read.muted_until.value == synthetic::kDay0 + 1000);
  CHECK(read.history_exhausted);
  CHECK(read.pinned);
  CHECK(read.archived);
}

TEST_CASE("a change of number names the other one") {
  pb::Conversation conversation;
  conversation.set_id("40711111111@s.whatsapp.net");
  conversation.set_new_jid("40722222222@s.whatsapp.net");
  Conversation read = read_conversation(conversation, kNow);
  CHECK(read.other_number.to_string() == "40722222222@s.whatsapp.net");
  CHECK(read.changed_to_other);
  conversation.set_old_jid("40733333333@s.whatsapp.net");
  conversation.set_new_jid("40711111111@s.whatsapp.net");  // itself
  read = read_conversation(conversation, kNow);
  CHECK(read.other_number.to_string() == "40733333333@s.whatsapp.net");
  CHECK_FALSE(read.changed_to_other);
  conversation.set_old_jid("1203@g.us");
  CHECK(read_conversation(conversation, kNow).other_number.empty());
}

TEST_CASE("only a LID and a phone number make a mapping") {
  const Jid lid = *Jid::parse("111@lid");
  const Jid phone = *Jid::parse("40711111111@s.whatsapp.net");
  CHECK(lid_mapping(lid, phone)->phone == phone);
  CHECK(lid_mapping(phone, lid)->lid == lid);
  CHECK_FALSE(lid_mapping(lid, lid));
  CHECK_FALSE(lid_mapping(lid, {}));
  CHECK_FALSE(lid_mapping(phone, *Jid::parse("1203@g.us")));
}

}  // namespace conversation_test
