#include "inbox/message_row.h"

#include <algorithm>
#include <initializer_list>

#include "base/number.h"
#include "base/text.h"
#include "inbox/answers.h"
#include "inbox/media_facts.h"
#include "inbox/thread_row.h"

namespace wasync {
namespace {

constexpr std::size_t kMaxNameCharacters = 256;
constexpr std::size_t kMaxLabelBytes = 1024;   // file names, mime types, types
constexpr std::size_t kMaxAddressBytes = 256;  // raw addresses from strangers
constexpr std::size_t kMaxKeyIdBytes = 16 * 1024;
constexpr std::size_t kMaxQuoteCharacters = 1000;
constexpr std::size_t kMaxEmojiBytes = 64;
constexpr std::size_t kMaxAnswers = 4096;
constexpr std::int64_t kMaxFutureSeconds = 86'400;

constexpr char kFieldMark = '\x1F';
constexpr char kEntryMark = '\x1E';

// Stands in for a message whose content may still come.
bool is_stand_in(std::string_view type) {
  return type == message_type::kUndecryptable || type == message_type::kWithheld;
}

std::string bounded(std::string_view text, std::size_t bytes) {
  return std::string(first_bytes(repaired_utf8(first_bytes(text, bytes)), bytes));
}

// In place: almost every text is fine as it is.
void bound(std::string& text, std::size_t bytes) {
  if (text.size() > bytes || !is_storable(text)) text = bounded(text, bytes);
}

UnixSeconds believable(UnixSeconds told, UnixSeconds now) {
  if (!told.known()) return kNoTimeTold;
  return told.value > now.value + kMaxFutureSeconds ? now : told;
}

bool fill(std::string& known, const std::string& told) {
  if (!known.empty() || told.empty()) return false;
  known = told;
  return true;
}

void bound_media(Media& media) {
  bound(media.type, kMaxLabelBytes);
  bound(media.mimetype, kMaxLabelBytes);
  bound(media.filename, kMaxLabelBytes);
  bound(media.caption, kMaxBodyBytes / 4);
  media.size_bytes = std::min<std::uint64_t>(media.size_bytes, INT64_MAX);
}

void bound_reactions(std::map<std::string, std::string>& reactions) {
  std::map<std::string, std::string> clean;
  for (const auto& [participant, emoji] : reactions) {
    if (clean.size() == kMaxReactions) break;
    const auto jid = Jid::parse(participant);
    std::string mark = clean_emoji(emoji);
    if (jid && !mark.empty()) clean[jid->bare().to_string()] = std::move(mark);
  }
  reactions = std::move(clean);
}

void bound_answers(Message& message) {
  if (message.poll_options.size() > kMaxPollOptions) message.poll_options.resize(kMaxPollOptions);
  Message clean;
  for (const auto& [participant, answer] : message.answers) {
    const auto jid = Jid::parse(participant);
    if (!jid) continue;
    take_answer(clean, jid->bare().to_string(),
                {.picks = clean_picks(answer.picks), .at = answer.at});
  }
  message.answers = std::move(clean.answers);
}

void set_body(MessageRow& row, std::optional<std::string> body) {
  row.body_truncated = false;
  if (body && !is_storable(*body)) body = repaired_utf8(*body);
  if (body && body->size() > kMaxBodyBytes) {
    body->resize(first_bytes(*body, kMaxBodyBytes).size());
    row.body_truncated = true;
  }
  row.message.body = std::move(body);
}

}  // namespace

std::string clean_name(std::string_view text) {
  constexpr std::size_t kMaxNameBytes = 4 * kMaxNameCharacters;
  const std::string folded = folded_whitespace(bounded(text, 2 * kMaxNameBytes));
  return std::string(first_characters(folded, kMaxNameCharacters));
}

std::string clean_emoji(std::string_view text) {
  return terminal_safe(bounded(text, kMaxEmojiBytes));
}

std::string preview_of(const Message& message) {
  constexpr std::size_t kEnough = 4096;  // even if most of it is white space
  if (message.deleted_at.known()) return "[deleted]";
  for (const std::string* text :
       {message.body ? &*message.body : nullptr, message.media ? &message.media->caption : nullptr,
        message.media ? &message.media->filename : nullptr}) {
    if (text == nullptr) continue;
    const std::string folded = folded_whitespace(bounded(*text, kEnough));
    if (!folded.empty()) return std::string(first_characters(folded, kPreviewCharacters));
  }
  return "[" + message.type + "]";
}

MessageRow prepared_message(Message message, UnixSeconds now) {
  MessageRow row;
  row.message = std::move(message);
  Message& m = row.message;
  bound(m.key.id, kMaxKeyIdBytes);
  bound(m.key.remote_jid, kMaxAddressBytes);
  bound(m.key.participant, kMaxAddressBytes);
  if (!m.sender_name.empty()) m.sender_name = clean_name(m.sender_name);
  if (m.sender_name == kNoPushName) m.sender_name.clear();
  if (m.type.empty()) m.type = message_type::kUnknown;
  bound(m.type, kMaxLabelBytes);
  m.sent_at = believable(m.sent_at, now);
  set_body(row, std::move(m.body));
  if (m.media) bound_media(*m.media);
  if (m.quoted) {
    bound(m.quoted->id, kMaxKeyIdBytes);
    bound(m.quoted->participant, kMaxAddressBytes);
    const std::string preview = bounded(m.quoted->preview, 4 * kMaxQuoteCharacters);
    m.quoted->preview = std::string(first_characters(preview, kMaxQuoteCharacters));
  }
  if (!m.reactions.empty()) bound_reactions(m.reactions);
  if (!m.answers.empty() || !m.poll_options.empty()) bound_answers(m);
  if (m.media_facts) m.media_facts = sound_media_facts(*std::move(m.media_facts));
  if (m.deleted_at.known()) {
    const UnixSeconds at = m.deleted_at;
    m.deleted_at = {};
    apply_revoke(row, at);
  }
  if (!m.key.from_me) {
    m.status = DeliveryStatus::kDelivered;
  } else if (m.status == DeliveryStatus::kUnknown) {
    m.status = DeliveryStatus::kSent;
  }
  return row;
}

bool merge_message(MessageRow& known, const MessageRow& told) {
  Message& k = known.message;
  const Message& t = told.message;
  bool changed = false;
  const auto take = [&changed](auto& into, const auto& value) {
    into = value;
    changed = true;
  };
  if (k.sent_at <= kNoTimeTold && t.sent_at > kNoTimeTold) take(k.sent_at, t.sent_at);
  if (t.status > k.status) take(k.status, t.status);
  changed = fill(k.sender_name, t.sender_name) || changed;
  if (t.deleted_at.known()) changed = apply_revoke(known, t.deleted_at) || changed;
  for (const auto& [participant, emoji] : t.reactions) {
    changed = k.reactions.emplace(participant, emoji).second || changed;
  }
  if (k.deleted_at.known()) return changed;
  for (const auto& [participant, answer] : t.answers) {
    changed = take_answer(k, participant, answer) || changed;
  }
  if (k.poll_options.empty() && !t.poll_options.empty()) take(k.poll_options, t.poll_options);

  // A first telling without content (not decrypted, not understood) is completed.
  if (t.type == message_type::kUndecryptable) return changed;
  if (t.type == message_type::kWithheld && !is_stand_in(k.type)) return changed;
  if (is_stand_in(k.type) && k.type != t.type) {
    take(k.type, t.type);
    k.unknown_field = t.unknown_field;
    if (k.edited_at.known()) {  // the edit came first
      if (t.body) known.original_body = std::string(first_bytes(*t.body, kMaxBodyBytes / 2));
    } else {
      k.body = t.body;
      known.body_truncated = told.body_truncated;
    }
  }
  const bool was_empty = !k.body && !k.media;
  if (was_empty && (t.body || t.media)) {
    take(k.type, t.type);
    k.body = t.body;
    known.body_truncated = told.body_truncated;
    k.unknown_field = t.unknown_field;
  } else if (was_empty && k.type == message_type::kUnknown && t.type != k.type) {
    take(k.type, t.type);
    k.unknown_field = t.unknown_field;
  }
  // Whether somebody picked up is known in the end only.
  const bool call_ended = k.type == message_type::kCall && t.type == k.type && t.body;
  if (call_ended && k.body != t.body) take(k.body, t.body);
  if (!k.media && t.media) take(k.media, t.media);
  if (!k.quoted && t.quoted) take(k.quoted, t.quoted);
  if (t.edited_at > k.edited_at) changed = apply_edit(known, t.body, t.edited_at) || changed;
  return changed;
}

bool apply_edit(MessageRow& row, const std::optional<std::string>& body, UnixSeconds at) {
  Message& m = row.message;
  if (m.deleted_at.known() || !body || at < m.edited_at) return false;
  MessageRow edited;
  set_body(edited, body);
  if (edited.message.body == m.body && m.edited_at == at) return false;
  // Half the document is the edit's, half the original's.
  if (row.original_body.empty() && m.body && !m.edited_at.known()) {
    row.original_body = std::string(first_bytes(*m.body, kMaxBodyBytes / 2));
  }
  if (edited.message.body->size() + row.original_body.size() > kMaxBodyBytes) {
    edited.message.body = std::string(first_bytes(*edited.message.body, kMaxBodyBytes / 2));
    edited.body_truncated = true;
  }
  m.body = edited.message.body;
  row.body_truncated = edited.body_truncated;
  if (m.media && !m.media->caption.empty()) m.media->caption = *m.body;
  m.edited_at = at;
  return true;
}

bool apply_revoke(MessageRow& row, UnixSeconds at) {
  Message& m = row.message;
  if (m.deleted_at.known()) return false;
  m.deleted_at = at;
  m.body.reset();
  row.original_body.clear();  // taken back means all of it
  row.body_truncated = false;
  if (m.media) m.media->caption.clear();
  m.poll_options.clear();
  m.answers.clear();
  return true;
}

std::string clean_picks(std::string_view text) {
  constexpr std::size_t kMaxPickBytes = 32;
  std::string out;
  std::size_t picks = 0;
  while (!text.empty() && picks < kMaxPicks) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view pick = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool sound =
        !pick.empty() && pick.size() <= kMaxPickBytes && std::ranges::all_of(pick, [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        });
    if (!sound) continue;
    out += (out.empty() ? "" : " ") + std::string(pick);
    ++picks;
  }
  return out;
}

