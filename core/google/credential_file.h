// The files that hold Google's credentials: a service account's key file, as the console gives
// it, and what `gcloud auth application-default login` writes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "google/rsa_key.h"

namespace wasync {

// The address that gives tokens: https, or http to this machine (for tests).
struct TokenServer {
  std::string url = "https://oauth2.googleapis.com/token";
  std::string host = "oauth2.googleapis.com";  // for errors
};

struct ServiceAccount {
  std::string email;
  std::string key_id;  // may be empty
  std::optional<std::string> project;
  TokenServer token_server;
  RsaKey key;
};

struct AuthorizedUser {
  std::string client_id;
  std::string client_secret;
  std::string refresh_token;
  std::optional<std::string> quota_project;
  TokenServer token_server;
};

using FileCredentials = std::variant<ServiceAccount, AuthorizedUser>;

// Throws Error(kConfig), which says what is wrong but not in which file: "it is no JSON".

// The destructor wipes the text.
struct CredentialText {
  std::string text;
  bool open_to_all = false;  // every user of this machine can read the file

  explicit CredentialText(std::string text_ = {}) : text(std::move(text_)) {}
  CredentialText(CredentialText&&) = default;
  ~CredentialText();
};

CredentialText read_credential_file(const std::filesystem::path& file);
FileCredentials parse_credentials(const CredentialText& text);

// Letters, digits and what else a project's id may have, because it becomes part of URLs.
bool is_project_id(std::string_view text);

}  // namespace wasync
