#include <unistd.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/upgrade.h"
#include "cli/account_choice.h"
#include "cli/commands.h"
#include "cli/json_text.h"
#include "cli/message_json.h"
#include "cli/term/table.h"
#include "cli/thread_choice.h"
#include "cli/time_text.h"
#include "cli/unreadable_accounts.h"
#include "inbox/search.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;

struct Row {
  FoundMessage found;
  std::string sender{};
  Json json{};
};

void add_found(std::vector<Row>& rows, Database& database, const MessageSearch& search) {
  std::vector<FoundMessage> all;
  observe_work(database.file(), [&](const OnMigrated& on_indexed) {
    all = search_messages(database, search, on_indexed);
  });
  std::map<Jid, SenderNames> names;
  for (const FoundMessage& each : all) {
    SenderNames& of_thread =
        names.try_emplace(each.thread.jid, each.thread, database).first->second;
    Json json = message_json(each.message, each.thread.thread, of_thread);
    json["account"] = each.thread.thread.account().str();
    json["thread_name"] = each.thread.name.empty() ? Json(nullptr) : Json(each.thread.name);
    json["excerpt"] = each.excerpt;
    rows.push_back({.found = each,
                    .sender = each.message.message.key.from_me ? std::string()
                                                               : of_thread(each.message.message),
                    .json = std::move(json)});
  }
}

// Of all accounts, one more than is shown.
std::vector<Row> find(Accounts& accounts, const MessagesSearchOptions& options) {
  MessageSearch search{.text = options.text, .since = options.since, .limit = options.limit + 1};
  std::vector<Row> rows;
  if (!options.thread.empty()) {
    const ChosenThread chosen = chosen_thread(accounts.open, options.thread);
    search.thread = chosen.thread.thread;
    add_found(rows, *chosen.database, search);
    return rows;
  }
  accounts.for_each([&](OpenAccount& each) { add_found(rows, *each.database, search); });
  const auto sent_at = [](const Row& row) { return row.found.message.message.sent_at; };
  if (accounts.open.size() > 1) std::ranges::stable_sort(rows, std::ranges::greater{}, sent_at);
  return rows;
}

std::string table(const Console& console, const std::vector<Row>& rows) {
  term::Table out({{.title = console.say({"TIME", "ORA"})},
                   {.title = console.say({"CONVERSATION", "CONVERSAȚIE"}), .shrinks_to = 12},
                   {.title = console.say({"FROM", "DE LA"}), .shrinks_to = 8},
                   {.title = console.say({"TEXT", "TEXT"}), .shrinks_to = 24},
                   {.title = console.say({"ID", "ID"}), .expendable = true}});
  const UnixSeconds now = UnixSeconds::now();
  for (const auto& [found, sender, json] : rows) {
    const UnixSeconds sent_at = found.message.message.sent_at;
    const ThreadListing& thread = found.thread;
    out.add({// In a pipe the form must not depend on the day it runs.
             console.out_is_terminal ? local_short(sent_at, now) : local_date_time(sent_at),
             one_line(thread.name.empty() ? thread.jid.to_string() : thread.name),
             sender.empty() ? console.say({"me", "eu"}) : one_line(sender), one_line(found.excerpt),
             found.message.id.str()});
  }
  std::optional<int> width;
  if (console.out_is_terminal) width = term::size(STDOUT_FILENO).columns;
  return out.render(width, console.out_style);
}

}  // namespace

int messages_search(const Console& console, const GlobalOptions& global,
                    const MessagesSearchOptions& options) {
  Accounts accounts = chosen_accounts(global);
  std::vector<Row> rows = find(accounts, options);
  const bool more = rows.size() > options.limit;
  if (more) rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(options.limit), rows.end());
  if (console.json) {
    Json array = Json::array();
    for (Row& row : rows) array.push_back(std::move(row.json));
    for (const UnreadableAccount& each : accounts.unreadable)
      array.push_back(unreadable_json(each));
    console.out(json_pretty(array) + "\n");
  } else if (!rows.empty()) {
    console.out(table(console, rows));
  }
  if (rows.empty())
    console.note(
        console.say({"No message has these words.", "Niciun mesaj nu are aceste cuvinte."}));
  if (more && console.out_is_terminal && !console.json)
    console.note(console.say({"This list shows the newest {}; --limit shows more.",
                              "Lista arată cele mai noi {}; --limit arată mai multe."},
                             rows.size()));
  return report_unreadable(console, accounts.unreadable);
}

}  // namespace wasync
