#include "history/conversation.h"

#include <algorithm>
#include <limits>

#include "history/content.h"
#include "proto/history_sync.pb.h"

namespace wasync {
namespace {

// A mute ends in the future, so `plausible_time` cannot judge it. "Always" is a huge value.
UnixSeconds muted_until(std::uint64_t raw) {
  if (raw >= 100'000'000'000) raw /= 1000;
  return {static_cast<std::int64_t>(std::min<std::uint64_t>(raw, kMutedForever.value))};
}

std::uint32_t unread_count(const pb::Conversation& conversation) {
  // For a chat that the owner marked as unread, the phone sends 0 messages or -1.
  constexpr std::uint32_t kImpossible = 1'000'000;
  const std::uint32_t count = conversation.unread_count();
  if (count > kImpossible) return 1;
  return count == 0 && conversation.marked_as_unread() ? 1 : count;
}

UnixSeconds last_activity(const pb::Conversation& conversation, UnixSeconds now) {
  const UnixSeconds own = plausible_time(conversation.conversation_timestamp(), now);
  return own.known() ? own : plausible_time(conversation.last_msg_timestamp(), now);
}

const std::string& first_of(const std::string& a, const std::string& b, const std::string& c) {
  if (!a.empty()) return a;
  return b.empty() ? c : b;
}

Jid only_on(std::string_view server, Jid jid) {
  return jid.is(server) && !jid.user.empty() ? jid : Jid{};
}

}  // namespace

Conversation read_conversation(const pb::Conversation& conversation, UnixSeconds now) {
  Conversation out;
  out.chat = bare_jid(conversation.id());
  if (out.chat.is_person()) {
    out.phone_alias = only_on(jid_server::kUser, bare_jid(conversation.pn_jid()));
    out.lid_alias = only_on(
        jid_server::kLid,
        bare_jid(conversation.has_lid_jid() ? conversation.lid_jid() : conversation.account_lid()));
    // An alias under the same server would be another person, not another address.
    if (out.chat.is(jid_server::kUser)) out.phone_alias = {};
    if (out.chat.is(jid_server::kLid)) out.lid_alias = {};
  }
  if (out.chat.is_person()) {
    const Jid newer = bare_jid(conversation.new_jid());
    const Jid older = bare_jid(conversation.old_jid());
    out.changed_to_other = newer.is_person() && newer != out.chat;
    if (out.changed_to_other) {
      out.other_number = newer;
    } else if (older.is_person() && older != out.chat) {
      out.other_number = older;
    }
  }
  out.name = first_of(conversation.name(), conversation.display_name(), conversation.username());
  out.last_activity = last_activity(conversation, now);
  out.unread_count = unread_count(conversation);
  out.archived = conversation.archived();
  out.pinned = conversation.pinned() != 0;
  out.muted_until = muted_until(conversation.mute_end_time());
  out.history_exhausted = conversation.has_end_of_history_transfer_type() &&
                          conversation.end_of_history_transfer_type() ==
                              pb::Conversation::END_OF_HISTORY_NO_MORE_ON_PRIMARY;
  return out;
}

bool older_messages_denied(const pb::Conversation& conversation) {
  return conversation.end_of_history_transfer_type() ==
         pb::Conversation::END_OF_HISTORY_ON_DEMAND_MORE_ON_PRIMARY_NO_ACCESS;
}

Jid bare_jid(std::string_view text) {
  if (text.empty()) return {};
  const std::optional<Jid> jid = Jid::parse(text);
  return jid ? jid->bare() : Jid{};
}

std::optional<LidMapping> lid_mapping(const Jid& one, const Jid& other) {
  if (one.user.empty() || other.user.empty()) return std::nullopt;
  if (one.is(jid_server::kLid) && other.is(jid_server::kUser)) {
    return LidMapping{.lid = one, .phone = other};
  }
  if (one.is(jid_server::kUser) && other.is(jid_server::kLid)) {
    return LidMapping{.lid = other, .phone = one};
  }
  return std::nullopt;
}

}  // namespace wasync
