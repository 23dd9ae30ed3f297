#include "cli/empty_inbox.h"

#include <algorithm>
#include <cstdint>

#include "inbox/queries.h"

namespace wasync {
namespace {

std::string cause_and_action(const Console& console, const std::vector<OpenAccount>& accounts,
                             std::int64_t threads) {
  if (threads > 0)
    return console.say({"Nothing to show: {} here, but the Inbox app hides all of them.\n"
                        "See them, and why: wa-sync threads list --hidden",
                        "Nimic de afișat: aici sunt {}, dar aplicația Inbox le ascunde pe toate.\n"
                        "Vezi care și de ce: wa-sync threads list --hidden"},
                       counted(noun::kConversation, threads));

  const bool only_tried = std::ranges::any_of(
      accounts, [](const OpenAccount& each) { return each.account.last_history_result.dry_run; });
  if (only_tried)
    return console.say({"No conversations: the history arrived in a dry run, and wa-sync did not "
                        "store it.\n{}",
                        "Nicio conversație: istoricul a sosit doar de probă și wa-sync nu l-a "
                        "păstrat.\n{}"},
                       kStoreHistory);

  const auto arriving = std::ranges::find_if(accounts, [](const OpenAccount& each) {
    return each.account.history_sync_count > 0 && !each.account.history_complete;
  });
  if (arriving != accounts.end())
    return console.say({"No conversations yet: history was still arriving ({}%) when the account "
                        "was last connected.\n"
                        "Let it finish: wa-sync pair",
                        "Nicio conversație încă: istoricul încă sosea ({}%) la ultima conectare a "
                        "contului.\n"
                        "Lasă-l să se termine: wa-sync pair"},
                       arriving->account.last_history_result.progress);
  const bool history_came = std::ranges::any_of(
      accounts, [](const OpenAccount& each) { return each.account.history_sync_count > 0; });
  if (history_came) return console.say({"{}\n{}", "{}\n{}"}, kNoChats.why, kNoChats.what_to_do);
  return console.say(
      {"No conversations yet: the account is paired, but WhatsApp sent no history "
       "when it was\n"
       "paired and no message has come since.\n"
       "Re-pair (wa-sync pair --again, then scan the QR), or send or receive a new "
       "message.",
       "Nicio conversație încă: contul este conectat, dar WhatsApp nu a trimis "
       "istoric la\n"
       "conectare și de atunci nu a venit niciun mesaj.\n"
       "Re-pair (wa-sync pair --again, apoi scanează QR) sau trimite/primește un "
       "mesaj nou."});
}

}  // namespace

std::string explain_empty_list(const Console& console, const std::vector<OpenAccount>& accounts,
                               bool filtered) {
  std::int64_t threads = 0;
  for (const OpenAccount& each : accounts) threads += inbox_totals(*each.database).threads;
  if (threads > 0 && filtered)
    return console.say({"No conversation matches. There are {} in all.",
                        "Nicio conversație nu corespunde. În total sunt {}."},
                       counted(noun::kConversation, threads));
  return cause_and_action(console, accounts, threads) + "\n" +
         console.say({"Is anything else wrong? wa-sync diagnose",
                      "E altceva în neregulă? wa-sync diagnose"});
}

}  // namespace wasync
