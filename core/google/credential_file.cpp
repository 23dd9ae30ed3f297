#include "google/credential_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/error.h"
#include "base/loopback.h"
#include "base/text.h"

namespace wasync {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxFile = 64 << 10;
constexpr std::size_t kMaxShown = 120;
constexpr Phrase kMissing{"\"{}\" is missing in it", "„{}” lipsește din el"};

[[noreturn]] void refuse(const Words& why, const Words& hint = {}) {
  throw Error(ErrorCode::kConfig, why, hint);
}

[[noreturn]] void refuse_file(int error) {
  if (error == ENOENT) refuse(Phrase{"there is no such file", "nu există un asemenea fișier"});
  refuse(Phrase{"it cannot be read: {}", "nu se poate citi: {}"}.with(
             std::generic_category().message(error)),
         error == EACCES ? Phrase{"Give it to the user who runs wa-sync, with mode 0600.",
                                  "Dă-l utilizatorului care rulează wa-sync, cu modul 0600."}
                         : Phrase{});
}

std::string shown(const std::string& text) {
  const std::string safe = terminal_safe(text);
  return std::string(first_characters(safe, kMaxShown));
}

std::optional<std::string> optional_text(const json& file, const char* name) {
  const auto found = file.find(name);
  if (found == file.end() || found->is_null()) return std::nullopt;
  if (!found->is_string())
    refuse(Phrase{"\"{}\" in it is not a text", "„{}” din el nu este un text"}.with(name));
  return found->get<std::string>();
}

std::string text(const json& file, const char* name) {
  const auto found = optional_text(file, name);
  if (!found || found->empty()) refuse(kMissing.with(name));
  return *found;
}

std::optional<std::string> project(const json& file, const char* name) {
  auto found = optional_text(file, name);
  if (!found || found->empty()) return std::nullopt;
  if (!is_project_id(*found))
    refuse(Phrase{"\"{}\" in it is not a project id", "„{}” din el nu este un id de proiect"}.with(
        name));
  return found;
}

bool is_host(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-[]:").find(c) != std::string_view::npos;
  });
}

TokenServer token_server(const json& file) {
  const auto url = optional_text(file, "token_uri");
  if (!url) return {};
  const bool secure = url->starts_with("https://");
  const std::size_t begin = url->find("://");
  std::string host = begin == std::string::npos ? "" : url->substr(begin + 3);
  host.erase(std::min(host.find_first_of("/?#"), host.size()));
  const std::string authority = host;
  // An IPv6 address has colons of its own.
  const std::size_t port = host.find(':', host.starts_with('[') ? host.find(']') : 0);
  host.erase(std::min(port, host.size()));
  const bool local = url->starts_with("http://") && is_loopback(host);
  if (!is_host(authority) || !(secure || local)) {
    refuse(Phrase{"\"token_uri\" in it is not an https:// address",
                  "„token_uri” din el nu este o adresă https://"},
           Phrase{"It should be {}", "Ar trebui să fie {}"}.with(TokenServer{}.url));
  }
  return {.url = *url, .host = host};
}

ServiceAccount service_account(json& file) {
  std::string email = text(file, "client_email");
  auto key_id = optional_text(file, "private_key_id");
  const auto pem = file.find("private_key");
  if (pem == file.end() || !pem->is_string()) refuse(kMissing.with("private_key"));
  // Taken out of the JSON rather than copied, to be wiped.
  const SecretText secret(std::move(pem->get_ref<std::string&>()));
  RsaKey key = RsaKey::parse(secret.text);
  return {.email = std::move(email),
          .key_id = key_id.value_or(""),
          .project = project(file, "project_id"),
          .token_server = token_server(file),
          .key = std::move(key)};
}

AuthorizedUser authorized_user(const json& file) {
  return {.client_id = text(file, "client_id"),
          .client_secret = text(file, "client_secret"),
          .refresh_token = text(file, "refresh_token"),
          .quota_project = project(file, "quota_project_id"),
          .token_server = token_server(file)};
}

}  // namespace

bool is_project_id(std::string_view text) {
  return !text.empty() && text.size() <= 100 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == ':';  // the last two in "example.com:name"
  });
}

SecretFile read_credential_file(const std::filesystem::path& file) {
  SecretFile found = read_secret_file(file, kMaxFile);
  switch (found.state) {
    case SecretFile::State::kRead: return found;
    case SecretFile::State::kUnreadable: refuse_file(found.error);
    case SecretFile::State::kNotRegular:
      refuse(Phrase{"it is not a regular file", "nu este un fișier obișnuit"});
    case SecretFile::State::kTooLarge: break;
  }
  refuse(Phrase{"it is larger than 64 KiB, too large for credentials",
                "are peste 64 KiB, prea mult pentru date de acces"});
}

FileCredentials parse_credentials(std::string_view text) {
  json file = json::parse(text, nullptr, false);
  if (!file.is_object()) refuse(Phrase{"it is not a JSON object", "nu este un obiect JSON"});
  const auto type = optional_text(file, "type");
  if (!type) refuse(kMissing.with("type"));
  if (*type == "service_account") return service_account(file);
  if (*type == "authorized_user") return authorized_user(file);
  refuse(Phrase{"wa-sync does not support credentials of the type \"{}\"",
                "wa-sync nu acceptă date de acces de tipul „{}”"}
             .with(shown(*type)),
         Phrase{"Use a service account's key file, or run gcloud auth application-default login.",
                "Folosește fișierul cu cheia unui cont de serviciu sau rulează gcloud auth "
                "application-default login."});
}

}  // namespace wasync
