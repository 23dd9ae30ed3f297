#include "session/receive/awaited_messages.h"

#include "base/sqlite.h"
#include "inbox/queries.h"

namespace wasync {
namespace {

constexpr int kMostRequests = 3;
constexpr std::int64_t kShareLasts_s = 3'600;
constexpr std::int64_t kAskForS = 14 * std::int64_t{86'400};
// Strangers may send what decrypts for nobody.
constexpr int kMostRows = 100'000;

#define WASYNC_AWAITED_COLUMNS \
  "row_id, id, chat, sender, from_me, sent_at, shown, came, receipts, requests"

AwaitedMessage read(const Statement& query) {
  AwaitedMessage awaited{.row = query.integer(0),
                         .message = {.id = query.text(1)},
                         .shown = query.integer(6) != 0,
                         .came = query.integer(7) != 0,
                         .receipts = static_cast<int>(query.integer(8)),
                         .requests = static_cast<int>(query.integer(9))};
  IncomingMessage& message = awaited.message;
  message.chat = Jid::parse(query.text_view(2)).value_or(Jid{});
  message.sender = Jid::parse(query.text_view(3)).value_or(Jid{});
  message.from_me = query.integer(4) != 0;
  message.group = is_many(message.chat);
  message.sent_at = query.time(5);
  return awaited;
}

bool same(Database& database, const Jid& one, const Jid& other) {
  const auto known_as = [&](const Jid& jid) {
    const Jid bare = jid.bare();
    const auto phone = bare.is_lid() ? phone_for_lid(database, bare) : phone_of(bare);
    return phone ? *phone : bare.to_string();
  };
  return one.bare() == other.bare() || known_as(one) == known_as(other);
}

std::vector<AwaitedMessage> all_with(Database& database, std::string_view id) {
  std::vector<AwaitedMessage> found;
  auto query =
      database.prepare("SELECT " WASYNC_AWAITED_COLUMNS " FROM awaited_messages WHERE id = ?");
  query.bind(id);
  while (query.step()) found.push_back(read(query));
  return found;
}

// Also history may have brought it, or its author taken it back.
bool is_open(Database& database, const AwaitedMessage& awaited) {
  return !awaited.came && (!awaited.shown ||
                           awaits_content(database, awaited.message.chat, key_of(awaited.message)));
}

}  // namespace

std::optional<AwaitedMessage> AwaitedMessages::find(const IncomingMessage& message) const {
  for (AwaitedMessage& each : all_with(database_, message.id)) {
    if (each.message.from_me == message.from_me &&
        same(database_, each.message.chat, message.chat) &&
        same(database_, each.message.sender, message.sender)) {
      return std::move(each);
    }
  }
  return std::nullopt;
}

std::optional<AwaitedMessage> AwaitedMessages::find_open(std::string_view id, bool from_me,
                                                         const Jid& chat) const {
  for (AwaitedMessage& each : all_with(database_, id)) {
    if (!each.came && each.message.from_me == from_me && same(database_, each.message.chat, chat)) {
      return std::move(each);
    }
  }
  return std::nullopt;
}

AwaitedMessage AwaitedMessages::add(const IncomingMessage& message, const AwaitedBecause& because,
                                    UnixSeconds now) {
  if (auto known = find(message)) {
    database_
        .prepare(
            "UPDATE awaited_messages SET last_failure = ?, shown = max(shown, ?)"
            " WHERE row_id = ?")
        .bind(because.failure, because.shown, known->row)
        .run();
    known->shown |= because.shown;
    return *std::move(known);
  }
  database_
      .prepare(
          "INSERT INTO awaited_messages (id, chat, sender, from_me, sent_at, shown, phone_has_it,"
          " first_failed_at, last_failure) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(message.id, message.chat.bare().to_string(), message.sender.bare().to_string(),
            message.from_me, message.sent_at, because.shown, because.phone_has_it, now,
            because.failure)
      .run();
  AwaitedMessage added{.row = database_.last_insert_id(), .message = message};
  added.shown = because.shown;
  database_.prepare("DELETE FROM awaited_messages WHERE row_id <= ?")
      .bind(added.row - kMostRows)
      .run();
  // What nobody sees and nobody will bring any more.
  database_.prepare("DELETE FROM awaited_messages WHERE shown = 0 AND first_failed_at <= ?")
      .bind(now.value - kAskForS)
      .run();
  return added;
}

SenderShare AwaitedMessages::share_of(const Jid& sender, UnixSeconds now) const {
  auto query = database_.prepare(
      "SELECT count(*) FILTER (WHERE came = 0),"
      " coalesce(sum(receipts) FILTER (WHERE first_failed_at > ?3), 0),"
      " count(*) FILTER (WHERE requested_at > ?3)"
      " FROM awaited_messages WHERE sender = ?1 AND first_failed_at > ?2");
  query.bind(sender.bare().to_string(), now.value - kAskForS, now.value - kShareLasts_s).step();
  return {.awaited = query.integer(0), .receipts = query.integer(1), .asked = query.integer(2)};
}

void AwaitedMessages::set_receipts(std::int64_t row, int receipts) {
  database_.prepare("UPDATE awaited_messages SET receipts = ? WHERE row_id = ?")
      .bind(receipts, row)
      .run();
}

void AwaitedMessages::mark_came(std::int64_t row) {
  database_.prepare("UPDATE awaited_messages SET came = 1 WHERE row_id = ?").bind(row).run();
}

std::vector<std::int64_t> AwaitedMessages::to_request(UnixSeconds now) const {
  std::vector<std::int64_t> rows;
  auto query = database_.prepare(
      "SELECT row_id FROM awaited_messages WHERE came = 0 AND phone_has_it AND requests < ?"
      " AND first_failed_at > ? ORDER BY row_id");
  query.bind(kMostRequests, now.value - kAskForS);
  while (query.step()) rows.push_back(query.integer(0));
  return rows;
}

std::optional<AwaitedMessage> AwaitedMessages::to_request(std::int64_t row, UnixSeconds now) const {
  std::optional<AwaitedMessage> found;
  {
    auto query = database_.prepare("SELECT " WASYNC_AWAITED_COLUMNS
                                   " FROM awaited_messages WHERE row_id = ? AND phone_has_it"
                                   " AND requests < ? AND first_failed_at > ?");
    query.bind(row, kMostRequests, now.value - kAskForS);
    if (query.step()) found = read(query);
  }
  if (found && !is_open(database_, *found)) return std::nullopt;
  return found;
}

void AwaitedMessages::count_request(std::int64_t row, UnixSeconds now) {
  database_
      .prepare(
          "UPDATE awaited_messages SET requests = requests + 1, requested_at = ? WHERE row_id = ?")
      .bind(now, row)
      .run();
}

Undecryptable count_undecryptable(Database& database, UnixSeconds now) {
  auto query = database.prepare(
      "SELECT count(*) FILTER (WHERE came = 0 AND first_failed_at > ?1),"
      " count(*) FILTER (WHERE came), count(*) FILTER (WHERE came = 0 AND first_failed_at <= ?1)"
      " FROM awaited_messages INDEXED BY awaited_messages_counted WHERE shown = 1");
  query.bind(now.value - kAskForS).step();
  return {.waiting = query.integer(0), .recovered = query.integer(1), .lost = query.integer(2)};
}

}  // namespace wasync
