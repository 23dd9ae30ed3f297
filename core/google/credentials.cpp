#include "google/credentials.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/http.h"
#include "base/text.h"
#include "google/credential_file.h"
#include "google/metadata_server.h"
#include "google/token.h"

namespace wasync {
namespace {

namespace fs = std::filesystem;

// Ask for another token when the old one lasts less than the first; use the old one while it lasts
// for the second.
constexpr std::int64_t kRenewBeforeS = 300;
constexpr std::int64_t kMustLastS = 120;
// The pause after a failed renewal, while the old token is still good.
constexpr std::int64_t kRenewalPauseS = 20;

constexpr const char* kEmulator = "FIRESTORE_EMULATOR_HOST";
constexpr const char* kJson = "FIREBASE_SERVICE_ACCOUNT_JSON";
constexpr const char* kPath = "FIREBASE_SERVICE_ACCOUNT_PATH";
constexpr const char* kGoogle = "GOOGLE_APPLICATION_CREDENTIALS";

struct Emulator {
  std::string address;
};

using Kind = std::variant<Emulator, ServiceAccount, AuthorizedUser, MetadataServer>;

// "host:port".
bool is_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view port = text.substr(colon + 1);
  return !port.empty() && port.size() <= 5 &&
         std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; }) &&
         std::ranges::all_of(text.substr(0, colon), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view(".-_[]:").find(c) != std::string_view::npos;
         });
}

Emulator emulator_at(const std::string& address) {
  if (is_address(address)) return {address};
  throw Error(
      ErrorCode::kConfig,
      Phrase{"{} is not the address of an emulator", "{} nu este adresa unui emulator"}.with(
          kEmulator),
      Phrase{"Write it like 127.0.0.1:8080, without http://.",
             "Scrie-o ca 127.0.0.1:8080, fără http://."});
}

// gcloud's, when there is such a file.
std::optional<fs::path> application_default(const Environment& environment) {
  fs::path directory;
  if (const auto chosen = environment("CLOUDSDK_CONFIG")) {
    directory = *chosen;
  } else if (const auto home = environment("HOME"); home && home->starts_with('/')) {
    directory = fs::path(*home) / ".config" / "gcloud";
  } else {
    return std::nullopt;
  }
  const fs::path file = directory / "application_default_credentials.json";
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) return std::nullopt;
  return file;
}

// A key where a path should be must not be shown as one.
void require_path(const char* variable, const std::string& value) {
  if (value.find_first_of("{\n\r") == std::string::npos && value.size() < 4096) return;
  throw Error(ErrorCode::kConfig,
              Phrase{"{} does not hold a path", "{} nu conține o cale"}.with(variable),
              Phrase{"It must name a file. The text of a service account's key belongs in {}.",
                     "Trebuie să numească un fișier. Textul cheii unui cont de serviciu stă în {}."}
                  .with(kJson));
}

std::string description_of(const FileCredentials& credentials) {
  const auto* account = std::get_if<ServiceAccount>(&credentials);
  return account ? "service account " +
                       std::string(first_characters(terminal_safe(account->email), 200))
                 : "a user's, of gcloud";
}

}  // namespace

struct Credentials::State {
  Kind kind = MetadataServer{};
  std::string source;
  std::vector<std::string> warnings;
  std::optional<AccessToken> token;
  UnixSeconds next_renewal{};

  void take(const std::string& where, std::string_view text, bool account_only);
  void take_file(const std::string& where, const fs::path& file, bool account_only, Phrase hint);
  AccessToken fetch(HttpClient& client, UnixSeconds now, std::function<bool()> interrupted);
};

namespace {

// What is wrong, with where it is.
template <typename Work>
auto at(const std::string& where, Phrase hint, Work work) {
  try {
    return work();
  } catch (const Error& error) {
    throw Error(error.code(),
                Phrase{"the credentials in {} cannot be used: {}",
                       "datele de acces din {} nu se pot folosi: {}"}
                    .with(where, error.message()),
                error.advice().empty() ? Words(hint) : error.advice());
  }
}

}  // namespace

void Credentials::State::take(const std::string& where, std::string_view text, bool account_only) {
  FileCredentials found = parse_credentials(text);
  if (account_only && !std::holds_alternative<ServiceAccount>(found)) {
    throw Error(ErrorCode::kConfig,
                Phrase{"they are a user's, not a service account's",
                       "sunt ale unui utilizator, nu ale unui cont de serviciu"},
                Phrase{"Name that file in {}.", "Numește acel fișier în {}."}.with(kGoogle));
  }
  source = where + " (" + description_of(found) + ")";
  std::visit([this](auto& value) { kind = std::move(value); }, found);
}

void Credentials::State::take_file(const std::string& where, const fs::path& file,
                                   bool account_only, Phrase hint) {
  at(where, hint, [&] {
    const SecretFile found = read_credential_file(file);
    take(where, found.content.text, account_only);
    if (found.open_to_others()) {
      warnings.push_back("Every user of this machine can read the credentials in " +
                         terminal_safe(file.string()) + ": chmod 600 it.");
    }
  });
}

