#include "inbox/message_row.h"

#include <algorithm>

#include "base/sqlite.h"
#include "base/text.h"
#include "inbox/thread_row.h"

namespace wasync {
namespace {

constexpr std::size_t kMaxNameCharacters = 256;
constexpr std::size_t kMaxLabelBytes = 1024;   // file names, mime types, types
constexpr std::size_t kMaxAddressBytes = 256;  // raw addresses from strangers
constexpr std::size_t kMaxKeyIdBytes = 16 * 1024;
constexpr std::size_t kMaxQuoteCharacters = 1000;
constexpr std::size_t kMaxEmojiBytes = 64;
constexpr std::size_t kMaxReactions = 4096;
constexpr std::int64_t kMaxFutureSeconds = 86'400;

constexpr char kFieldMark = '\x1F';
constexpr char kEntryMark = '\x1E';

std::string bounded(std::string_view text, std::size_t bytes) {
  return std::string(first_bytes(repaired_utf8(first_bytes(text, bytes)), bytes));
}

// In place: almost every text is fine as it is.
void bound(std::string& text, std::size_t bytes) {
  if (text.size() > bytes || !is_storable(text)) text = bounded(text, bytes);
}

// NULL for what is empty or the rule.
std::optional<std::string_view> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}
std::optional<std::string_view> unless_same(const std::string& text, std::string_view rule) {
  if (text == rule) return std::nullopt;
  return text;
}
template <typename Number>
std::optional<std::int64_t> unless_zero(Number number) {
  if (number == 0) return std::nullopt;
  return static_cast<std::int64_t>(number);
}
std::optional<std::int64_t> unless_unknown(UnixSeconds time) {
  return unless_zero(time.value);
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

void bind_message(Statement& insert, const MessageRow& row) {
  const Message& m = row.message;
  const std::string chat = m.chat.to_string();
  const std::string sender = m.key.from_me ? std::string() : m.sender.to_string();
  insert.bind(row.thread, m.sent_at, row.document_id, m.key.from_me, m.type,
              static_cast<int>(m.status), static_cast<int>(m.source), m.body,
              unless_same(m.key.id, row.document_id), unless_same(m.key.remote_jid, chat),
              unless_empty(m.key.participant), sender == chat ? std::nullopt : unless_empty(sender),
              unless_empty(m.sender_name));
  if (m.media) {
    insert.bind(m.media->type, unless_empty(m.media->mimetype), unless_empty(m.media->filename),
                unless_empty(m.media->caption), unless_zero(m.media->size_bytes),
                unless_zero(m.media->seconds), unless_zero(m.media->width),
                unless_zero(m.media->height));
  } else {
    insert.bind(nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
  }
  if (m.quoted) {
    insert.bind(m.quoted->id, unless_empty(m.quoted->participant), unless_empty(m.quoted->preview));
  } else {
    insert.bind(nullptr, nullptr, nullptr);
  }
  const std::string reactions = encode_reactions(m.reactions);
  insert.bind(unless_empty(reactions), unless_empty(row.original_body),
              unless_zero(row.body_truncated ? 1 : 0), unless_unknown(m.edited_at),
              unless_unknown(m.deleted_at), unless_unknown(row.delivered_at),
              unless_unknown(row.read_at), m.unknown_field);
}

MessageRow read_message(const Statement& query, const Jid& thread_jid) {
  MessageRow row;
  Message& m = row.message;
  row.row_id = query.integer(0);
  row.thread = query.integer(1);
  m.sent_at = query.time(2);
  row.document_id = query.text(3);
  m.key.from_me = query.integer(4) != 0;
  m.type = query.text(5);
  m.status = static_cast<DeliveryStatus>(query.integer(6));
  m.source = static_cast<SyncSource>(query.integer(7));
  m.body = query.optional_text(8);
  m.chat = thread_jid;
  m.key.id = query.is_null(9) ? row.document_id : query.text(9);
  m.key.remote_jid = query.is_null(10) ? thread_jid.to_string() : query.text(10);
  m.key.participant = query.text(11);
  if (!m.key.from_me) {
    m.sender = query.is_null(12) ? (thread_jid.is_person() ? thread_jid : Jid{})
                                 : Jid::parse(query.text_view(12)).value_or(Jid{});
  }
  m.sender_name = query.text(13);
  if (!query.is_null(14)) {
    m.media = Media{.type = query.text(14),
                    .mimetype = query.text(15),
                    .filename = query.text(16),
                    .caption = query.text(17),
                    .size_bytes = static_cast<std::uint64_t>(query.integer(18)),
                    .seconds = static_cast<std::uint32_t>(query.integer(19)),
                    .width = static_cast<std::uint32_t>(query.integer(20)),
                    .height = static_cast<std::uint32_t>(query.integer(21))};
  }
  if (!query.is_null(22)) {
    m.quoted =
        Quoted{.id = query.text(22), .participant = query.text(23), .preview = query.text(24)};
  }
  m.reactions = decode_reactions(query.text_view(25));
  row.original_body = query.text(26);
  row.body_truncated = query.integer(27) != 0;
  m.edited_at = query.time(28);
  m.deleted_at = query.time(29);
  row.delivered_at = query.time(30);
  row.read_at = query.time(31);
  if (!query.is_null(32)) m.unknown_field = static_cast<std::uint32_t>(query.integer(32));
  return row;
}

std::optional<MessageRow> load_message(Database& database, std::int64_t thread,
                                       std::string_view document_id, const Jid& thread_jid) {
  auto query = database.prepare("SELECT " WASYNC_MESSAGE_COLUMNS
                                " FROM messages m WHERE m.thread = ? AND m.document_id = ?");
  query.bind(thread, document_id);
  if (!query.step()) return std::nullopt;
  return read_message(query, thread_jid);
}

void update_message(Database& database, const MessageRow& row) {
  auto update = database.prepare(
      "UPDATE messages SET thread = ?, sent_at = ?, document_id = ?, from_me = ?, type = ?,"
      " status = ?, source = ?, body = ?, key_id = ?, key_remote_jid = ?, key_participant = ?,"
      " sender = ?, sender_name = ?, media_type = ?, mimetype = ?, filename = ?, caption = ?,"
      " size_bytes = ?, seconds = ?, width = ?, height = ?, quoted_id = ?,"
      " quoted_participant = ?, quoted_preview = ?, reactions = ?, original_body = ?,"
      " body_truncated = ?, edited_at = ?, deleted_at = ?, delivered_at = ?, read_at = ?,"
      " unknown_field = ?, revision = revision + 1, upload_error = NULL WHERE row_id = ?");
  bind_message(update, row);
  update.bind(row.row_id).run();
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

  // A first telling without content (not decrypted, not understood) is completed.
  if (t.type == message_type::kUndecryptable) return changed;
  if (k.type == message_type::kUndecryptable) {
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
  return true;
}

std::string encode_reactions(const std::map<std::string, std::string>& reactions) {
  std::string out;
  for (const auto& [participant, emoji] : reactions) {
    out += participant;
    out += kFieldMark;
    out += emoji;
    out += kEntryMark;
  }
  return out;
}

std::map<std::string, std::string> decode_reactions(std::string_view text) {
  std::map<std::string, std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(kEntryMark), text.size());
    const std::string_view entry = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t mark = entry.find(kFieldMark);
    if (mark == std::string_view::npos) continue;
    out.emplace(entry.substr(0, mark), entry.substr(mark + 1));
  }
  return out;
}

}  // namespace wasync
