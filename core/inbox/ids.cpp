#include "inbox/ids.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/text.h"

namespace wasync {
namespace {

constexpr std::string_view kAccountPrefix = "account_";
constexpr std::string_view kThreadSeparator = "__";
constexpr std::size_t kAccountHashDigits = 32;
constexpr std::size_t kMessageHashDigits = 24;
constexpr std::size_t kMaxNamespace = 32;
constexpr std::size_t kMaxDocumentId = 1500;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

bool is_namespace(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNamespace &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
         });
}

std::string sha256_hex(std::string_view text, std::size_t digits) {
  return hex_encode(sha256(as_bytes(text))).substr(0, digits);
}

std::string in_account(const AccountId& account, const Jid& jid) {
  return account.str() + std::string(kThreadSeparator) + jid.bare().to_string();
}

}  // namespace

std::optional<std::string> normalized_phone(std::string_view text) {
  std::string digits;
  bool plus = false;
  for (const char c : text) {
    if (is_digit(c)) {
      digits += c;
    } else if (c == '+' && digits.empty() && !plus) {
      plus = true;
    } else if (c != ' ' && c != '-' && c != '.' && c != '(' && c != ')') {
      return std::nullopt;
    }
  }
  // 00 is how most of the world dials the plus sign.
  if (!plus && digits.starts_with("00")) digits.erase(0, 2);
  if (digits.size() < 6 || digits.size() > 15 || digits.front() == '0') return std::nullopt;
  return "+" + digits;
}

std::optional<AccountId> AccountId::parse(std::string_view text) {
  if (!text.starts_with(kAccountPrefix)) return std::nullopt;
  const std::string_view rest = text.substr(kAccountPrefix.size());
  const std::size_t mark = rest.find('_');
  if (mark == std::string_view::npos || !is_namespace(rest.substr(0, mark))) return std::nullopt;
  const std::string_view hash = rest.substr(mark + 1);
  if (hash.size() != kAccountHashDigits || !std::all_of(hash.begin(), hash.end(), is_lower_hex)) {
    return std::nullopt;
  }
  return AccountId(std::string(text));
}

AccountId account_id_for(std::string_view phone, std::string_view account_namespace) {
  const auto e164 = normalized_phone(phone);
  if (!e164) {
    throw Error(ErrorCode::kUsage,
                Phrase{"this is not an international phone number",
                       "acesta nu este un număr de telefon internațional"},
                Phrase{"Write it with the country code, like +40737123397.",
                       "Scrie-l cu prefixul țării, ca +40737123397."});
  }
  if (!is_namespace(account_namespace)) {
    throw Error(ErrorCode::kConfig,
                Phrase{"the account namespace is malformed",
                       "spațiul de nume al conturilor este malformat"},
                Phrase{"Use 1 to 32 letters, digits or '-' in ACCOUNT_NAMESPACE.",
                       "Folosește 1 până la 32 de litere, cifre sau '-' în ACCOUNT_NAMESPACE."});
  }
  return AccountId(std::string(kAccountPrefix) + std::string(account_namespace) + "_" +
                   sha256_hex(*e164, kAccountHashDigits));
}

bool can_be_thread(const Jid& chat) {
  const Jid bare = chat.bare();
  if (bare.user.empty() || bare.server.empty()) return false;
  // A Jid need not come from `parse`; what becomes a document id must be able to.
  if (!bare.is_well_formed()) return false;
  if (bare.is(jid_server::kBroadcast)) return bare.user != "status";
  return bare.is_person() || bare.is_group() || bare.is(jid_server::kNewsletter) ||
         bare.is(jid_server::kBot) || bare.is(jid_server::kMessenger) ||
         bare.is(jid_server::kInterop);
}

bool takes_messages(const Jid& chat) {
  return can_be_thread(chat) && !chat.is(jid_server::kNewsletter);
}

bool is_official_chat(const Jid& chat) {
  return chat.user == "0" && chat.is(jid_server::kUser);
}

ThreadId thread_id_for(const AccountId& account, const Jid& chat) {
  if (!can_be_thread(chat)) throw Error(ErrorCode::kInternal, "this address cannot be a thread");
  return ThreadId(in_account(account, chat));
}

std::optional<ThreadId> ThreadId::parse(std::string_view text) {
  const std::size_t mark = text.find(kThreadSeparator);
  if (mark == std::string_view::npos || !AccountId::parse(text.substr(0, mark))) {
    return std::nullopt;
  }
  const std::string_view address = text.substr(mark + kThreadSeparator.size());
  const auto jid = Jid::parse(address);
  if (!jid || !can_be_thread(*jid) || jid->bare().to_string() != address) return std::nullopt;
  return ThreadId(std::string(text));
}

AccountId ThreadId::account() const {
  return *AccountId::parse(std::string_view(text_).substr(0, text_.find(kThreadSeparator)));
}

Jid ThreadId::jid() const {
  return *Jid::parse(
      std::string_view(text_).substr(text_.find(kThreadSeparator) + kThreadSeparator.size()));
}

std::string contact_document_id(const AccountId& account, const Jid& jid) {
  return in_account(account, jid);
}

bool is_safe_document_id(std::string_view id) {
  if (id.empty() || id.size() > kMaxDocumentId || id == "." || id == "..") return false;
  if (id.size() >= 4 && id.starts_with("__") && id.ends_with("__")) return false;
  for (std::size_t i = 0; i < id.size(); ++i) {
    const auto byte = static_cast<unsigned char>(id[i]);
    if (byte < 0x20 || byte == 0x7F || byte == '/') return false;
    // U+0080 to U+009F are controls too: C2 80 to C2 9F.
    if (byte == 0xC2 && i + 1 < id.size() && static_cast<unsigned char>(id[i + 1]) < 0xA0) {
      return false;
    }
  }
  return is_valid_utf8(id);
}

std::optional<MessageId> MessageId::parse(std::string_view text) {
  if (!is_safe_document_id(text)) return std::nullopt;
  return MessageId(std::string(text));
}

MessageId message_document_id(const MessageKey& key, const Jid& chat) {
  if (is_safe_document_id(key.id)) return MessageId(key.id);
  return hashed_message_id(key, chat);
}

MessageId hashed_message_id(const MessageKey& key, const Jid& chat) {
  const std::string identity = chat.bare().to_string() + "|" + key.id + "|" +
                               (key.from_me ? "true" : "false") + "|" + key.participant;
  return MessageId(sha256_hex(identity, kMessageHashDigits));
}

}  // namespace wasync