Credentials Credentials::find(const Environment& environment) {
  auto state = std::make_unique<State>();
  const auto path = [&](const char* variable, const std::string& value, bool account_only) {
    require_path(variable, value);
    state->take_file(std::string(variable) + "=" + terminal_safe(value), value, account_only,
                     {"Download the service account's key file again, or unset the variable.",
                      "Descarcă din nou fișierul cu cheia contului de serviciu sau șterge "
                      "variabila."});
  };
  if (const auto address = environment(kEmulator)) {
    state->kind = emulator_at(*address);
    state->source = std::string(kEmulator) + "=" + *address + " (emulator)";
  } else if (const auto text = environment(kJson)) {
    at(kJson,
       {"It must hold the whole text of a service account's key file.",
        "Trebuie să conțină tot textul fișierului cu cheia unui cont de serviciu."},
       [&] { state->take(kJson, *text, true); });
  } else if (const auto file = environment(kPath)) {
    path(kPath, *file, true);
  } else if (const auto google = environment(kGoogle)) {
    path(kGoogle, *google, false);
  } else if (const auto gcloud = application_default(environment)) {
    state->take_file(terminal_safe(gcloud->string()), *gcloud, false,
                     {"Run gcloud auth application-default login, or remove the file.",
                      "Rulează gcloud auth application-default login sau șterge fișierul."});
  } else {
    MetadataServer server = metadata_server(environment);
    state->source = "the metadata server " + server.host;
    state->kind = std::move(server);
  }
  return Credentials(std::move(state));
}

bool Credentials::configured(const Environment& environment) {
  return std::ranges::any_of(std::initializer_list<const char*>{kEmulator, kJson, kPath, kGoogle},
                             [&](const char* name) { return environment(name).has_value(); }) ||
         application_default(environment).has_value();
}

Credentials::Credentials(std::unique_ptr<State> state) : state_(std::move(state)) {}
Credentials::Credentials(Credentials&&) noexcept = default;
Credentials& Credentials::operator=(Credentials&&) noexcept = default;
Credentials::~Credentials() = default;

const std::string& Credentials::source() const {
  return state_->source;
}

std::optional<std::string> Credentials::emulator() const {
  const auto* emulator = std::get_if<Emulator>(&state_->kind);
  return emulator ? std::optional(emulator->address) : std::nullopt;
}

const std::vector<std::string>& Credentials::warnings() const {
  return state_->warnings;
}

std::optional<std::string> Credentials::project(HttpClient& client,
                                                std::function<bool()> interrupted) {
  if (const auto* account = std::get_if<ServiceAccount>(&state_->kind)) return account->project;
  if (auto* server = std::get_if<MetadataServer>(&state_->kind)) {
    return fetch_project(client, *server, std::move(interrupted));
  }
  return quota_project();
}

std::optional<std::string> Credentials::quota_project() const {
  const auto* user = std::get_if<AuthorizedUser>(&state_->kind);
  return user ? user->quota_project : std::nullopt;
}

AccessToken Credentials::State::fetch(HttpClient& client, UnixSeconds now,
                                      std::function<bool()> interrupted) {
  if (const auto* account = std::get_if<ServiceAccount>(&kind)) {
    const UnixSeconds before = UnixSeconds::now();
    try {
      return fetch_token(client, *account, now, interrupted);
    } catch (const Error&) {
      // What we sign says what time it is. The refusal may have told us the right one.
      const std::int64_t corrected = UnixSeconds::now().value - before.value;
      if (std::abs(corrected) < kClockTolerance.count()) throw;
      now.value += corrected;
    }
    return fetch_token(client, *account, now, std::move(interrupted));
  }
  if (const auto* user = std::get_if<AuthorizedUser>(&kind))
    return fetch_token(client, *user, now, std::move(interrupted));
  return fetch_token(client, std::get<MetadataServer>(kind), now, std::move(interrupted));
}

std::string Credentials::authorization(HttpClient& client, UnixSeconds now,
                                       std::function<bool()> interrupted) {
  if (std::holds_alternative<Emulator>(state_->kind)) return "Bearer owner";
  auto& token = state_->token;
  const auto lasts = [&](std::int64_t seconds) {
    return token && token->expires_at.value - now.value >= seconds;
  };
  const bool good = lasts(kMustLastS);
  if (!lasts(kRenewBeforeS) && !(good && now < state_->next_renewal)) {
    try {
      token = state_->fetch(client, now, std::move(interrupted));
    } catch (const Error& error) {
      if (!good || error.code() != ErrorCode::kFirestoreUnreachable) throw;
      state_->next_renewal = {now.value + kRenewalPauseS};
    }
  }
  return "Bearer " + token->value;
}

void Credentials::forget_token() {
  state_->token.reset();
}

}  // namespace wasync
