// Document ids: pure functions of what they name, so that every host, and the backend that used
// these collections before us, writes the same documents. Rules: the Inbox contract.
//
// The three types hold only well-formed values: code may put one into a path (AccountId) or a
// document name (all three) without checking again.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/jid.h"
#include "inbox/message.h"

namespace wasync {

inline constexpr std::string_view kDefaultAccountNamespace = "prod";

// "+40737123397" from "+40 737 123 397", "0040737123397" or "40737123397": a plus sign and 6 to 15
// digits. Nothing when the text is not an international number.
std::optional<std::string> normalized_phone(std::string_view text);

// `account_<namespace>_<32 hex digits>`; namespaces are 1 to 32 of [A-Za-z0-9-], so an id never
// holds a separator, a dot or anything else that has a meaning in a path.
class AccountId {
 public:
  // For ids that come from a user or a directory name.
  static std::optional<AccountId> parse(std::string_view text);
  const std::string& str() const { return text_; }
  auto operator<=>(const AccountId&) const = default;

 private:
  friend AccountId account_id_for(std::string_view, std::string_view);
  explicit AccountId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// The first 32 hex digits of SHA-256 over the E.164 phone. Throws Error(kUsage) when `phone` is not
// a phone number, Error(kConfig) when the namespace is malformed.
AccountId account_id_for(std::string_view phone,
                         std::string_view account_namespace = kDefaultAccountNamespace);

// Whether a chat can be a thread. A person, a group, a broadcast list and a channel can. A bare
// server, `status@broadcast` (which is not a conversation) and anything that `Jid::parse` would
// refuse cannot.
bool can_be_thread(const Jid& chat);

// Whether messages in this chat go into its thread. A channel's do not: its posts are for
// thousands, no one answers them, and WhatsApp does not list them among the chats either. (Threads
// of channels that an older version made stay.)
bool takes_messages(const Jid& chat);

// Whether this is WhatsApp's own chat, "0@s.whatsapp.net". Its address is a person's, but it has no
// number.
bool is_official_chat(const Jid& chat);

// `<accountId>__<jid>`.
class ThreadId {
 public:
  static std::optional<ThreadId> parse(std::string_view text);
  const std::string& str() const { return text_; }
  AccountId account() const;
  Jid jid() const;
  auto operator<=>(const ThreadId&) const = default;

 private:
  friend ThreadId thread_id_for(const AccountId&, const Jid&);
  explicit ThreadId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// Drops device and agent, folds `c.us`, and uses lower case. Mapping a LID to its phone is the
// store's job: only the store knows the mappings. Throws Error(kInternal) unless
// `can_be_thread(chat)`.
ThreadId thread_id_for(const AccountId& account, const Jid& chat);

// Contacts use the same form: `<accountId>__<jid>`.
std::string contact_document_id(const AccountId& account, const Jid& jid);

// True for 1 to 1,500 bytes of valid UTF-8 without '/' or control characters that is neither
// ".", ".." nor `__…__`.
bool is_safe_document_id(std::string_view id);

class MessageId {
 public:
  static std::optional<MessageId> parse(std::string_view text);  // a safe document id
  const std::string& str() const { return text_; }
  auto operator<=>(const MessageId&) const = default;

 private:
  friend MessageId message_document_id(const MessageKey&, const Jid&);
  friend MessageId hashed_message_id(const MessageKey&, const Jid&);
  explicit MessageId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// The key's id when it is a safe document id, else `hashed_message_id`. `chat` is the
// thread's address (phone form when the phone is known).
MessageId message_document_id(const MessageKey& key, const Jid& chat);

// The first 24 hex digits of SHA-256 over `chat|id|fromMe|participant` (fromMe as "true" or
// "false"). Also names the second of two different messages that carry the same key id.
MessageId hashed_message_id(const MessageKey& key, const Jid& chat);

}  // namespace wasync
