// Which conversation a command is about.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "cli/account_choice.h"
#include "inbox/queries.h"

namespace wasync {

// Error(kUsage): `text` names none of the conversations, or all of these.
Error not_one_thread(const std::string& text, const std::vector<ThreadListing>& named);

struct ChosenThread {
  ThreadListing thread;
  Database* database = nullptr;  // of its account
};
// The conversation that `text` names among those of the accounts. Throws not_one_thread.
ChosenThread chosen_thread(const std::vector<OpenAccount>& accounts, const std::string& text);

}  // namespace wasync
