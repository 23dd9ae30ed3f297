#include "service/api_inbox.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/sqlite.h"
#include "inbox/queries.h"
#include "inbox/schema.h"
#include "service/account_record.h"

namespace wasync {
namespace {

constexpr std::size_t kStep = 64;

// (A connection that cannot write at all could not read a WAL that nobody else has open.)
class Reading {
 public:
  Reading(const StateDir& state, const AccountId& account)
      : db(state.account_file(account), Database::Mode::kReadWrite) {
    db.execute("PRAGMA query_only = ON");
    if (tables_age(db, inbox_tables()) == TablesAge::kCurrent) return;
    throw Error(ErrorCode::kStore, "the account's file was written by another version of wa-sync");
  }
  Database db;
};

// A page of long messages must not be a page of memory: the number grows until it has enough.
std::vector<StoredMessage> newest_messages(Database& database, const ThreadId& thread,
                                           std::size_t limit) {
  for (std::size_t count = std::min(kStep, limit);; count = std::min(count + kStep, limit)) {
    auto messages = thread_messages(database, thread, {.limit = count, .before = {}});
    std::size_t bytes = 0;
    for (const StoredMessage& each : messages)
      bytes += each.original_body.size() + (each.message.body ? each.message.body->size() : 0);
    if (messages.size() < count || count == limit || bytes > kMaxPageBytes) {
      std::ranges::reverse(messages);
      return messages;
    }
  }
}

}  // namespace

void add_stored(const StateDir& state, std::vector<RunningAccount>& accounts) {
  for (RunningAccount& account : accounts) {
    if (!account.holds) continue;
    try {
      Reading reading(state, account.id);
      add_stored(reading.db, account);
    } catch (const Error& error) {
      log::warn("the HTTP API cannot read {}: {}", account.id.str(), error.what());
    }
  }
}

OrderedJson accounts_page(const StateDir& state, const std::vector<RunningAccount>& running,
                          const ApiRights& rights) {
  OrderedJson accounts = OrderedJson::array();
  OrderedJson unreadable = OrderedJson::array();
  for (const AccountId& id : state.accounts()) {
    if (!rights.allow(ApiRole::kRead, id)) continue;
    try {
      Reading reading(state, id);
      const auto account = read_account(reading.db);
      if (!account) continue;
      const auto found = std::ranges::find(running, id, &RunningAccount::id);
      accounts.push_back(account_json(*account, found != running.end() ? &*found : nullptr));
    } catch (const Error& error) {
      log::warn("the HTTP API leaves out {}: {}", id.str(), error.what());
      unreadable.push_back({{"accountId", id.str()}, {"message", error.what()}});
    }
  }
  OrderedJson out{{"success", true}, {"accounts", std::move(accounts)}};
  if (!unreadable.empty()) out["unreadable"] = std::move(unreadable);
  return out;
}

std::optional<OrderedJson> threads_page(const StateDir& state, const AccountId& account,
                                        std::size_t limit) {
  if (!state.has_account(account)) return std::nullopt;
  Reading reading(state, account);
  OrderedJson threads = OrderedJson::array();
  for (const ThreadListing& thread : list_threads(reading.db, {.limit = limit}))
    threads.push_back(thread_json(account, thread));
  const std::size_t count = threads.size();
  return OrderedJson{{"success", true}, {"threads", std::move(threads)}, {"count", count}};
}

std::optional<OrderedJson> messages_page(const StateDir& state, const ThreadId& thread,
                                         std::size_t limit) {
  if (!state.has_account(thread.account())) return std::nullopt;
  Reading reading(state, thread.account());
  const auto account = read_account(reading.db);
  const auto found = find_thread(reading.db, thread.str());
  const auto* listing = std::get_if<ThreadListing>(&found);
  if (!account || listing == nullptr) return std::nullopt;
  const auto stored = newest_messages(reading.db, listing->thread, limit);
  OrderedJson messages = OrderedJson::array();
  std::size_t bytes = 0;
  for (const StoredMessage& each : stored) {
    OrderedJson message = message_json(*account, listing->thread, each);
    bytes += message.dump(-1, ' ', false, OrderedJson::error_handler_t::replace).size();
    if (bytes > kMaxPageBytes && !messages.empty()) break;
    messages.push_back(std::move(message));
  }
  const std::size_t count = messages.size();
  OrderedJson out = {{"success", true},
                     {"thread", thread_json(account->id, *listing)},
                     {"messages", std::move(messages)},
                     {"count", count}};
  if (count < stored.size()) out["truncated"] = true;
  return out;
}

}  // namespace wasync
