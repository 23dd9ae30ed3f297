// One row of `messages`: how a Message is stored, compared and merged. Private to the inbox.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "inbox/ids.h"
#include "inbox/message.h"

namespace wasync {

class Database;
class Statement;

// A body is cut so that its document stays below Firestore's 1 MiB.
inline constexpr std::size_t kMaxBodyBytes = 900 * 1024;
inline constexpr std::size_t kPreviewCharacters = 100;
inline constexpr std::size_t kMaxReactions = 4096;
inline constexpr std::size_t kMaxPollOptions = 50;  // WhatsApp has twelve

// The push name that WhatsApp gives for a person who has set none.
inline constexpr std::string_view kNoPushName = "-";

// Folds a name to one line of at most 256 characters.
std::string clean_name(std::string_view text);
// One reaction: bounded, without control characters; empty when nothing is left.
std::string clean_emoji(std::string_view text);
// What a list shows of a message: its text, else the name of its document, else its kind in
// brackets ("[image]", "[deleted]"); white space folded, first 100 characters.
std::string preview_of(const Message& message);

// A stored message. Reactions that were taken back stay in the map with an empty emoji, so that
// history that comes later does not bring them back; readers drop them.
struct MessageRow {
  std::int64_t row_id = 0;
  std::int64_t thread = 0;
  std::string document_id{};
  Message message{};  // texts clean and bounded; `chat` is the thread's address
  std::string original_body{};
  bool body_truncated = false;
  UnixSeconds delivered_at{};
  UnixSeconds read_at{};
};

// The columns of messages, in the order `read_message` expects.
const std::string& message_columns();
inline constexpr int kMessageColumns = 35;

// `thread_jid` fills the columns that are NULL because they equal the thread's address.
MessageRow read_message(const Statement& query, const Jid& thread_jid);

// Makes texts valid and bounded, and times believable. `message.chat` must be canonical.
MessageRow prepared_message(Message message, UnixSeconds now);

// The SQL text and the binding of an insert; `changes()` is 0 when the id is taken. Stores the
// message's secret too if it has an end. The row must stay as it is until the statement is reset.
const std::string& insert_message_text();
void bind_message(Statement& insert, const MessageRow& row, UnixSeconds secret_until);

std::optional<MessageRow> load_message(Database& database, std::int64_t thread,
                                       std::string_view document_id, const Jid& thread_jid);
// Writes a known row as a new revision: all but its id, or only what others added to it, or only
// how far it came. The less is written, the fewer indexes are.
void update_message(Database& database, const MessageRow& row);
void update_answers(Database& database, const MessageRow& row);
void update_receipts(Database& database, const MessageRow& row);

// Keeps what can be picks: short words of letters, digits and '_', not too many.
std::string clean_picks(std::string_view text);

// Adds to `known` what a second copy of the same message knows better. The first source, time and
// key stay. Returns whether anything changed.
bool merge_message(MessageRow& known, const MessageRow& told);

// Takes the answer unless a newer one of the same person is known, or there are too many. Returns
// whether anything changed.
bool take_answer(Message& message, const std::string& participant, const Answer& answer);

// Apply an edit or a revoke, whoever sent it: the caller must authorise it. Return whether anything
// changed.
bool apply_edit(MessageRow& row, const std::optional<std::string>& body, UnixSeconds at);
bool apply_revoke(MessageRow& row, UnixSeconds at);

// Encode and decode a list in one column: entries made of fields, after marks that clean texts do
// not have.
std::string encode_reactions(const std::map<std::string, std::string>& reactions);
std::map<std::string, std::string> decode_reactions(std::string_view text);
std::string encode_answers(const std::map<std::string, Answer>& answers);
std::map<std::string, Answer> decode_answers(std::string_view text);
std::string encode_options(const std::vector<PollOption>& options);
std::vector<PollOption> decode_options(std::string_view text);

}  // namespace wasync
