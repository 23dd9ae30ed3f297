#include "cli/account_choice.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/error.h"
#include "inbox/phone_forms.h"
#include "inbox/state_dir.h"
#include "session/device/account_file.h"

namespace wasync {
namespace {

constexpr Phrase kPairFirst{"Connect at least one account: wa-sync pair",
                            "Conectează cel puțin un cont: wa-sync pair"};
constexpr Phrase kChooseOne{"Choose one of: {}", "Alege unul dintre: {}"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// Better matches first: a part of a name counts only when nothing matches as a whole.
bool matches_whole(const Account& account, const std::string& text) {
  const auto phone = normalized_phone(text);
  return account.id.str() == text || (phone && same_phone(account.phone, *phone)) ||
         account.jid.bare().to_string() == text || lower(account.name) == lower(text) ||
         lower(account.push_name) == lower(text);
}

bool matches_part(const Account& account, const std::string& text) {
  return lower(account.name).find(lower(text)) != std::string::npos ||
         lower(account.push_name).find(lower(text)) != std::string::npos ||
         account.id.str().find(text) != std::string::npos;
}

std::string choices(const std::vector<Account>& accounts) {
  std::string out;
  for (const Account& each : accounts) {
    if (!out.empty()) out += ", ";
    out += each.phone.empty() ? each.id.str() : each.phone;
    const std::string name = one_line(shown_name(each));
    if (!name.empty()) out += " (" + name + ")";
  }
  return out;
}

template <typename Matches>
std::vector<std::size_t> indexes(const std::vector<Account>& all, const Matches& matches) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (matches(all[i])) found.push_back(i);
  return found;
}

// The open ones first.
std::vector<Account> rows_of(const Accounts& accounts) {
  std::vector<Account> rows;
  for (const OpenAccount& each : accounts.open) rows.push_back(each.account);
  for (const UnreadableAccount& each : accounts.unreadable) rows.push_back(each.account);
  return rows;
}

void open_into(Accounts& accounts, const StateDir& state, const AccountId& id) {
  auto database = open_beside_holder(state, id);
  auto account = read_account(*database);
  if (!account) return;
  const auto holder = AccountLock::holder(state, id);
  // A process that died could not say that it is not connected any more.
  if (!holder && account->status == AccountStatus::kConnected)
    account->status = AccountStatus::kDisconnected;
  accounts.open.push_back(
      {.account = std::move(*account), .holder = holder, .database = std::move(database)});
}

}  // namespace

Account known_of(const StateDir& state, const AccountId& id) {
  try {
    Database database(state.account_file(id), Database::Mode::kReadOnly);
    if (auto account = read_account(database)) return *std::move(account);
  } catch (const Error&) {
    // Why it cannot be read, others say.
  }
  return Account{.id = id};
}

void Accounts::for_each(const std::function<void(OpenAccount&)>& look) {
  std::erase_if(open, [&](OpenAccount& each) {
    try {
      look(each);
      return false;
    } catch (const Error& error) {
      unreadable.push_back({.account = each.account, .why = error});
      return true;
    }
  });
  if (open.empty() && !unreadable.empty()) throw Error(unreadable.front().why);
}

std::string shown_name(const Account& account) {
  return account.name.empty() ? account.push_name : account.name;
}

Accounts all_accounts(const GlobalOptions& options) {
  std::optional<std::filesystem::path> chosen;
  if (!options.state_dir.empty()) chosen = options.state_dir;
  const auto state = StateDir::open_existing(resolve_state_dir(chosen));
  Accounts all;
  if (!state) return all;
  for (const AccountId& id : state->accounts()) {
    try {
      open_into(all, *state, id);
    } catch (const Error& error) {
      all.unreadable.push_back({.account = known_of(*state, id), .why = error});
    }
  }
  if (all.open.empty() && !all.unreadable.empty()) throw Error(all.unreadable.front().why);
  return all;
}

Accounts chosen_accounts(const GlobalOptions& options) {
  Accounts all = all_accounts(options);
  if (all.open.empty())
    throw Error(ErrorCode::kNotPaired,
                Phrase{"no account is paired here", "niciun cont nu este conectat aici"},
                kPairFirst);
  if (options.account.empty()) return all;
  const std::size_t chosen = index_of_account(rows_of(all), options.account);
  if (chosen >= all.open.size()) throw Error(all.unreadable[chosen - all.open.size()].why);
  Accounts one;
  one.open.push_back(std::move(all.open[chosen]));
  return one;
}

std::size_t index_of_account(const std::vector<Account>& all, const std::string& text) {
  auto found = indexes(all, [&](const Account& each) { return matches_whole(each, text); });
  if (found.empty())
    found = indexes(all, [&](const Account& each) { return matches_part(each, text); });
  if (found.size() == 1) return found.front();
  const Phrase what =
      found.empty()
          ? Phrase{"no account matches \"{}\"", "niciun cont nu corespunde cu „{}”"}
          : Phrase{"more than one account matches \"{}\"", "mai multe conturi corespund cu „{}”"};
  throw Error(ErrorCode::kUsage, what.with(one_line(text)),
              all.empty() ? Words(kPairFirst) : kChooseOne.with(choices(all)));
}

Account chosen_account(const GlobalOptions& options) {
  const Accounts found = chosen_accounts(options);
  if (found.open.size() + found.unreadable.size() == 1) return found.open.front().account;
  throw Error(ErrorCode::kUsage,
              Phrase{"there are several accounts, and --account names none of them",
                     "sunt mai multe conturi, iar --account nu numește niciunul"},
              kChooseOne.with(choices(rows_of(found))));
}

}  // namespace wasync
