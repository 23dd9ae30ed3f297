#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/account_choice.h"
#include "cli/commands.h"
#include "cli/empty_inbox.h"
#include "cli/inbox_choice.h"
#include "cli/json_text.h"
#include "cli/term/table.h"
#include "cli/time_text.h"
#include "cli/unreadable_accounts.h"
#include "firestore/inbox_query.h"
#include "inbox/queries.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;

// A line of the list, from whichever source.
struct Row {
  std::string thread{};
  std::string account{};
  std::string jid{};
  std::string name{};
  std::string phone{};
  UnixSeconds last_message_at{};
  bool time_known = true;
  std::string last_message{};
  std::optional<Direction> direction{};
  std::string sender_name{};
  std::uint32_t unread = 0;
  std::optional<std::int64_t> messages{};  // not known of a thread document
  bool placeholder = false;
  std::optional<HiddenBecause> hidden_because{};
  UnixSeconds identity_changed_at{};  // not known of a thread document
};

Row row_of(const ThreadListing& thread) {
  return {.thread = thread.thread.str(),
          .account = thread.thread.account().str(),
          .jid = thread.jid.to_string(),
          .name = thread.name,
          .phone = thread.phone,
          .last_message_at = thread.last_message_at,
          .time_known = thread.time_known,
          .last_message = thread.last_message,
          .direction = thread.direction,
          .sender_name = thread.last_sender_name,
          .unread = thread.unread,
          .messages = thread.messages,
          .placeholder = thread.placeholder,
          .hidden_because = thread.hidden_because,
          .identity_changed_at = thread.identity_changed_at};
}

Row row_of(const firestore::InboxThread& thread, const AccountId& account) {
  return {.thread = thread.facts.thread_id,
          .account = account.str(),
          .jid = thread.facts.client_jid,
          .name = thread.name,
          .phone = thread.facts.phone,
          .last_message_at = thread.sort_time,
          .last_message = thread.facts.last_message_text,
          .direction = thread.direction,
          .sender_name = thread.facts.last_sender_name,
          .unread = thread.unread,
          .placeholder = thread.placeholder,
          .hidden_because = thread.hidden_because};
}

Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json as_json(const Row& row) {
  return {{"thread", row.thread},
          {"account", row.account},
          {"jid", row.jid},
          {"name", or_null(row.name)},
          {"phone", or_null(row.phone)},
          {"last_message_at", json_time(row.last_message_at)},
          {"last_message", or_null(row.last_message)},
          {"direction", row.direction ? Json(name(*row.direction)) : Json(nullptr)},
          {"unread", row.unread},
          {"messages", row.messages ? Json(*row.messages) : Json(nullptr)},
          {"placeholder", row.placeholder},
          {"hidden_because", row.hidden_because ? Json(name(*row.hidden_because)) : Json(nullptr)},
          {"identity_changed_at", json_time(row.identity_changed_at)}};
}

std::string last_message_cell(const Console& console, const Row& row) {
  if (row.placeholder) return console.say({"(no messages yet)", "(încă fără mesaje)"});
  const bool group_member_wrote = row.jid.ends_with("@g.us") && !row.sender_name.empty() &&
                                  row.direction == Direction::kInbound;
  return (group_member_wrote ? one_line(row.sender_name) + ": " : std::string()) +
         one_line(row.last_message);
}

std::string name_cell(const Row& row) {
  return one_line(row.name.empty() ? row.jid : row.name);
}

std::string table(const Console& console, const std::vector<Row>& rows, bool with_account,
                  bool with_hidden) {
  std::vector<term::Column> columns;
  if (with_account) columns.push_back({.title = console.say({"ACCOUNT", "CONT"})});
  columns.push_back({.title = console.say({"TIME", "ORA"})});
  columns.push_back({.title = console.say({"NAME", "NUME"}), .shrinks_to = 12});
  columns.push_back(
      {.title = console.say({"UNREAD", "NECITITE"}), .right_aligned = true, .expendable = true});
  // Firestore is not asked how many there are: that would cost a query for each thread.
  const bool with_messages = rows.front().messages.has_value();
  if (with_messages)
    columns.push_back(
        {.title = console.say({"MESSAGES", "MESAJE"}), .right_aligned = true, .expendable = true});
  if (with_hidden)
    columns.push_back({.title = console.say({"HIDDEN BECAUSE", "ASCUNSĂ PENTRU CĂ"})});
  columns.push_back({.title = console.say({"LAST MESSAGE", "ULTIMUL MESAJ"}), .shrinks_to = 12});

  term::Table out(std::move(columns));
  const UnixSeconds now = UnixSeconds::now();
  for (const Row& row : rows) {
    std::vector<std::string> cells;
    if (with_account) cells.push_back(row.account);
    // In a pipe the form must not depend on the day it runs.
    cells.push_back(console.out_is_terminal ? local_short(row.last_message_at, now)
                                            : local_date_time(row.last_message_at));
    cells.push_back(name_cell(row));
    cells.push_back(row.unread == 0 ? std::string() : std::to_string(row.unread));
    if (with_messages) cells.push_back(std::to_string(row.messages.value_or(0)));
    if (with_hidden) cells.emplace_back(row.hidden_because ? name(*row.hidden_because) : "");
    cells.push_back(last_message_cell(console, row));
    out.add(std::move(cells));
  }
  std::optional<int> width;
  if (console.out_is_terminal) width = term::size(STDOUT_FILENO).columns;
  return out.render(width, console.out_style);
}

