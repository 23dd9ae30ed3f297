#include "cli/empty_inbox.h"

#include <algorithm>
#include <cstdint>

#include "inbox/queries.h"

namespace wasync {
namespace {

std::string cause_and_action(const Console& console, const std::vector<OpenAccount>& accounts,
                             const std::string& conversations, bool any) {
  if (any)
    return console.say(Text::kEmptyAllHidden, conversations) + "\n" +
           console.say(Text::kEmptyAllHiddenDo);

  const bool only_tried = std::ranges::any_of(
      accounts, [](const OpenAccount& each) { return each.account.last_history_result.dry_run; });
  if (only_tried) return console.say(Text::kEmptyDryRun) + "\n" + console.say(Text::kDryRunDo);

  const auto arriving = std::ranges::find_if(accounts, [](const OpenAccount& each) {
    return each.account.history_sync_count > 0 && !each.account.history_complete;
  });
  if (arriving != accounts.end())
    return console.say(Text::kEmptyHistoryArriving,
                       arriving->account.last_history_result.progress) +
           "\n" + console.say(Text::kEmptyHistoryArrivingDo);
  const bool history_came = std::ranges::any_of(
      accounts, [](const OpenAccount& each) { return each.account.history_sync_count > 0; });
  if (history_came)
    return console.say(Text::kEmptyNoChats) + "\n" + console.say(Text::kEmptyNoChatsDo);
  return console.say(Text::kEmptyNoHistory) + "\n" + console.say(Text::kEmptyNoHistoryDo);
}

}  // namespace

std::string explain_empty_list(const Console& console, const std::vector<OpenAccount>& accounts,
                               bool filtered) {
  std::int64_t threads = 0;
  for (const OpenAccount& each : accounts) threads += inbox_totals(*each.database).threads;
  const std::string conversations = counted(console.language, Noun::kConversation, threads);
  if (threads > 0 && filtered) return console.say(Text::kEmptyNoMatch, conversations);
  return cause_and_action(console, accounts, conversations, threads > 0) + "\n" +
         console.say(Text::kEmptyDiagnose);
}

}  // namespace wasync
