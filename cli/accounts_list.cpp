#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/account_choice.h"
#include "cli/commands.h"
#include "cli/json_text.h"
#include "cli/term/table.h"
#include "cli/time_text.h"
#include "cli/unreadable_accounts.h"
#include "inbox/left_out.h"
#include "inbox/queries.h"
#include "inbox/sealed.h"
#include "session/app_state/collection.h"
#include "session/device/device.h"
#include "session/device/schema.h"
#include "session/receive/awaited_messages.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;

// What came of all chunks so far.
Json history_json(const Account& account) {
  const HistoryResult& result = account.last_history_result;
  return {{"last_at", json_time(account.last_history_sync_at)},
          {"chunks", result.chunks},
          {"progress", result.progress},
          {"saved", result.saved},
          {"skipped", result.skipped},
          {"errors", result.errors}};
}

// What `pair` found damaged.
std::vector<std::string> damaged_app_state(Database& database) {
  std::vector<std::string> names;
  for (DamagedCollection& each : damaged_collections(database))
    names.push_back(std::move(each.name));
  return names;
}

// {edit: {no_secret: 3}, poll_vote: {no_message: 1}}
Json unopened_json(const std::vector<UnopenedCount>& counts) {
  Json out = Json::object();
  for (const UnopenedCount& each : counts)
    out[std::string(name(each.kind))][std::string(name(each.why))] = each.count;
  return out;
}

Json as_json(const Account& account, std::optional<int> holder, const InboxTotals& totals,
             const std::vector<std::string>& damaged, const Undecryptable& undecryptable,
             const std::vector<UnopenedCount>& unopened, const LeftOutCounts& left_out,
             const Device& device) {
  return {{"account", account.id.str()},
          {"phone", account.phone},
          {"name", shown_name(account)},
          {"status", name(account.status)},
          {"holder", holder ? Json(*holder) : Json(nullptr)},
          {"last_connected_at", json_time(account.last_connected_at)},
          {"phone_last_seen", json_time(device.phone_heard_at)},
          {"restored_at", json_time(device.restored_at)},
          {"threads", totals.threads},
          {"messages", totals.messages},
          {"contacts", totals.contacts},
          {"unsent", totals.unsent},
          {"set_aside", totals.set_aside},
          {"jid", account.jid.empty() ? Json(nullptr) : Json(account.jid.to_string())},
          {"lid", account.lid.empty() ? Json(nullptr) : Json(account.lid.to_string())},
          {"platform", account.platform},
          {"created_at", json_time(account.created_at)},
          {"oldest_message_at", json_time(totals.oldest_message_at)},
          {"newest_message_at", json_time(totals.newest_message_at)},
          {"history_complete", account.history_complete},
          {"history", history_json(account)},
          {"app_state", {{"damaged", damaged}}},
          {"undecryptable",
           {{"waiting", undecryptable.waiting},
            {"recovered", undecryptable.recovered},
            {"lost", undecryptable.lost}}},
          {"unopened", unopened_json(unopened)},
          {"left_out",
           {{"of_share", left_out.of_share},
            {"not_asked", left_out.not_asked},
            {"last_at", json_time(left_out.last_at)}}},
          {"last_disconnect_reason", account.last_disconnect_reason.empty()
                                         ? Json(nullptr)
                                         : Json(account.last_disconnect_reason)},
          {"last_error", account.last_error.empty() ? Json(nullptr) : Json(account.last_error)}};
}

// In place of a status: what the account's file says of it cannot be told.
constexpr std::string_view kUnreadable = "unreadable";

Json as_json(const UnreadableAccount& unreadable) {
  Json out{{"account", unreadable.account.id.str()},
           {"phone", unreadable.account.phone},
           {"name", shown_name(unreadable.account)},
           {"status", kUnreadable}};
  out.update(unreadable_json(unreadable));
  return out;
}

