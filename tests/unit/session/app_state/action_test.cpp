// What an entry of app state does to the inbox.
#include "session/app_state/action.h"

#include "inbox/queries.h"
#include "unit/session/app_state/app_state.h"

namespace app_state_action_test {

using namespace wasync;
using namespace wasync::test;

namespace {

struct Applied : LinkedAccount {
  bool apply(const std::string& index, const pb::SyncActionValue& value = {},
             bool removed = false) {
    Transaction transaction(db, "test");
    InboxWriter inbox(db);
    Mutation mutation{.removed = removed, .index = index};
    mutation.value = value;
    const bool taken = apply_mutation(mutation, inbox, db);
    inbox.flush();
    transaction.commit();
    return taken;
  }
  bool remove(const std::string& index) { return apply(index, {}, true); }
  void message_from(std::string_view chat) {
    Transaction transaction(db, "test");
    InboxWriter inbox(db);
    Message message;
    message.key = {.id = "M1", .remote_jid = std::string(chat)};
    message.chat = jid(chat);
    message.sent_at = {1'700'000'000};
    message.body = "hello";
    message.source = SyncSource::kRealtime;
    inbox.put_message(message);
    inbox.flush();
    transaction.commit();
  }
  std::string saved_name(std::string_view who) {
    const auto contact = find_contact(db, jid(who));
    return contact ? contact->saved_name : "";
  }
};

pb::SyncActionValue contact(const std::string& full, const std::string& first = {}) {
  pb::SyncActionValue value;
  value.mutable_contact_action()->set_full_name(full);
  value.mutable_contact_action()->set_first_name(first);
  return value;
}

const std::string kContact = R"(["contact","40733000000@s.whatsapp.net"])";
const std::string kContactByLid = R"(["contact","7331@lid"])";

}  // namespace

TEST_CASE("contacts: the full name, else the first, else the username; none takes it back") {
  Applied inbox;
  CHECK(inbox.apply(kContact, contact("Maria Pop", "Maria")));
  CHECK(inbox.saved_name(kMaria) == "Maria Pop");
  CHECK(inbox.apply(kContact, contact("", "Maria")));
  CHECK(inbox.saved_name(kMaria) == "Maria");
  pb::SyncActionValue username;
  username.mutable_contact_action()->set_username("maria.pop");
  CHECK(inbox.apply(kContact, username));
  CHECK(inbox.saved_name(kMaria) == "maria.pop");
  SUBCASE("an entry without a name") {
    CHECK(inbox.apply(kContact, contact("")));
  }
  SUBCASE("an entry that is removed") {
    CHECK(inbox.remove(kContact));
  }
  CHECK(inbox.saved_name(kMaria).empty());
}

TEST_CASE("contacts: the other address is learned, whichever the index has") {
  Applied inbox;
  pb::SyncActionValue value = contact("Maria Pop");
  SUBCASE("the LID beside the phone number") {
    value.mutable_contact_action()->set_lid_jid(std::string(kMariaLid));
    CHECK(inbox.apply(kContact, value));
  }
  SUBCASE("the phone number beside the LID") {
    value.mutable_contact_action()->set_pn_jid(std::string(kMaria));
    CHECK(inbox.apply(kContactByLid, value));
  }
  SUBCASE("the chat of a LID") {
    CHECK(inbox.apply(R"(["lid_contact","7331@lid"])", [] {
      pb::SyncActionValue lid;
      lid.mutable_lid_contact_action()->set_full_name("Maria Pop");
      return lid;
    }()));
    CHECK(inbox.saved_name(kMariaLid) == "Maria Pop");
    pb::SyncActionValue mapping;
    mapping.mutable_pn_for_lid_chat_action()->set_pn_jid(std::string(kMaria));
    CHECK(inbox.apply(R"(["pnForLidChat","7331@lid"])", mapping));
  }
  CHECK(phone_for_lid(inbox.db, jid(kMariaLid)) == "+40733000000");
  CHECK(inbox.saved_name(kMaria) == "Maria Pop");
}

TEST_CASE("what is no address is no mapping") {
  Applied inbox;
  for (const char* bad : {"", "7331", "40733000000@s.whatsapp.net", "../x@lid", "@lid"}) {
    pb::SyncActionValue value = contact("Maria Pop");
    value.mutable_contact_action()->set_lid_jid(bad);
    inbox.apply(kContact, value);
  }
  pb::SyncActionValue value;
  value.mutable_pn_for_lid_chat_action()->set_pn_jid("7@lid");
  inbox.apply(R"(["pnForLidChat","7331@lid"])", value);
  CHECK(inbox.number("SELECT count(*) FROM lid_mappings WHERE lid LIKE '7331%'") == 0);
}

TEST_CASE("archive, pin and mute of a chat, and back") {
  Applied inbox;
  inbox.message_from(kMaria);
  const auto settings = [&] {
    return inbox.number("SELECT archived_on_phone + 10 * pinned_on_phone FROM threads");
  };
  const auto muted_until = [&] { return inbox.number("SELECT muted_until FROM threads"); };
  const std::string who = ",\"" + std::string(kMaria) + "\"]";
  pb::SyncActionValue value;
  value.mutable_archive_chat_action()->set_archived(true);
  CHECK(inbox.apply("[\"archive\"" + who, value));
  CHECK(settings() == 1);
  value.mutable_pin_action()->set_pinned(true);
  CHECK(inbox.apply("[\"pin_v1\"" + who, value));
  CHECK(settings() == 11);
  value.mutable_archive_chat_action()->set_archived(false);
  CHECK(inbox.apply("[\"archive\"" + who, value));
  CHECK(inbox.remove("[\"pin_v1\"" + who));
  CHECK(settings() == 0);

  auto& mute = *value.mutable_mute_action();
  mute.set_muted(true);
  mute.set_mute_end_timestamp(-1);
  CHECK(inbox.apply("[\"mute\"" + who, value));
  CHECK(muted_until() == kMutedForever.value);
  mute.set_mute_end_timestamp(1'800'000'000'000);
  CHECK(inbox.apply("[\"mute\"" + who, value));
  CHECK(muted_until() == 1'800'000'000);
  mute.set_mute_end_timestamp(std::numeric_limits<std::int64_t>::max());
  CHECK(inbox.apply("[\"mute\"" + who, value));
  CHECK(muted_until() == kMutedForever.value);
  mute.set_muted(false);
  CHECK(inbox.apply("[\"mute\"" + who, value));
  CHECK(muted_until() == 0);
}

TEST_CASE("read marks") {
  Applied inbox;
  inbox.message_from(kMaria);
  const auto unread = [&] { return inbox.number("SELECT unread FROM threads"); };
  REQUIRE(unread() == 1);
  const std::string index = "[\"markChatAsRead\",\"" + std::string(kMaria) + "\"]";
  pb::SyncActionValue value;
  auto& mark = *value.mutable_mark_chat_as_read_action();
  mark.set_read(true);
  mark.mutable_message_range()->set_last_message_timestamp(1'699'999'999);
  CHECK(inbox.apply(index, value));
  CHECK(unread() == 1);  // it does not know of the newest message
  mark.mutable_message_range()->set_last_message_timestamp(1'700'000'000);
  CHECK(inbox.apply(index, value));
  CHECK(unread() == 0);
  CHECK(inbox.remove(index));
  CHECK(unread() == 0);
  mark.set_read(false);
  CHECK(inbox.apply(index, value));
  CHECK(unread() == 1);
}

TEST_CASE("our own push name is the account's, and nobody else's") {
  Applied inbox;
  pb::SyncActionValue value;
  value.mutable_push_name_setting()->set_name("  Sofia\n Events ");
  CHECK(inbox.apply(R"(["setting_pushName"])", value));
  CHECK(read_account(inbox.db)->push_name == "Sofia Events");
  CHECK(inbox.number("SELECT count(*) FROM contacts") == 0);
  CHECK(inbox.remove(R"(["setting_pushName"])"));
  value.mutable_push_name_setting()->set_name("");
  CHECK(inbox.apply(R"(["setting_pushName"])", value));
  CHECK(read_account(inbox.db)->push_name == "Sofia Events");
}

TEST_CASE("what is unknown or malformed is passed over") {
  Applied inbox;
  const pb::SyncActionValue value = contact("Maria Pop");
  for (const char* index :
       {"", "null", "[]", "[1]", "{}", "[\"contact\"]", "[\"contact\",1]", "[\"contact\",\"\"]",
        "[\"contact\",\"../../up@s.whatsapp.net\"]", "[\"contact\",\"120363@g.us\"]", "[\"star\"]",
        "[\"contact\"", "[\"archive\"]", "[\"markChatAsRead\",\"[object Object]@g.us\"]",
        "[\"label_edit\",\"1\"]", "\xff\xfe", "[\"lid_contact\",\"40733000000@s.whatsapp.net\"]"}) {
    CAPTURE(index);
    CHECK_FALSE(inbox.apply(index, value));
    CHECK_FALSE(inbox.remove(index));
  }
  CHECK(inbox.number("SELECT count(*) FROM contacts") == 0);
  CHECK(inbox.number("SELECT count(*) FROM threads") == 0);
}

TEST_CASE("missed calls are messages, told live or not, and answered ones are not") {
  Applied inbox;
  inbox.db.execute("UPDATE account SET created_at = 1600000000");
  pb::SyncActionValue value;
  auto& record = *value.mutable_call_log_action()->mutable_call_log_record();
  record.set_call_result(pb::SyncActionValue::CallLogRecord::RESULT_MISSED);
  record.set_start_time(1'700'000'000);
  const auto body = [&](std::string_view id) {
    auto query = inbox.db.prepare("SELECT body FROM messages WHERE document_id = ?");
    query.bind(id);
    return query.step() ? query.text(0) : "(none)";
  };
  const auto unread = [&] { return inbox.number("SELECT sum(unread) FROM threads"); };
  CHECK(inbox.apply(R"(["call_log","40722000000@s.whatsapp.net","C1","0"])", value));
  CHECK(body("C1") == "Missed voice call");
  CHECK(unread() == 1);
  record.set_is_video(true);
  record.set_start_time(1'500'000'000'000);  // from before the link, in milliseconds
  CHECK(inbox.apply(R"(["call_log","40722000000@s.whatsapp.net","C2","1"])", value));
  CHECK(body("C2") == "Missed video call");
  CHECK(unread() == 1);
  record.set_group_jid("1203-44@g.us");
  CHECK(inbox.apply(R"(["call_log","40722000000@s.whatsapp.net","C3","0"])", value));
  CHECK(inbox.number("SELECT count(*) FROM threads") == 2);
  record.clear_group_jid();

  record.set_call_result(pb::SyncActionValue::CallLogRecord::RESULT_ACCEPTED_ELSEWHERE);
  CHECK(inbox.apply(R"(["call_log","40722000000@s.whatsapp.net","C2","0"])", value));
  CHECK(body("C2") == "Video call");
  CHECK(inbox.apply(R"(["call_log","40722000000@s.whatsapp.net","C4","0"])", value));
  CHECK(body("C4") == "(none)");
  record.set_call_result(pb::SyncActionValue::CallLogRecord::RESULT_MISSED);
  CHECK(inbox.apply(R"(["call_log","40700000001@s.whatsapp.net","C5","0"])", value));  // ours
  CHECK(body("C5") == "(none)");
  CHECK_FALSE(inbox.apply(R"(["call_log","no address","C6","0"])", value));
  CHECK_FALSE(inbox.apply(R"(["call_log","40722000000@s.whatsapp.net"])", value));
}

TEST_CASE("what the owner deletes for himself stays in the Inbox") {
  Applied inbox;
  inbox.message_from("40722000000@s.whatsapp.net");
  for (const char* index : {R"(["deleteMessageForMe","40722000000@s.whatsapp.net","M1","0","0"])",
                            R"(["clearChat","40722000000@s.whatsapp.net","1","0"])",
                            R"(["deleteChat","40722000000@s.whatsapp.net","1"])"}) {
    pb::SyncActionValue value;
    value.mutable_delete_message_for_me_action()->set_delete_media(true);
    inbox.apply(index, value);
    inbox.remove(index);
  }
  CHECK(inbox.number("SELECT count(*) FROM messages WHERE body = 'hello'") == 1);
  CHECK(inbox.number("SELECT count(*) FROM messages WHERE deleted_at IS NOT NULL") == 0);
  CHECK(inbox.number("SELECT count(*) FROM threads") == 1);
}

}  // namespace app_state_action_test