bool take_answer(Message& message, const std::string& participant, const Answer& answer) {
  const auto known = message.answers.find(participant);
  if (known == message.answers.end()) {
    if (message.answers.size() >= kMaxAnswers) return false;
    message.answers.emplace(participant, answer);
    return true;
  }
  if (answer.at < known->second.at || answer == known->second) return false;
  known->second = answer;
  return true;
}

namespace {

void add_entry(std::string& out, std::initializer_list<std::string_view> fields) {
  bool first = true;
  for (const std::string_view field : fields) {
    if (!first) out += kFieldMark;
    out += field;
    first = false;
  }
  out += kEntryMark;
}

// Calls `take` with the first field of each entry, and with what follows it.
void for_each_entry(std::string_view text, const auto& take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(kEntryMark), text.size());
    const std::string_view entry = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t mark = entry.find(kFieldMark);
    if (mark != std::string_view::npos) take(entry.substr(0, mark), entry.substr(mark + 1));
  }
}

}  // namespace

std::string encode_reactions(const std::map<std::string, std::string>& reactions) {
  std::string out;
  for (const auto& [participant, emoji] : reactions) add_entry(out, {participant, emoji});
  return out;
}

std::map<std::string, std::string> decode_reactions(std::string_view text) {
  std::map<std::string, std::string> out;
  for_each_entry(text,
                 [&](std::string_view who, std::string_view emoji) { out.emplace(who, emoji); });
  return out;
}

std::string encode_answers(const std::map<std::string, Answer>& answers) {
  std::string out;
  for (const auto& [participant, answer] : answers) {
    add_entry(out, {participant, std::to_string(answer.at.value), answer.picks});
  }
  return out;
}

std::map<std::string, Answer> decode_answers(std::string_view text) {
  std::map<std::string, Answer> out;
  for_each_entry(text, [&](std::string_view who, std::string_view answer) {
    const std::size_t mark = answer.find(kFieldMark);
    if (mark == std::string_view::npos) return;
    const auto at = parse_number<std::int64_t>(answer.substr(0, mark));
    out.emplace(who, Answer{.picks = std::string(answer.substr(mark + 1)), .at = {at.value_or(0)}});
  });
  return out;
}

std::string encode_options(const std::vector<PollOption>& options) {
  std::string out;
  for (const PollOption& option : options) add_entry(out, {option.id, option.name});
  return out;
}

std::vector<PollOption> decode_options(std::string_view text) {
  std::vector<PollOption> out;
  for_each_entry(text, [&](std::string_view id, std::string_view name) {
    out.push_back({.id = std::string(id), .name = std::string(name)});
  });
  return out;
}

}  // namespace wasync
