#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/account_choice.h"
#include "cli/commands.h"
#include "cli/empty_inbox.h"
#include "cli/json_text.h"
#include "cli/term/table.h"
#include "cli/time_text.h"
#include "inbox/queries.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json as_json(const ThreadListing& thread) {
  return {{"thread", thread.thread.str()},
          {"account", thread.thread.account().str()},
          {"jid", thread.jid.to_string()},
          {"name", text_or_null(thread.name)},
          {"phone", text_or_null(thread.phone)},
          {"last_message_at", json_time(thread.last_message_at)},
          {"last_message", text_or_null(thread.last_message)},
          {"direction", thread.direction ? Json(name(*thread.direction)) : Json(nullptr)},
          {"unread", thread.unread},
          {"messages", thread.messages},
          {"placeholder", thread.placeholder},
          {"hidden_because",
           thread.hidden_because ? Json(name(*thread.hidden_because)) : Json(nullptr)}};
}

std::string last_message_cell(const Console& console, const ThreadListing& thread) {
  if (thread.placeholder) return console.say(Text::kPlaceholder);
  const bool group_member_wrote = thread.jid.is_group() && !thread.last_sender_name.empty() &&
                                  thread.direction == Direction::kInbound;
  return (group_member_wrote ? one_line(thread.last_sender_name) + ": " : std::string()) +
         one_line(thread.last_message);
}

std::string name_cell(const ThreadListing& thread) {
  return one_line(thread.name.empty() ? thread.jid.to_string() : thread.name);
}

std::string table(const Console& console, const std::vector<ThreadListing>& threads,
                  bool with_account, bool with_hidden) {
  std::vector<term::Column> columns;
  if (with_account) columns.push_back({.title = console.say(Text::kColumnAccount)});
  columns.push_back({.title = console.say(Text::kColumnTime)});
  columns.push_back({.title = console.say(Text::kColumnName), .shrinks_to = 12});
  columns.push_back(
      {.title = console.say(Text::kColumnUnread), .right_aligned = true, .expendable = true});
  columns.push_back(
      {.title = console.say(Text::kColumnMessages), .right_aligned = true, .expendable = true});
  if (with_hidden) columns.push_back({.title = console.say(Text::kColumnHidden)});
  columns.push_back({.title = console.say(Text::kColumnLastMessage), .shrinks_to = 12});

  term::Table out(std::move(columns));
  const UnixSeconds now = UnixSeconds::now();
  for (const ThreadListing& thread : threads) {
    std::vector<std::string> cells;
    if (with_account) cells.push_back(thread.thread.account().str());
    // In a pipe the form must not depend on the day it runs.
    cells.push_back(console.out_is_terminal ? local_short(thread.last_message_at, now)
                                            : local_date_time(thread.last_message_at));
    cells.push_back(name_cell(thread));
    cells.push_back(thread.unread == 0 ? std::string() : std::to_string(thread.unread));
    cells.push_back(std::to_string(thread.messages));
    if (with_hidden) cells.emplace_back(thread.hidden_because ? name(*thread.hidden_because) : "");
    cells.push_back(last_message_cell(console, thread));
    out.add(std::move(cells));
  }
  std::optional<int> width;
  if (console.out_is_terminal) width = term::size(STDOUT_FILENO).columns;
  return out.render(width, console.out_style);
}

bool newer(const ThreadListing& a, const ThreadListing& b) {
  if (a.time_known != b.time_known) return a.time_known;
  return a.last_message_at > b.last_message_at;
}

// Of all accounts together, newest first; one more than the limit, to see that there is one.
std::vector<ThreadListing> listed(const std::vector<OpenAccount>& accounts,
                                  const ThreadsListOptions& options) {
  ListOptions query{.limit = std::nullopt,
                    .include_hidden = options.hidden,
                    .search = options.search,
                    .since = options.since};
  if (options.limit) query.limit = *options.limit + 1;
  std::vector<ThreadListing> all;
  for (const OpenAccount& each : accounts)
    std::ranges::move(list_threads(*each.database, query), std::back_inserter(all));
  if (accounts.size() > 1) std::ranges::stable_sort(all, newer);
  if (query.limit && all.size() > *query.limit)
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(*query.limit), all.end());
  return all;
}

}  // namespace

int threads_list(const Console& console, const GlobalOptions& global,
                 const ThreadsListOptions& options) {
  const auto accounts = chosen_accounts(console, global);
  auto threads = listed(accounts, options);
  const bool more = options.limit && threads.size() > *options.limit;
  if (more) threads.pop_back();

  if (console.json) {
    Json array = Json::array();
    for (const ThreadListing& thread : threads) array.push_back(as_json(thread));
    console.out(json_pretty(array) + "\n");
  } else if (!threads.empty()) {
    console.out(table(console, threads, accounts.size() > 1, options.hidden));
  }
  if (threads.empty()) {
    const bool filtered = !options.search.empty() || options.since.known();
    console.note(explain_empty_list(console, accounts, filtered));
  }
  if (more && console.out_is_terminal && !console.json)
    console.note(console.say(Text::kMoreThreads, threads.size()));
  return 0;
}

}  // namespace wasync
