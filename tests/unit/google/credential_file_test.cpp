#include "google/credential_file.h"

#include <doctest/doctest.h>

#include "unit/google/google.h"

namespace credential_file_test {

using namespace wasync;
using namespace wasync::test;

namespace {

FileCredentials parse(const json& file) {
  return parse_credentials(file.dump());
}

Error refusal(const json& file) {
  const Error error = error_of([&] { parse(file); });
  CHECK(error.code() == ErrorCode::kConfig);
  CHECK_FALSE(says(error, "PRIVATE KEY"));
  CHECK_FALSE(says(error, "hush"));
  return error;
}

}  // namespace

TEST_CASE("a service account's key file") {
  const auto account = std::get<ServiceAccount>(parse(key_file()));
  CHECK(account.email == kEmail);
  CHECK(account.key_id == "key7");
  CHECK(account.project == "superparty");
  CHECK(account.token_server.host == "oauth2.googleapis.com");
  json least = key_file();
  for (const char* name : {"project_id", "private_key_id", "token_uri", "client_id"})
    least.erase(name);
  const auto same = std::get<ServiceAccount>(parse(least));
  CHECK(same.key_id.empty());
  CHECK_FALSE(same.project);
  CHECK(same.token_server.url == "https://oauth2.googleapis.com/token");
}

TEST_CASE("a user's file") {
  const auto user = std::get<AuthorizedUser>(parse(user_file()));
  CHECK(user.client_id == "id.apps");
  CHECK(user.refresh_token == kRefreshToken);
  CHECK(user.quota_project == "billed");
}

TEST_CASE("what is missing or of another kind is named") {
  for (const json& file : {key_file(), user_file()}) {
    for (const char* name :
         {"type", "client_email", "private_key", "client_id", "client_secret", "refresh_token"}) {
      if (!file.contains(name)) continue;
      if (file["type"] == "service_account" && std::string(name) == "client_id") continue;
      CAPTURE(name);
      json changed = file;
      changed.erase(name);
      CHECK(says(refusal(changed), name));
      changed[name] = 7;
      CHECK(says(refusal(changed), name));
      changed[name] = "";
      refusal(changed);
    }
  }
  json file = key_file();
  file["project_id"] = "../other";
  CHECK(says(refusal(file), "project_id"));
}

TEST_CASE("other types of credentials are said not to be supported") {
  for (const char* type : {"external_account", "impersonated_service_account", "\x1b[31mred"}) {
    json file = key_file();
    file["type"] = type;
    const Error error = refusal(file);
    CHECK(says(error, "does not support"));
    CHECK_FALSE(says(error, "\x1b"));
  }
  json file = key_file();
  file["type"] = std::string(1000, 'x');
  CHECK(std::string(refusal(file).what()).size() < 300);
}

TEST_CASE("what is no JSON object is refused") {
  for (const char* text :
       {"", "hush", "[1]", "{\"type\": \"service_account\"", "\"hush\"", "{'a'}"}) {
    CAPTURE(text);
    const Error error = error_of([&] { parse_credentials(text); });
    CHECK(error.code() == ErrorCode::kConfig);
    CHECK_FALSE(says(error, "hush"));
  }
  CHECK_THROWS_AS(parse_credentials(std::string(60'000, '[')), Error);
}

TEST_CASE("tokens are asked for over https, or from this machine") {
  const auto host = [](const char* uri) {
    return std::get<ServiceAccount>(parse(key_file(uri))).token_server.host;
  };
  CHECK(host("https://oauth2.example.com:8443/token?x=1") == "oauth2.example.com");
  CHECK(host("http://127.0.0.1:81/token") == "127.0.0.1");
  CHECK(host("http://[::1]:81/token") == "[::1]");
  for (const char* uri :
       {"", "oauth2.googleapis.com/token", "http://oauth2.googleapis.com/token", "https://",
        "https://me@oauth2.googleapis.com/token", "http://127.0.0.1@evil.example/",
        "http://127.0.0.1.evil.example/", "ftp://127.0.0.1/", "file:///etc/passwd", "https://a b/",
        "http://[::1/"}) {
    CAPTURE(uri);
    CHECK(says(refusal(key_file(uri)), "token_uri"));
  }
}

TEST_CASE("files are read with care") {
  const Surroundings here;
  const auto refused = [](const std::filesystem::path& file, const char* why) {
    const Error error = error_of([&] { read_credential_file(file); });
    CHECK(error.code() == ErrorCode::kConfig);
    CHECK_MESSAGE(says(error, why), error.what());
  };
  CHECK(read_credential_file(here.file("a", "text")).content.text == "text");
  CHECK_FALSE(read_credential_file(here.file("a", "text", 0640)).open_to_others());
  CHECK(read_credential_file(here.file("a", "text", 0644)).open_to_others());
  CHECK(read_credential_file(here.file("largest", std::string(65'536, 'x'))).content.text.size() ==
        65'536);
  refused(here.file("larger", std::string(65'537, 'x')), "64 KiB");
  refused(here.directory / "none", "no such file");
  refused(here.directory, "not a regular file");
  const auto pipe = here.directory / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  refused(pipe, "not a regular file");
  if (::geteuid() != 0) refused(here.file("closed", "x", 0000), "mode 0600");
}

}  // namespace credential_file_test
