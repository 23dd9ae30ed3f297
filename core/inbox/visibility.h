// How the Inbox app decides what to show, as pure functions, which `threads list`, `diagnose` and
// the tests all use. The steps are those of the Inbox contract.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wasync {

// The app asks for this many threads of an account, newest first, including hidden ones. It does
// not show the rest.
inline constexpr std::size_t kInboxQueryLimit = 1000;

// The fields of a thread document that the app reads; empty means absent.
struct ThreadFacts {
  std::string thread_id{};
  std::string client_jid{};
  std::string display_name{};
  std::string group_subject{};
  std::string last_message_text{};
  std::string last_sender_name{};
  std::string phone{};  // normalizedPhone, phoneE164, phone or phoneNumber: the first present
  std::string redirect_to{};
  std::string canonical_thread_id{};
  bool hidden = false;
  bool archived = false;
  std::optional<std::int64_t> last_message_at_ms{};       // lastMessageAtMs
  std::optional<std::int64_t> last_message_at_time_ms{};  // lastMessageAt, in milliseconds
  std::optional<std::int64_t> updated_at_ms{};
};

enum class HiddenBecause {
  kNoSortKey,    // without lastMessageAt the app's query does not return it
  kHidden,       // `hidden`
  kArchived,     // `archived`
  kRedirected,   // `redirectTo` is set
  kMergedLid,    // a @lid thread with a canonicalThreadId
  kBroadcast,    // @broadcast
  kMangledId,    // "[object Object]" in the id
  kPlaceholder,  // neither a name nor a phone
};
// Stable spellings for --json: "no_sort_key", "hidden", "archived", "redirected",
// "merged_lid", "broadcast", "mangled_id", "placeholder".
std::string_view name(HiddenBecause reason);

// The first reason in the app's order; nothing when the app shows the thread.
std::optional<HiddenBecause> hidden_because(const ThreadFacts& thread);

// Step 5; empty when there is neither a name nor a phone.
std::string display_name(const ThreadFacts& thread);
// Step 4, in milliseconds; 0 when the thread has no time at all.
std::int64_t sort_time_ms(const ThreadFacts& thread);

// Step 6: the app orders messages by tsClient; a message without it does not appear.
inline bool message_is_shown(std::optional<std::int64_t> ts_client_ms) {
  return ts_client_ms.has_value();
}

}  // namespace wasync
