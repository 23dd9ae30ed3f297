#include "inbox/sealed.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/columns.h"
#include "base/text.h"
#include "inbox/ids.h"
#include "inbox/writer_state.h"

namespace wasync {
namespace {

// Strangers may seal things for messages that never were.
constexpr int kMaxKept = 2'000;
// Of one person, a thousand short ones or eight of the longest: nobody pushes another's out.
constexpr std::int64_t kMaxKeptBytesOfOne = 1024 * 1024;
// What waits for its message is rarely longer than a few lines.
constexpr std::size_t kMaxKeptBytes = 128 * 1024;
constexpr std::size_t kMaxShortBytes = 256;

// As it is stored.
struct SealedRow {
  std::int64_t row_id = 0;
  std::string chat{};
  std::string target_id{};
  bool target_from_me = false;
  std::string target_participant{};
  SealedKind kind = SealedKind::kOther;
  std::string key_id{};
  std::string key_remote_jid{};
  std::string key_participant{};
  std::string sent_by{};
  std::string sender_name{};
  UnixSeconds at{};
  SyncSource source = SyncSource::kRealtime;
  Unopened why = Unopened::kNoMessage;
  Bytes payload{};  // empty: NULL
  Bytes iv{};
};

constexpr std::array kSealedColumns{
    column<&SealedRow::chat>("chat"),
    column<&SealedRow::target_id>("target_id"),
    column<&SealedRow::target_from_me>("target_from_me"),
    column<&SealedRow::target_participant>("target_participant"),
    column<&SealedRow::kind>("kind"),
    column<&SealedRow::key_id>("key_id"),
    column<&SealedRow::key_remote_jid>("key_remote_jid"),
    column<&SealedRow::key_participant>("key_participant"),
    column<&SealedRow::sent_by>("sent_by"),
    column<&SealedRow::sender_name>("sender_name"),
    column<&SealedRow::at>("at"),
    column<&SealedRow::source>("source"),
    column<&SealedRow::why>("why"),
    sparse_column<&SealedRow::payload>("payload"),
    sparse_column<&SealedRow::iv>("iv"),
};

std::string short_text(const std::string& text) {
  return std::string(first_bytes(repaired_utf8(first_bytes(text, kMaxShortBytes)), kMaxShortBytes));
}

bool may_open_later(Unopened why) {
  return why == Unopened::kNoMessage || why == Unopened::kNoSecret;
}

void add_unless_known(std::vector<std::string>& list, std::string text) {
  if (std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

}  // namespace

std::string_view name(SealedKind kind) {
  switch (kind) {
    case SealedKind::kEdit: return "edit";
    case SealedKind::kEventEdit: return "event_edit";
    case SealedKind::kPollEdit: return "poll_edit";
    case SealedKind::kPollOption: return "poll_option";
    case SealedKind::kPollVote: return "poll_vote";
    case SealedKind::kReaction: return "reaction";
    case SealedKind::kComment: return "comment";
    case SealedKind::kEventAnswer: return "event_answer";
    case SealedKind::kSecret: return "secret";
    case SealedKind::kOther: break;
  }
  return "other";
}

std::string_view name(Unopened why) {
  switch (why) {
    case Unopened::kNoMessage: return "no_message";
    case Unopened::kNoSecret: return "no_secret";
    case Unopened::kWrongKey: return "wrong_key";
    case Unopened::kMalformed: return "malformed";
    case Unopened::kNotAllowed: break;
  }
  return "not_allowed";
}

std::vector<UnopenedCount> unopened_counts(Database& database) {
  std::vector<UnopenedCount> out;
  auto query =
      database.prepare("SELECT kind, why, count FROM unopened WHERE count > 0 ORDER BY kind, why");
  while (query.step()) {
    out.push_back({.kind = static_cast<SealedKind>(query.integer(0)),
                   .why = static_cast<Unopened>(query.integer(1)),
                   .count = query.integer(2)});
  }
  return out;
}

std::int64_t all_unopened(const std::vector<UnopenedCount>& counts) {
  std::int64_t all = 0;
  for (const UnopenedCount& each : counts) all += each.count;
  return all;
}

// All ways to write the address: as told, by phone, by LID.
std::vector<std::string> InboxWriter::State::spellings(const Jid& jid) {
  std::vector<std::string> out;
  if (jid.empty() || is_own(jid.bare())) {
    if (!jid.empty()) out.push_back(jid.bare().to_string());
    if (!own_lid.empty()) add_unless_known(out, own_lid.to_string());
    add_unless_known(out, own_phone.to_string());
    return out;
  }
  out.push_back(jid.bare().to_string());
  for (std::string& address : addresses_of(canonical(jid).to_string())) {
    add_unless_known(out, std::move(address));
  }
  return out;
}

std::variant<std::monostate, Seal, Unopened> InboxWriter::seal_of(const Sealed& sealed) {
  State& s = *state_;
  ThreadRow* thread = s.find_thread(s.canonical(sealed.chat));
  if (thread == nullptr) return Unopened::kNoMessage;
  // Who wrote the message, its sealing key says better than what names it.
  auto row = s.find_target(*thread, sealed.target);
  if (!row) {
    const Jid& chat = thread->address;
    const std::string id = message_document_id(sealed.target, chat).str();
    row = load_message(s.database, thread->row_id, id, chat);
  }
  if (!row) return Unopened::kNoMessage;
  const Message& message = row->message;
  if (message.deleted_at.known()) return std::monostate{};
  Bytes secret = s.secret_of(row->row_id);
  if (secret.empty()) return Unopened::kNoSecret;

  Seal seal{.secret = std::move(secret)};
  if (message.key.from_me) {
    seal.authors = s.spellings({});
  } else {
    const bool told = !message.key.participant.empty();
    const auto as_told = Jid::parse(told ? message.key.participant : message.key.remote_jid);
    if (as_told && as_told->is_person()) seal.authors = s.spellings(*as_told);
    for (std::string& each : s.spellings(message.sender)) {
      if (!message.sender.empty()) add_unless_known(seal.authors, std::move(each));
    }
  }
  seal.senders = s.spellings(sealed.by);
  const std::string author = (message.key.from_me ? s.own_phone : message.sender).to_string();
  seal.target = {.id = message.key.id,
                 .remote_jid = message.key.remote_jid,
                 .from_me = message.key.from_me,
                 .participant = author};
  seal.quote = {.id = message.key.id, .participant = author, .preview = preview_of(message)};
  return seal;
}

void InboxWriter::put_unopened(const Sealed& sealed, Unopened why) {
  State& s = *state_;
  if (!can_be_thread(sealed.chat)) return;
  const Jid chat = s.canonical(sealed.chat);
  const bool kept = may_open_later(why) && sealed.payload.size() <= kMaxKeptBytes;
  const SealedRow row{.chat = chat.to_string(),
                      .target_id = message_document_id(sealed.target, chat).str(),
                      .target_from_me = sealed.target.from_me,
                      .target_participant = short_text(sealed.target.participant),
                      .kind = sealed.kind,
                      .key_id = short_text(sealed.key.id),
                      .key_remote_jid = short_text(sealed.key.remote_jid),
                      .key_participant = short_text(sealed.key.participant),
                      .sent_by = sealed.by.to_string(),
                      .sender_name = short_text(sealed.sender_name),
                      .at = sealed.at,
                      .source = sealed.source,
                      .why = why,
                      .payload = kept ? sealed.payload : Bytes{},
                      .iv = kept ? sealed.iv : Bytes{}};
  static const std::string kInsert = "INSERT INTO sealed (" + column_names(kSealedColumns) +
                                     ") VALUES (" + placeholders(kSealedColumns) +
                                     ") ON CONFLICT DO NOTHING";
  auto insert = s.database.prepare(kInsert);
  bind_columns(insert, kSealedColumns, row);
  insert.run();
  if (s.database.changes() == 0) return;
  s.count_unopened(sealed.kind, why, 1);
  if (kept) s.keeps_sealed = true;
  if (!row.sent_by.empty()) {
    s.database
        .prepare(
            "DELETE FROM sealed WHERE row_id IN (SELECT row_id FROM (SELECT row_id,"
            " sum(1024 + coalesce(length(payload), 0)) OVER (ORDER BY row_id DESC) AS bytes"
            " FROM sealed WHERE sent_by = ?) WHERE bytes > ?)")
        .bind(row.sent_by, kMaxKeptBytesOfOne)
        .run();
    s.counts.left_out += s.database.changes();
  }
  s.database.prepare("DELETE FROM sealed WHERE row_id <= (SELECT max(row_id) FROM sealed) - ?")
      .bind(kMaxKept)
      .run();
  s.counts.left_out += s.database.changes();
}

void InboxWriter::State::count_unopened(SealedKind kind, Unopened why, std::int64_t more) {
  database
      .prepare(
          "INSERT INTO unopened (kind, why, count) VALUES (?, ?, max(0, ?3))"
          " ON CONFLICT (kind, why) DO UPDATE SET count = max(0, count + ?3)")
      .bind(static_cast<int>(kind), static_cast<int>(why), more)
      .run();
}

void InboxWriter::State::note_secret(const MessageRow& row) {
  if (!keeps_sealed) {
    auto query = database.prepare("SELECT 1 FROM sealed WHERE payload IS NOT NULL LIMIT 1");
    keeps_sealed = query.step();
  }
  if (*keeps_sealed) secrets_came.emplace_back(row.message.chat.to_string(), row.document_id);
}

// What is about a message that was taken back is nothing to anybody any more.
void InboxWriter::State::forget_sealed(const MessageRow& target) {
  std::vector<std::pair<SealedKind, Unopened>> gone;
  {
    auto query = database.prepare(
        "DELETE FROM sealed WHERE chat = ? AND target_id = ? AND payload IS NOT NULL"
        " RETURNING kind, why");
    query.bind(target.message.chat.to_string(), target.document_id);
    while (query.step()) {
      gone.emplace_back(static_cast<SealedKind>(query.integer(0)),
                        static_cast<Unopened>(query.integer(1)));
    }
  }
  for (const auto& [kind, why] : gone) count_unopened(kind, why, -1);
}

std::vector<Sealed> InboxWriter::take_openable() {
  static const std::string kSelect = "SELECT row_id, " + column_names(kSealedColumns) +
                                     " FROM sealed WHERE chat = ? AND target_id = ?"
                                     " AND payload IS NOT NULL ORDER BY at, row_id";
  State& s = *state_;
  std::vector<Sealed> out;
  for (const auto& [chat, document_id] : std::exchange(s.secrets_came, {})) {
    std::vector<SealedRow> rows;
    {
      auto query = s.database.prepare(kSelect);
      query.bind(chat, document_id);
      while (query.step()) {
        read_columns(query, kSealedColumns, rows.emplace_back(), 1);
        rows.back().row_id = query.integer(0);
      }
    }
    for (SealedRow& row : rows) {
      s.database.prepare("DELETE FROM sealed WHERE row_id = ?").bind(row.row_id).run();
      s.count_unopened(row.kind, row.why, -1);
      const Jid by = Jid::parse(row.sent_by).value_or(Jid{});
      out.push_back({.kind = row.kind,
                     .chat = Jid::parse(row.chat).value_or(Jid{}),
                     .key = {.id = std::move(row.key_id),
                             .remote_jid = std::move(row.key_remote_jid),
                             .from_me = by.empty(),
                             .participant = std::move(row.key_participant)},
                     .target = {.id = std::move(row.target_id),
                                .remote_jid = row.chat,
                                .from_me = row.target_from_me,
                                .participant = std::move(row.target_participant)},
                     .by = by,
                     .sender_name = std::move(row.sender_name),
                     .at = row.at,
                     .source = row.source,
                     .payload = std::move(row.payload),
                     .iv = std::move(row.iv)});
    }
  }
  return out;
}

}  // namespace wasync
