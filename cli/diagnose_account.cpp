#include "cli/diagnose_account.h"

#include "cli/account_choice.h"
#include "inbox/state_dir.h"

namespace wasync {
AccountId account_to_diagnose(const std::filesystem::path& state_dir, const std::string& text) {
  std::vector<Account> all;
  if (const auto state = StateDir::open_existing(state_dir))
    for (const AccountId& id : state->accounts()) all.push_back(known_of(*state, id));
  return all[index_of_account(all, text)].id;
}

}  // namespace wasync
