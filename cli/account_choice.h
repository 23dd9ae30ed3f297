// Which of the accounts on this host a command is about.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/sqlite.h"
#include "cli/console.h"
#include "inbox/account.h"
#include "inbox/state_dir.h"

namespace wasync {

// One account's file, open and migrated.
struct OpenAccount {
  Account account;
  std::optional<int> holder{};  // the process that has the connection, or 0: one unknown
  std::unique_ptr<Database> database;
};

// One whose file cannot be used: a newer wa-sync wrote it, it is damaged, or it is out of reach.
struct UnreadableAccount {
  Account account;  // its id; more when the file tells it
  Error why;
};

struct Accounts {
  std::vector<OpenAccount> open{};
  std::vector<UnreadableAccount> unreadable{};

  // Calls `look` for each open account. One of which it throws Error becomes an unreadable one: its
  // trouble is not that of the others.
  void for_each(const std::function<void(OpenAccount&)>& look);
};

// All accounts of the state directory, possibly none. A file without an account row was
// never paired and is skipped. Throws what the first one throws when none can be read.
Accounts all_accounts(const GlobalOptions& options);

// All accounts, or the one that `options.account` names (by id,
// phone or name; a unique part of the name will do). Throws Error(kNotPaired) when there is none,
// kUsage when the choice matches none or several, and why the one named cannot be read.
Accounts chosen_accounts(const GlobalOptions& options);

// The account as far as its file tells it to whoever only looks; else its id alone.
Account known_of(const StateDir& state, const AccountId& id);

// Which of these `text` names, in any of those ways. Throws Error(kUsage) as above.
std::size_t index_of_account(const std::vector<Account>& all, const std::string& text);

// The one account that a command is about which cannot be about several. Throws like
// chosen_accounts, and Error(kUsage) when there are several and none was named.
Account chosen_account(const GlobalOptions& options);

// The name to show: as the operator calls it, else the account's own.
std::string shown_name(const Account& account);

}  // namespace wasync
