// How a command that walks all accounts tells of those that it had to leave out.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "cli/account_choice.h"

namespace wasync {

// {account, error: {code, message, hint}}, for the array of a listing.
nlohmann::ordered_json unreadable_json(const UnreadableAccount& unreadable);

// Names each on standard error, with the reason and what to do. Returns the exit code of the
// command: that of the first reason, or 0 when nothing was left out.
int report_unreadable(const Console& console, const std::vector<UnreadableAccount>& unreadable);

// The phone number as far as it is known, else the id.
std::string name_of_unreadable(const Account& account);

}  // namespace wasync
