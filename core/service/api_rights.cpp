#include "service/api_rights.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>

#include "base/error.h"
#include "base/secret_file.h"

namespace wasync {
namespace {

constexpr std::size_t kMaxAllowFile = 1 << 20;
constexpr std::size_t kHashDigits = 32;
constexpr std::string_view kStaff = "@staff";

// Google's own, and those that a user chooses ("name" is whatever the user types): a line with one
// of them would let in more people than it seems to.
constexpr std::array<std::string_view, 22> kNotCustom = {
    "acr",  "amr",      "at_hash", "aud",          "auth_time",
    "azp",  "cnf",      "c_hash",  "email",        "email_verified",
    "exp",  "firebase", "iat",     "iss",          "jti",
    "name", "nbf",      "nonce",   "phone_number", "picture",
    "sub",  "user_id"};

std::string small_letters(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

[[noreturn]] void refuse_file(const std::filesystem::path& file, const Words& why,
                              const Words& hint) {
  throw Error(
      ErrorCode::kConfig,
      Phrase{"the list of the API's users {} {}", "lista utilizatorilor API-ului {} {}"}.with(
          file.string(), why),
      hint);
}

std::string content_of(const std::filesystem::path& file) {
  using State = SecretFile::State;
  SecretFile found = read_secret_file(file, kMaxAllowFile);
  const Words hint = Phrase{"Give a text file: one uid, e-mail address or claim=value a line.",
                            "Dă un fișier text: un uid, o adresă de e-mail sau claim=valoare pe "
                            "linie."};
  if (found.state == State::kUnreadable) {
    const std::string why = std::generic_category().message(found.error);
    refuse_file(file, Phrase{"cannot be read: {}", "nu se poate citi: {}"}.with(why), hint);
  }
  if (found.state == State::kNotRegular)
    refuse_file(file, Phrase{"is not a regular file", "nu este un fișier obișnuit"}, hint);
  if (found.state == State::kTooLarge)
    refuse_file(file, Phrase{"is larger than 1 MiB", "este mai mare de 1 MiB"}, hint);
  if ((found.permissions & (S_IWGRP | S_IWOTH)) != 0)
    refuse_file(file, Phrase{"can be changed by others", "poate fi schimbat de alții"},
                "chmod go-w " + file.string());
  if (found.owner != 0 && found.owner != ::geteuid())
    refuse_file(file, Phrase{"belongs to another user", "aparține altui utilizator"},
                "chown root " + file.string());
  return std::move(found.content.text);
}

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view kBlank = " \t\r";
  std::vector<std::string_view> out;
  std::size_t at = line.find_first_not_of(kBlank);
  while (at != std::string_view::npos && line[at] != '#') {
    const std::size_t end = std::min(line.find_first_of(kBlank, at), line.size());
    out.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(kBlank, end);
  }
  return out;
}

[[noreturn]] void refuse_line(const Words& why, const Words& hint) {
  throw Error(ErrorCode::kConfig, why, hint);
}

ApiAllowed who_from(std::string_view who) {
  ApiAllowed out{.who = std::string(who)};
  if (const std::size_t equals = who.find('='); equals != std::string_view::npos) {
    out.by = ApiAllowed::By::kClaim;
    out.who = who.substr(0, equals);
    out.value = who.substr(equals + 1);
    if (out.who.empty() || out.value.empty())
      refuse_line(Phrase{"a claim needs a name and a value", "un claim cere nume și valoare"},
                  Phrase{"Write it as role=staff.", "Scrie-l ca role=staff."});
    if (std::ranges::find(kNotCustom, out.who) != kNotCustom.end())
      refuse_line(Phrase{"{} is not a custom claim", "{} nu este un claim propriu"}.with(out.who),
                  Phrase{"Name a user by uid or e-mail address, or a claim that your own code "
                         "sets.",
                         "Numește utilizatorul prin uid sau adresa de e-mail, sau un claim pe "
                         "care îl pune codul tău."});
  } else if (who == kStaff) {
    out.by = ApiAllowed::By::kStaff;
  } else if (who.find('@') != std::string_view::npos) {
    out.by = ApiAllowed::By::kEmail;
    out.who = small_letters(who);
    if (who.starts_with('@') || who.ends_with('@'))
      refuse_line(Phrase{"this is not an e-mail address", "aceasta nu este o adresă de e-mail"},
                  Phrase{"Write it as ana@example.com; whole domains cannot be named.",
                         "Scrie-o ca ana@example.com; domenii întregi nu se pot numi."});
  }
  return out;
}

ApiAllowed allowed_from(const std::vector<std::string_view>& words) {
  ApiAllowed out = who_from(words.front());
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (i == 1 && words[i] == "read") continue;
    if (i == 1 && words[i] == "manage") {
      out.grant.role = ApiRole::kManage;
      continue;
    }
    auto account = AccountId::parse(words[i]);
    if (!account)
      refuse_line(Phrase{"word {} is neither a role nor the id of an account",
                         "cuvântul {} nu este nici rol, nici id-ul unui cont"}
                      .with(i + 1),
                  Phrase{"Write: WHO, then read or manage, then ids that accounts list shows.",
                         "Scrie: CINE, apoi read sau manage, apoi id-uri arătate de accounts "
                         "list."});
    out.grant.accounts.push_back(std::move(*account));
  }
  return out;
}

bool names(const ApiAllowed& line, const FirebaseToken& user, const StaffRule& staff) {
  switch (line.by) {
    case ApiAllowed::By::kStaff: return staff.is_staff;
    case ApiAllowed::By::kUid: return line.who == user.subject;
    case ApiAllowed::By::kEmail: return line.who == small_letters(user.verified_email);
    case ApiAllowed::By::kClaim: break;
  }
  return std::ranges::any_of(user.claims, [&](const auto& claim) {
    return claim.first == line.who && claim.second == line.value;
  });
}

}  // namespace

PhoneHash phone_hash_of(const AccountId& account) {
  return account.str().substr(account.str().size() - kHashDigits);
}

bool ApiRights::allow(ApiRole role, const AccountId& account) const {
  return std::ranges::any_of(grants, [&](const ApiGrant& grant) {
    if (grant.role < role || std::ranges::count(grant.except, phone_hash_of(account)) > 0)
      return false;
    return grant.accounts.empty() || std::ranges::count(grant.accounts, account) > 0;
  });
}

ApiRights rights_to_all(ApiRole role) {
  return {.grants = {{.role = role}}};
}

std::vector<ApiAllowed> read_allow_file(const std::filesystem::path& file) {
  const std::string content = content_of(file);
  std::string_view rest = content;
  std::vector<ApiAllowed> out;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const auto words = words_of(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (words.empty()) continue;
    try {
      out.push_back(allowed_from(words));
    } catch (const Error& wrong) {
      refuse_file(file,
                  Phrase{"is wrong in line {}: {}", "greșește în linia {}: {}"}.with(
                      number, wrong.message()),
                  wrong.advice());
    }
  }
  return out;
}

bool names_staff(const std::vector<ApiAllowed>& list) {
  return std::ranges::count(list, ApiAllowed::By::kStaff, &ApiAllowed::by) > 0;
}

ApiRights rights_of(const FirebaseToken& user, const std::vector<ApiAllowed>& list,
                    const StaffRule& staff) {
  ApiRights out;
  for (const ApiAllowed& line : list) {
    if (!names(line, user, staff)) continue;
    out.grants.push_back(line.grant);
    if (line.by == ApiAllowed::By::kStaff) out.grants.back().except = staff.admin_only;
  }
  return out;
}

}  // namespace wasync