bool newer(const Row& a, const Row& b) {
  if (a.time_known != b.time_known) return a.time_known;
  return a.last_message_at > b.last_message_at;
}

std::vector<Row> stored_here(Accounts& accounts, const ThreadsListOptions& options) {
  ListOptions query{.limit = std::nullopt,
                    .include_hidden = options.hidden,
                    .search = options.search,
                    .since = options.since};
  if (options.limit) query.limit = *options.limit + 1;
  std::vector<Row> rows;
  accounts.for_each([&](OpenAccount& each) {
    for (const ThreadListing& thread : list_threads(*each.database, query))
      rows.push_back(row_of(thread));
  });
  return rows;
}

bool wanted(const Row& row, const ThreadsListOptions& options) {
  if (row.hidden_because && !options.hidden) return false;
  if (row.last_message_at < options.since) return false;
  const std::string key = search_key(options.search);
  return std::ranges::any_of(
      std::array{&row.name, &row.phone, &row.jid, &row.last_message},
      [&](const std::string* text) { return search_key(*text).find(key) != std::string::npos; });
}

// What the app gets from Firestore. That it shows nothing of an account that is not connected is
// said apart, so that one can still look.
std::vector<Row> in_firestore(const Console& console, const GlobalOptions& global,
                              const std::vector<OpenAccount>& accounts,
                              const ThreadsListOptions& options) {
  GlobalOptions with_firestore = global;
  with_firestore.inbox = "firestore";
  const FirestoreInbox inbox = *firestore_inbox(with_firestore);
  HttpClient http;
  firestore::Client client(http, *inbox.credentials, inbox.target);
  std::vector<Row> rows;
  for (const OpenAccount& each : accounts) {
    const AccountId& id = each.account.id;
    const auto status = firestore::account_status(client, id);
    if (status != name(AccountStatus::kConnected))
      console.note(console.say({"The Inbox app shows nothing of {}: its status in Firestore is "
                                "\"{}\", not \"connected\".",
                                "Aplicația Inbox nu arată nimic din {}: în Firestore starea lui "
                                "este „{}”, nu „connected”."},
                               shown_name(each.account), status ? terminal_safe(*status) : "-"));
    for (const firestore::InboxThread& thread : firestore::inbox_threads(client, id)) {
      Row row = row_of(thread, id);
      if (wanted(row, options)) rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace

int threads_list(const Console& console, const GlobalOptions& global,
                 const ThreadsListOptions& options) {
  Accounts accounts = chosen_accounts(global);
  std::vector<Row> rows = options.from_firestore
                              ? in_firestore(console, global, accounts.open, options)
                              : stored_here(accounts, options);
  const bool several = accounts.open.size() > 1;
  if (several) std::ranges::stable_sort(rows, newer);
  const bool more = options.limit && rows.size() > *options.limit;
  if (more) rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(*options.limit), rows.end());

  if (console.json) {
    Json array = Json::array();
    for (const Row& row : rows) array.push_back(as_json(row));
    for (const UnreadableAccount& each : accounts.unreadable)
      array.push_back(unreadable_json(each));
    console.out(json_pretty(array) + "\n");
  } else if (!rows.empty()) {
    console.out(table(console, rows, several, options.hidden));
  }
  const bool filtered = !options.search.empty() || options.since.known();
  if (rows.empty() && options.from_firestore)
    console.note(
        console.say({"The Inbox app's query finds nothing to show. This lists what is stored here: "
                     "wa-sync threads list",
                     "Interogarea aplicației Inbox nu găsește nimic de arătat. Ce este păstrat "
                     "aici: wa-sync threads list"}));
  else if (rows.empty())
    console.note(explain_empty_list(console, accounts.open, filtered));
  if (more && console.out_is_terminal && !console.json)
    console.note(console.say({"This list shows the newest {}; --all shows every conversation.",
                              "Lista arată cele mai noi {}; --all arată toate conversațiile."},
                             rows.size()));
  return report_unreadable(console, accounts.unreadable);
}

}  // namespace wasync
