// Why a list of conversations is empty, and what to do: the founding document's table in
// words. Never says that backfill would help: it only fills threads that exist.
#pragma once

#include <string>
#include <vector>

#include "cli/account_choice.h"
#include "cli/console.h"

namespace wasync {

struct EmptyInbox {
  Phrase why;
  Phrase what_to_do;
};
// `pair` says these two as well.
inline constexpr EmptyInbox kNoChats{
    .why = {"No conversations: the history arrived, and the phone has no chats in it.",
            "Nicio conversație: istoricul a sosit, iar telefonul nu are conversații în el."},
    .what_to_do = {"Send or receive a new message.", "Trimite sau primește un mesaj nou."}};
inline constexpr Phrase kStoreHistory{
    "To store it, link again without WHATSAPP_HISTORY_SYNC_DRY_RUN: wa-sync pair --again",
    "Ca să îl păstrezi, conectează din nou fără WHATSAPP_HISTORY_SYNC_DRY_RUN: wa-sync pair "
    "--again"};

// Two paragraphs in the console's language, without a newline at the end. `filtered`: the
// user asked for --search or --since, so conversations may exist that did not match.
std::string explain_empty_list(const Console& console, const std::vector<OpenAccount>& accounts,
                               bool filtered);

}  // namespace wasync
