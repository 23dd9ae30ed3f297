// How a message row is stored. What is the rule for most messages is NULL, which keeps a row short.
#include <algorithm>
#include <array>

#include "base/columns.h"
#include "inbox/message_row.h"

namespace wasync {
namespace {

template <auto... Path>
constexpr Column<MessageRow> plain(std::string_view name) {
  return column<&MessageRow::message, Path...>(name);
}

template <auto... Path>
constexpr Column<MessageRow> sparse(std::string_view name) {
  return sparse_column<&MessageRow::message, Path...>(name);
}

// Of a part that a message may lack: the column that says whether it is there, …
template <auto Part, auto Member>
constexpr Column<MessageRow> part(std::string_view name) {
  return {.name = name,
          .bind =
              [](Statement& statement, const MessageRow& row) {
                const auto& it = row.message.*Part;
                if (it) {
                  bind_value(statement, (*it).*Member);
                } else {
                  statement.bind(nullptr);
                }
              },
          .read =
              [](const Statement& query, int at, MessageRow& row) {
                auto& it = row.message.*Part;
                it.reset();
                if (!query.is_null(at)) read_value(query, at, it.emplace().*Member);
              }};
}
// … and those that come after it.
template <auto Part, auto Member>
constexpr Column<MessageRow> detail(std::string_view name) {
  return {.name = name,
          .bind =
              [](Statement& statement, const MessageRow& row) {
                const auto& it = row.message.*Part;
                if (it) {
                  bind_unless_empty(statement, (*it).*Member);
                } else {
                  statement.bind(nullptr);
                }
              },
          .read =
              [](const Statement& query, int at, MessageRow& row) {
                if (auto& it = row.message.*Part) read_value(query, at, (*it).*Member);
              }};
}

constexpr Column<MessageRow> kKeyId{
    .name = "key_id",  // NULL: the document id
    .bind =
        [](Statement& statement, const MessageRow& row) {
          const std::string& id = row.message.key.id;
          statement.bind(id == row.document_id ? std::nullopt
                                               : std::optional<std::string_view>(id));
        },
    .read =
        [](const Statement& query, int at, MessageRow& row) {
          row.message.key.id = query.is_null(at) ? row.document_id : query.text(at);
        }};

constexpr Column<MessageRow> kRemoteJid{
    .name = "key_remote_jid",  // NULL: the thread's
    .bind =
        [](Statement& statement, const MessageRow& row) {
          const std::string& jid = row.message.key.remote_jid;
          statement.bind(jid == row.message.chat.to_string()
                             ? std::nullopt
                             : std::optional<std::string_view>(jid));
        },
    .read =
        [](const Statement& query, int at, MessageRow& row) {
          row.message.key.remote_jid =
              query.is_null(at) ? row.message.chat.to_string() : query.text(at);
        }};

constexpr Column<MessageRow> kSender{
    .name = "sender",  // NULL: the thread's, or ourselves
    .bind =
        [](Statement& statement, const MessageRow& row) {
          const Message& m = row.message;
          if (m.key.from_me || m.sender == m.chat) {
            statement.bind(nullptr);
          } else {
            bind_made(statement, m.sender.to_string());
          }
        },
    .read =
        [](const Statement& query, int at, MessageRow& row) {
          Message& m = row.message;
          if (m.key.from_me) return;
          m.sender = query.is_null(at) ? (m.chat.is_person() ? m.chat : Jid{})
                                       : Jid::parse(query.text_view(at)).value_or(Jid{});
        }};

constexpr Column<MessageRow> kReactions{
    .name = "reactions",
    .bind =
        [](Statement& statement, const MessageRow& row) {
          bind_made(statement, encode_reactions(row.message.reactions));
        },
    .read = [](const Statement& query, int at,
               MessageRow& row) { row.message.reactions = decode_reactions(query.text_view(at)); }};

constexpr Column<MessageRow> kPollOptions{
    .name = "poll_options",
    .bind =
        [](Statement& statement, const MessageRow& row) {
          bind_made(statement, encode_options(row.message.poll_options));
        },
    .read =
        [](const Statement& query, int at, MessageRow& row) {
          row.message.poll_options = decode_options(query.text_view(at));
        }};

constexpr Column<MessageRow> kAnswers{
    .name = "answers",
    .bind =
        [](Statement& statement, const MessageRow& row) {
          bind_made(statement, encode_answers(row.message.answers));
        },
    .read = [](const Statement& query, int at,
               MessageRow& row) { row.message.answers = decode_answers(query.text_view(at)); }};

template <std::size_t... N>
constexpr auto joined(const std::array<Column<MessageRow>, N>&... parts) {
  std::array<Column<MessageRow>, (N + ...)> out{};
  auto end = out.begin();
  ((end = std::ranges::copy(parts, end).out), ...);
  return out;
}

// A column's rule may need those before it, and the chat.
constexpr std::array kIdColumns{column<&MessageRow::thread>("thread"),
                                column<&MessageRow::document_id>("document_id")};
constexpr std::array kContentColumns{
    plain<&Message::sent_at>("sent_at"),
    plain<&Message::key, &MessageKey::from_me>("from_me"),
    plain<&Message::type>("type"),
    plain<&Message::source>("source"),
    plain<&Message::body>("body"),
    kKeyId,
    kRemoteJid,
    sparse<&Message::key, &MessageKey::participant>("key_participant"),
    kSender,
    sparse<&Message::sender_name>("sender_name"),
    part<&Message::media, &Media::type>("media_type"),
    detail<&Message::media, &Media::mimetype>("mimetype"),
    detail<&Message::media, &Media::filename>("filename"),
    detail<&Message::media, &Media::caption>("caption"),
    detail<&Message::media, &Media::size_bytes>("size_bytes"),
    detail<&Message::media, &Media::seconds>("seconds"),
    detail<&Message::media, &Media::width>("width"),
    detail<&Message::media, &Media::height>("height"),
    part<&Message::quoted, &Quoted::id>("quoted_id"),
    detail<&Message::quoted, &Quoted::participant>("quoted_participant"),
    detail<&Message::quoted, &Quoted::preview>("quoted_preview"),
    sparse_column<&MessageRow::original_body>("original_body"),
    sparse_column<&MessageRow::body_truncated>("body_truncated"),
    sparse<&Message::edited_at>("edited_at"),
    sparse<&Message::deleted_at>("deleted_at"),
    plain<&Message::unknown_field>("unknown_field"),
    kPollOptions,
};
constexpr std::array kAnswerColumns{kReactions, kAnswers};
constexpr std::array kReceiptColumns{plain<&Message::status>("status"),
                                     sparse_column<&MessageRow::delivered_at>("delivered_at"),
                                     sparse_column<&MessageRow::read_at>("read_at")};
constexpr auto kAllButId = joined(kContentColumns, kAnswerColumns, kReceiptColumns);
constexpr auto kRowColumns = joined(kIdColumns, kAllButId);
static_assert(kMessageColumns == static_cast<int>(kRowColumns.size()) + 1);

template <const auto& kColumns>
void update_columns(Database& database, const MessageRow& row) {
  static const std::string kText = "UPDATE messages SET " + assignments(kColumns) +
                                   ", telling = coalesce(?, telling),"
                                   " revision = revision + 1, upload_error = NULL"
                                   " WHERE row_id = ?";
  auto update = database.prepare(kText);
  bind_columns(update, kColumns, row);
  bind_unless_empty(update, row.message.telling);
  update.bind(row.row_id).run();
}

}  // namespace

const std::string& message_columns() {
  static const std::string kText = "m.row_id, " + column_names(kRowColumns, "m");
  return kText;
}

MessageRow read_message(const Statement& query, const Jid& thread_jid) {
  MessageRow row;
  row.row_id = query.integer(0);
  row.message.chat = thread_jid;
  read_columns(query, kRowColumns, row, 1);
  return row;
}

const std::string& insert_message_text() {
  static const std::string kText = "INSERT INTO messages (" + column_names(kRowColumns) +
                                   ", telling, secret, secret_until) VALUES (" +
                                   placeholders(kRowColumns) +
                                   ", ?, ?, ?) ON CONFLICT (thread, document_id) DO NOTHING";
  return kText;
}

void bind_message(Statement& insert, const MessageRow& row, UnixSeconds secret_until) {
  bind_columns(insert, kRowColumns, row);
  bind_unless_empty(insert, row.message.telling);
  if (secret_until.known()) {
    insert.bind_lasting(row.message.secret).bind(secret_until);
  } else {
    insert.bind(nullptr, nullptr);
  }
}

std::optional<MessageRow> load_message(Database& database, std::int64_t thread,
                                       std::string_view document_id, const Jid& thread_jid) {
  static const std::string kText =
      "SELECT " + message_columns() + " FROM messages m WHERE m.thread = ? AND m.document_id = ?";
  auto query = database.prepare(kText);
  query.bind(thread, document_id);
  if (!query.step()) return std::nullopt;
  return read_message(query, thread_jid);
}

void update_message(Database& database, const MessageRow& row) {
  update_columns<kAllButId>(database, row);
}

void update_answers(Database& database, const MessageRow& row) {
  update_columns<kAnswerColumns>(database, row);
}

void update_receipts(Database& database, const MessageRow& row) {
  update_columns<kReceiptColumns>(database, row);
}

}  // namespace wasync
