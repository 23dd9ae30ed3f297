#include "session/app_state/action.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.h"
#include "history/content.h"
#include "inbox/account.h"
#include "inbox/store.h"

namespace wasync {
namespace {

// Kind, address and id, the rest is ours to ignore.
struct Subject {
  std::string kind{};
  Jid jid{};         // empty: about no chat or person
  std::string id{};  // of a message or call; empty: about none
};

std::optional<Subject> parse_index(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_array() || json.empty() || !json[0].is_string()) return std::nullopt;
  Subject subject{.kind = json[0].get<std::string>()};
  if (json.size() > 1 && json[1].is_string()) {
    subject.jid = Jid::parse(json[1].get<std::string>()).value_or(Jid{});
  }
  if (json.size() > 2 && json[2].is_string()) subject.id = json[2].get<std::string>();
  return subject;
}

Jid phone_in(const std::string& text) {
  const auto jid = Jid::parse(text);
  return jid && phone_of(jid->bare()) ? jid->bare() : Jid{};
}

Jid lid_in(const std::string& text) {
  const auto jid = Jid::parse(text);
  return jid && jid->is_lid() && !jid->user.empty() ? jid->bare() : Jid{};
}

// The first is what the phone shows; people who are only known by a username have that alone.
const std::string& first_of(const std::string& full, const std::string& first,
                            const std::string& username) {
  if (!full.empty()) return full;
  return first.empty() ? username : first;
}

class Application {
 public:
  Application(const Mutation& mutation, const Subject& subject, InboxWriter& inbox,
              Database& database)
      : removed_(mutation.removed),
        value_(mutation.value),
        subject_(subject),
        inbox_(inbox),
        database_(database) {}

  bool contact() {
    if (!subject_.jid.is_person()) return false;
    const auto& action = value_.contact_action();
    learn(lid_in(action.lid_jid()), subject_.jid);
    learn(subject_.jid, phone_in(action.pn_jid()));
    return name(first_of(action.full_name(), action.first_name(), action.username()));
  }
  bool lid_contact() {
    if (!subject_.jid.is_lid()) return false;
    const auto& action = value_.lid_contact_action();
    return name(first_of(action.full_name(), action.first_name(), action.username()));
  }
  bool mapping() {
    if (removed_ || !value_.has_pn_for_lid_chat_action()) return false;
    learn(subject_.jid, phone_in(value_.pn_for_lid_chat_action().pn_jid()));
    return true;
  }
  bool archive() { return set({.archived = !removed_ && value_.archive_chat_action().archived()}); }
  bool pin() { return set({.pinned = !removed_ && value_.pin_action().pinned()}); }
  bool mute() {
    const auto& action = value_.mute_action();
    if (removed_ || !action.muted()) return set({.muted_until = UnixSeconds{}});
    const std::int64_t end_s = action.mute_end_timestamp() / 1000;
    const bool forever = action.mute_end_timestamp() < 0 || end_s > kMutedForever.value;
    return set({.muted_until = forever ? kMutedForever : UnixSeconds{end_s}});
  }
  bool read_mark() {
    if (subject_.jid.empty()) return false;
    if (removed_ || !value_.has_mark_chat_as_read_action()) return true;
    const auto& action = value_.mark_chat_as_read_action();
    inbox_.put_read_mark(subject_.jid, action.read(),
                         {action.message_range().last_message_timestamp()});
    return true;
  }
  // The index says who called; the direction that the record states cannot be trusted, so a call of
  // ours is one whose caller we are. It counts as unread when it came after the link.
  bool call() {
    const auto& record = value_.call_log_action().call_log_record();
    const Jid caller = subject_.jid.bare();
    if (!caller.is_person() || subject_.id.empty() || subject_.id.size() > kMaxName) return false;
    const auto account = read_account(database_);
    if (removed_ || !account || inbox_.canonical(caller) == account->jid.bare()) return true;
    const Jid group = Jid::parse(record.group_jid()).value_or(Jid{}).bare();
    Message message{.key = {.id = subject_.id, .from_me = false},
                    .chat = group.is_group() ? group : caller,
                    .sender = caller,
                    .sent_at = plausible_time(static_cast<std::uint64_t>(record.start_time()),
                                              UnixSeconds::now()),
                    .status = DeliveryStatus::kDelivered};
    message.key.remote_jid = message.chat.to_string();
    if (group.is_group()) message.key.participant = caller.to_string();
    const bool missed = record.call_result() == pb::SyncActionValue::CallLogRecord::RESULT_MISSED;
    if (!message.sent_at.known() || (!missed && !inbox_.knows(message.chat, message.key))) {
      return true;
    }
    if (message.sent_at > account->created_at) message.source = SyncSource::kRealtime;
    set_content(message, call_content(missed, record.is_video()));
    inbox_.put_message(std::move(message));
    return true;
  }
  bool own_push_name() {
    const std::string own =
        folded_whitespace(repaired_utf8(value_.push_name_setting().name().substr(0, kMaxName)));
    if (removed_ || own.empty()) return true;
    update_account(database_, [&](Account& account) { account.push_name = own; });
    return true;
  }

 private:
  static constexpr std::size_t kMaxName = 1'000;

  void learn(const Jid& lid, const Jid& phone) {
    if (lid.is_lid() && !phone.empty()) inbox_.put_lid_mapping({.lid = lid, .phone = phone.bare()});
  }
  bool name(const std::string& saved) {
    if (removed_ || saved.empty()) {
      inbox_.clear_saved_name(subject_.jid);
    } else {
      inbox_.put_contact({.jid = subject_.jid.bare(), .saved_name = saved});
    }
    return true;
  }
  bool set(const ChatSettings& settings) {
    if (subject_.jid.empty()) return false;
    inbox_.put_chat_settings(subject_.jid, settings);
    return true;
  }

  bool removed_;
  const pb::SyncActionValue& value_;
  const Subject& subject_;
  InboxWriter& inbox_;
  Database& database_;
};

struct Kind {
  std::string_view name;
  bool (Application::*apply)();
};

constexpr std::array kKinds{
    Kind{"contact", &Application::contact},
    Kind{"lid_contact", &Application::lid_contact},
    Kind{"pnForLidChat", &Application::mapping},
    Kind{"archive", &Application::archive},
    Kind{"pin_v1", &Application::pin},
    Kind{"mute", &Application::mute},
    Kind{"markChatAsRead", &Application::read_mark},
    Kind{"call_log", &Application::call},
    Kind{"setting_pushName", &Application::own_push_name},
};

}  // namespace

bool apply_mutation(const Mutation& mutation, InboxWriter& inbox, Database& database) {
  const auto subject = parse_index(mutation.index);
  if (!subject) return false;
  const auto kind = std::find_if(kKinds.begin(), kKinds.end(),
                                 [&](const Kind& each) { return each.name == subject->kind; });
  if (kind == kKinds.end()) return false;
  Application application(mutation, *subject, inbox, database);
  return (application.*kind->apply)();
}

}  // namespace wasync
