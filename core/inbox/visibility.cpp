#include "inbox/visibility.h"

namespace wasync {

std::string_view name(HiddenBecause reason) {
  switch (reason) {
    case HiddenBecause::kNoSortKey: return "no_sort_key";
    case HiddenBecause::kHidden: return "hidden";
    case HiddenBecause::kArchived: return "archived";
    case HiddenBecause::kRedirected: return "redirected";
    case HiddenBecause::kMergedLid: return "merged_lid";
    case HiddenBecause::kBroadcast: return "broadcast";
    case HiddenBecause::kMangledId: return "mangled_id";
    case HiddenBecause::kPlaceholder: return "placeholder";
  }
  return "unknown";
}

std::string display_name(const ThreadFacts& thread) {
  if (!thread.display_name.empty() && thread.display_name != thread.last_message_text) {
    return thread.display_name;
  }
  if (!thread.group_subject.empty()) return thread.group_subject;
  if (!thread.last_sender_name.empty()) return thread.last_sender_name;
  return thread.phone;
}

std::optional<HiddenBecause> hidden_because(const ThreadFacts& thread) {
  if (!thread.last_message_at_time_ms) return HiddenBecause::kNoSortKey;
  if (thread.hidden) return HiddenBecause::kHidden;
  if (thread.archived) return HiddenBecause::kArchived;
  if (!thread.redirect_to.empty()) return HiddenBecause::kRedirected;
  if (thread.client_jid.ends_with("@lid") && !thread.canonical_thread_id.empty()) {
    return HiddenBecause::kMergedLid;
  }
  if (thread.client_jid.ends_with("@broadcast")) return HiddenBecause::kBroadcast;
  // The second spelling is a typing error that reached production data.
  if (thread.thread_id.find("[object Object]") != std::string::npos ||
      thread.thread_id.find("[obiect Obiect]") != std::string::npos) {
    return HiddenBecause::kMangledId;
  }
  if (display_name(thread).empty()) return HiddenBecause::kPlaceholder;
  return std::nullopt;
}

std::int64_t sort_time_ms(const ThreadFacts& thread) {
  if (thread.last_message_at_ms) return *thread.last_message_at_ms;
  if (thread.last_message_at_time_ms) return *thread.last_message_at_time_ms;
  return thread.updated_at_ms.value_or(0);
}

}  // namespace wasync
