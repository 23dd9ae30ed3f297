// Why a list of conversations is empty, and what to do: the founding document's table in
// words. Never says that backfill would help: it only fills threads that exist.
#pragma once

#include <string>
#include <vector>

#include "cli/account_choice.h"
#include "cli/console.h"

namespace wasync {

// Two paragraphs in the console's language, without a newline at the end. `filtered`: the
// user asked for --search or --since, so conversations may exist that did not match.
std::string explain_empty_list(const Console& console, const std::vector<OpenAccount>& accounts,
                               bool filtered);

}  // namespace wasync
