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

[[noreturn]] void refuse(const std::string& why, const std::string& hint = {}) {
  throw Error(ErrorCode::kConfig, why, hint);
}

[[noreturn]] void refuse_file(int error) {
  if (error == ENOENT) refuse("there is no such file");
  refuse("it cannot be read: " + std::generic_category().message(error),
         error == EACCES ? "give it to the user who runs wa-sync, with mode 0600" : "");
}

std::string shown(const std::string& text) {
  const std::string safe = terminal_safe(text);
  return std::string(first_characters(safe, kMaxShown));
}

std::optional<std::string> optional_text(const json& file, const char* name) {
  const auto found = file.find(name);
  if (found == file.end() || found->is_null()) return std::nullopt;
  if (!found->is_string()) refuse("\"" + std::string(name) + "\" in it is no text");
  return found->get<std::string>();
}

std::string text(const json& file, const char* name) {
  const auto found = optional_text(file, name);
  if (!found || found->empty()) refuse("\"" + std::string(name) + "\" is missing in it");
  return *found;
}

std::optional<std::string> project(const json& file, const char* name) {
  auto found = optional_text(file, name);
  if (!found || found->empty()) return std::nullopt;
  if (!is_project_id(*found)) refuse("\"" + std::string(name) + "\" in it is no project's id");
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
    refuse("\"token_uri\" in it is no https:// address", "it should be " + TokenServer{}.url);
  }
  return {.url = *url, .host = host};
}

ServiceAccount service_account(json& file) {
  std::string email = text(file, "client_email");
  auto key_id = optional_text(file, "private_key_id");
  const auto pem = file.find("private_key");
  if (pem == file.end() || !pem->is_string()) refuse("\"private_key\" is missing in it");
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
    case SecretFile::State::kNotRegular: refuse("it is no file");
    case SecretFile::State::kTooLarge: break;
  }
  refuse("it is larger than 64 KiB, which no credentials are");
}

FileCredentials parse_credentials(std::string_view text) {
  json file = json::parse(text, nullptr, false);
  if (!file.is_object()) refuse("it is no JSON object");
  const auto type = optional_text(file, "type");
  if (!type) refuse("\"type\" is missing in it");
  if (*type == "service_account") return service_account(file);
  if (*type == "authorized_user") return authorized_user(file);
  refuse("credentials of the type \"" + shown(*type) + "\" are not supported",
         "use a service account's key file, or gcloud auth application-default login");
}

}  // namespace wasync
