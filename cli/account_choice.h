// Which of the accounts on this host a command is about.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/sqlite.h"
#include "cli/console.h"
#include "inbox/account.h"

namespace wasync {

// One account's file, open and migrated.
struct OpenAccount {
  Account account;
  std::optional<int> holder{};  // the process that has the connection, or 0: one unknown
  std::unique_ptr<Database> database;
};

// All accounts of the state directory, possibly none. A file without an account row was
// never paired and is skipped.
std::vector<OpenAccount> all_accounts(const GlobalOptions& options);

// All accounts, or the one that `options.account` names (by id,
// phone or name; a unique part of the name will do). Throws Error(kNotPaired) when there is none,
// kUsage when the choice matches none or several.
std::vector<OpenAccount> chosen_accounts(const GlobalOptions& options);

// Which of these `text` names, in any of those ways. Throws Error(kUsage) as above.
std::size_t index_of_account(const std::vector<Account>& all, const std::string& text);

// The one account that a command is about which cannot be about several. Throws like
// chosen_accounts, and Error(kUsage) when there are several and none was named.
Account chosen_account(const GlobalOptions& options);

// The name to show: as the operator calls it, else the account's own.
std::string shown_name(const Account& account);

}  // namespace wasync
