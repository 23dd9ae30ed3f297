#include "cli/diagnose_account.h"

#include "base/error.h"
#include "base/sqlite.h"
#include "cli/account_choice.h"
#include "inbox/state_dir.h"

namespace wasync {
namespace {

Account known_of(const StateDir& state, const AccountId& id) {
  try {
    Database database(state.account_file(id), Database::Mode::kReadOnly);
    if (auto account = read_account(database)) return *std::move(account);
  } catch (const Error&) {
    // Why it cannot be read, the diagnosis itself says.
  }
  return Account{.id = id};
}

}  // namespace

AccountId account_to_diagnose(const std::filesystem::path& state_dir, const std::string& text) {
  std::vector<Account> all;
  if (const auto state = StateDir::open_existing(state_dir))
    for (const AccountId& id : state->accounts()) all.push_back(known_of(*state, id));
  return all[index_of_account(all, text)].id;
}

}  // namespace wasync