std::string status_cell(const Account& account) {
  std::string status(name(account.status));
  if (account.status == AccountStatus::kConnected) return status;
  // A status is a word; the reason with it is what the operator needs to see.
  const std::string& why =
      account.last_error.empty() ? account.last_disconnect_reason : account.last_error;
  if (!why.empty()) status += ": " + one_line(why);
  return status;
}

}  // namespace

int accounts_list(const Console& console, const GlobalOptions& global,
                  const AccountsListOptions& /*options*/) {
  Accounts accounts = chosen_accounts(global);
  Json json = Json::array();
  std::vector<std::string> warnings;
  term::Table table(
      {{.title = console.say({"PHONE", "TELEFON"})},
       {.title = console.say({"NAME", "NUME"}), .shrinks_to = 8},
       {.title = console.say({"STATUS", "STARE"}), .shrinks_to = 9},
       {.title = console.say({"LAST CONNECTION", "ULTIMA CONEXIUNE"})},
       {.title = console.say({"THREADS", "CONVERSAȚII"}),
        .right_aligned = true,
        .expendable = true},
       {.title = console.say({"MESSAGES", "MESAJE"}), .right_aligned = true, .expendable = true},
       {.title = console.say({"UNSENT", "NETRIMISE"}), .right_aligned = true, .expendable = true}});
  accounts.for_each([&](OpenAccount& each) {
    const Account& account = each.account;
    const InboxTotals totals = inbox_totals(*each.database);
    const auto damaged = damaged_app_state(*each.database);
    const Undecryptable undecryptable = count_undecryptable(*each.database);
    const auto unopened = unopened_counts(*each.database);
    json.push_back(as_json(account, each.holder, totals, damaged, undecryptable, unopened,
                           left_out_counts(*each.database),
                           load_device(*each.database).value_or(Device{})));
    if (!damaged.empty())
      warnings.push_back(account.phone + ": " + app_state_warning(console, damaged));
    if (undecryptable.waiting > 0)
      warnings.push_back(
          account.phone + ": " +
          console.say({"{} cannot be read yet; wa-sync has asked the senders and the phone to send "
                       "them again.\n"
                       "They arrive while wa-sync listen runs and the phone is online.",
                       "{} încă nu se pot citi; wa-sync a cerut expeditorilor și telefonului să le "
                       "retrimită.\n"
                       "Sosesc cât timp rulează wa-sync listen și telefonul este online."},
                      counted(noun::kMessage, undecryptable.waiting)));
    if (!unopened.empty())
      warnings.push_back(
          account.phone + ": " +
          console.say({"Some edits, reactions, votes or comments could not be opened: {}.\n"
                       "accounts list --json says of which kind, and why.",
                       "Unele editări, reacții, voturi sau comentarii nu s-au putut deschide: {}.\n"
                       "accounts list --json arată de ce fel și de ce."},
                      all_unopened(unopened)));
    const std::string last = local_date_time(account.last_connected_at);
    table.add({account.phone, one_line(shown_name(account)), status_cell(account),
               last.empty() ? console.say({"never", "niciodată"}) : last,
               std::to_string(totals.threads), std::to_string(totals.messages),
               std::to_string(totals.unsent)});
  });
  for (const UnreadableAccount& each : accounts.unreadable) {
    json.push_back(as_json(each));
    table.add({name_of_unreadable(each.account), one_line(shown_name(each.account)),
               std::string(kUnreadable), "", "", "", ""});
  }
  if (console.json) {
    console.out(json_pretty(json) + "\n");
    return report_unreadable(console, accounts.unreadable);
  }
  std::optional<int> width;
  if (console.out_is_terminal) width = term::size(STDOUT_FILENO).columns;
  console.out(table.render(width, console.out_style));
  for (const std::string& warning : warnings) console.note(console.err_style.yellow(warning));
  return report_unreadable(console, accounts.unreadable);
}

}  // namespace wasync
