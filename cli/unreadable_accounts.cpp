#include "cli/unreadable_accounts.h"

#include <nlohmann/json.hpp>

#include "cli/error_report.h"
#include "cli/exit_code.h"

namespace wasync {

nlohmann::ordered_json unreadable_json(const UnreadableAccount& unreadable) {
  const Error& why = unreadable.why;
  return {{"account", unreadable.account.id.str()},
          {"error",
           {{"code", name(why.code())},
            {"message", why.what()},
            {"hint", advice_on(why).in(Language::kEnglish)}}}};
}

int report_unreadable(const Console& console, const std::vector<UnreadableAccount>& unreadable) {
  for (const auto& [account, why] : unreadable)
    say_error(console, Error(why.code(),
                             Phrase{"{} is left out: {}", "{} lipsește: {}"}.with(
                                 name_of_unreadable(account), why.message()),
                             why.advice()));
  if (unreadable.empty()) return static_cast<int>(ExitCode::kOk);
  return static_cast<int>(exit_code(unreadable.front().why.code()));
}

std::string name_of_unreadable(const Account& account) {
  return account.phone.empty() ? account.id.str() : account.phone;
}

}  // namespace wasync
