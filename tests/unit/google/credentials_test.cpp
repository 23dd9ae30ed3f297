#include "google/credentials.h"

#include <doctest/doctest.h>

#include <atomic>

#include "unit/google/google.h"

namespace credentials_test {

using namespace wasync;
using namespace wasync::test;
using synthetic::HttpStub;
using synthetic::kept;

namespace {

constexpr UnixSeconds kNow{1'763'820'000};

UnixSeconds later(std::int64_t seconds) {
  return {kNow.value + seconds};
}

Error refusal(const Surroundings& here) {
  const Error error = error_of([&] { Credentials::find(here.environment()); });
  CHECK(error.code() == ErrorCode::kConfig);
  CHECK_FALSE(error.hint().empty());
  CHECK_FALSE(says(error, "PRIVATE KEY"));
  CHECK_FALSE(says(error, "hush"));
  CHECK(Credentials::configured(here.environment()));
  return error;
}

// Tokens "t1", "t2"… of an hour each, unless told otherwise.
struct TokenStub {
  std::atomic<int> given = 0;
  std::atomic<bool> busy = false;
  HttpStub server{[this](const std::string&) {
    if (busy) return kept("", "503 Busy");
    return token_answer("t" + std::to_string(++given));
  }};
};

Credentials service_account(Surroundings& here, const TokenStub& tokens) {
  here.variables["FIREBASE_SERVICE_ACCOUNT_JSON"] = key_file(tokens.server.host()).dump();
  return Credentials::find(here.environment());
}

}  // namespace

TEST_CASE("the first source that there is counts") {
  Surroundings here;
  HttpClient client;
  // From the last to the first: each outdoes those before it.
  CHECK_FALSE(Credentials::configured(here.environment()));
  auto found = Credentials::find(here.environment());
  CHECK(found.source() == "the metadata server metadata.google.internal");

  const std::string home =
      here.file(".config/gcloud/application_default_credentials.json", user_file().dump());
  CHECK(Credentials::configured(here.environment()));
  found = Credentials::find(here.environment());
  CHECK(found.source() == home + " (a user's, of gcloud)");
  CHECK(found.project(client) == "billed");
  CHECK(found.quota_project() == "billed");

  json other = user_file();
  other["quota_project_id"] = "chosen";
  here.file("cloudsdk/application_default_credentials.json", other.dump());
  here.variables["CLOUDSDK_CONFIG"] = here.directory / "cloudsdk";
  CHECK(Credentials::find(here.environment()).project(client) == "chosen");

  const std::string google = here.file("google.json", key_file().dump());
  here.variables["GOOGLE_APPLICATION_CREDENTIALS"] = google;
  found = Credentials::find(here.environment());
  CHECK(found.source() ==
        "GOOGLE_APPLICATION_CREDENTIALS=" + google + " (service account " + kEmail + ")");
  CHECK(found.project(client) == "superparty");
  CHECK_FALSE(found.quota_project());
  CHECK_FALSE(found.emulator());

  const std::string key = here.file("key.json", key_file().dump());
  here.variables["FIREBASE_SERVICE_ACCOUNT_PATH"] = key;
  CHECK(Credentials::find(here.environment()).source() ==
        "FIREBASE_SERVICE_ACCOUNT_PATH=" + key + " (service account " + kEmail + ")");

  here.variables["FIREBASE_SERVICE_ACCOUNT_JSON"] = key_file().dump();
  CHECK(Credentials::find(here.environment()).source() ==
        std::string("FIREBASE_SERVICE_ACCOUNT_JSON (service account ") + kEmail + ")");

  here.variables["FIRESTORE_EMULATOR_HOST"] = "127.0.0.1:8080";
  found = Credentials::find(here.environment());
  CHECK(found.source() == "FIRESTORE_EMULATOR_HOST=127.0.0.1:8080 (emulator)");
  CHECK(found.emulator() == "127.0.0.1:8080");
  CHECK(found.authorization(client, kNow) == "Bearer owner");
  CHECK_FALSE(found.project(client));
}

TEST_CASE("each source alone is enough to be configured") {
  for (const char* name : {"FIRESTORE_EMULATOR_HOST", "FIREBASE_SERVICE_ACCOUNT_JSON",
                           "FIREBASE_SERVICE_ACCOUNT_PATH", "GOOGLE_APPLICATION_CREDENTIALS"}) {
    Surroundings here;
    here.variables[name] = "whatever";
    CHECK(Credentials::configured(here.environment()));
  }
  Surroundings here;
  here.variables["GCE_METADATA_HOST"] = "x";
  CHECK_FALSE(Credentials::configured(here.environment()));
}

TEST_CASE("a source that cannot be used is named, and the next is not tried") {
  Surroundings here;
  here.variables["FIREBASE_SERVICE_ACCOUNT_JSON"] = "";  // as if it were not set
  here.variables["GOOGLE_APPLICATION_CREDENTIALS"] = here.file("good.json", key_file().dump());
  const std::string missing = here.directory / "missing.json";
  here.variables["FIREBASE_SERVICE_ACCOUNT_PATH"] = missing;
  CHECK(says(refusal(here), "FIREBASE_SERVICE_ACCOUNT_PATH=" + missing));
  here.variables["FIREBASE_SERVICE_ACCOUNT_PATH"] = here.file("user.json", user_file().dump());
  CHECK(says(refusal(here), "GOOGLE_APPLICATION_CREDENTIALS"));
  here.variables["FIREBASE_SERVICE_ACCOUNT_PATH"] = here.file("bad.json", "hush");
  CHECK(says(refusal(here), "bad.json"));
  here.variables["FIREBASE_SERVICE_ACCOUNT_JSON"] = "/etc/hush.json";
  CHECK(says(refusal(here), "FIREBASE_SERVICE_ACCOUNT_JSON cannot be used"));
  here.variables["FIRESTORE_EMULATOR_HOST"] = "http://127.0.0.1:8080";
  CHECK(says(refusal(here), "without http://"));
  for (const char* bad : {"8080", ":8080", "host:", "host:port", "a/b:1", "me@host:1", "x\ny:1"}) {
    here.variables["FIRESTORE_EMULATOR_HOST"] = bad;
    CHECK(says(refusal(here), "FIRESTORE_EMULATOR_HOST"));
  }

  Surroundings gcloud;
  gcloud.file(".config/gcloud/application_default_credentials.json",
              json{{"type", "external_account"}}.dump());
  const Error error = refusal(gcloud);
  CHECK(says(error, "application_default_credentials.json"));
  CHECK(says(error, "external_account"));
}

TEST_CASE("a key given where a path belongs is not shown") {
  for (const char* name : {"FIREBASE_SERVICE_ACCOUNT_PATH", "GOOGLE_APPLICATION_CREDENTIALS"}) {
    Surroundings here;
    here.variables[name] = key_file().dump();
    const Error error = refusal(here);
    CHECK(says(error, name));
    CHECK(says(error, "FIREBASE_SERVICE_ACCOUNT_JSON"));
    CHECK_FALSE(says(error, kEmail));
  }
}

TEST_CASE("a key that everybody can read is warned of") {
  Surroundings here;
  here.variables["FIREBASE_SERVICE_ACCOUNT_PATH"] = here.file("key.json", key_file().dump(), 0644);
  const auto open = Credentials::find(here.environment());
  REQUIRE(open.warnings().size() == 1);
  CHECK(open.warnings()[0].find("key.json: chmod 600") != std::string::npos);
  here.file("key.json", key_file().dump(), 0640);
  CHECK(Credentials::find(here.environment()).warnings().empty());
}

TEST_CASE("a token is kept until five minutes before its end") {
  Surroundings here;
  TokenStub tokens;
  auto credentials = service_account(here, tokens);
  HttpClient client;
  CHECK(tokens.server.requests().empty());
  CHECK(credentials.authorization(client, kNow) == "Bearer t1");
  CHECK(credentials.authorization(client, later(3300)) == "Bearer t1");
  CHECK(tokens.given == 1);
  CHECK(credentials.authorization(client, later(3301)) == "Bearer t2");
  CHECK(credentials.authorization(client, later(6000)) == "Bearer t2");
  credentials.forget_token();
  CHECK(credentials.authorization(client, later(6000)) == "Bearer t3");
  CHECK(tokens.given == 3);
}

TEST_CASE("a renewal that fails for now is no trouble while the old token lasts") {
  Surroundings here;
  TokenStub tokens;
  auto credentials = service_account(here, tokens);
  HttpClient client;
  CHECK(credentials.authorization(client, kNow) == "Bearer t1");
  tokens.busy = true;
  CHECK(credentials.authorization(client, later(3400)) == "Bearer t1");
  CHECK(credentials.authorization(client, later(3401)) == "Bearer t1");
  CHECK(tokens.server.requests().size() == 2);  // there is a pause before the next attempt
  CHECK(credentials.authorization(client, later(3480)) == "Bearer t1");
  CHECK(tokens.server.requests().size() == 3);
  CHECK(error_of([&] { credentials.authorization(client, later(3481)); }).code() ==
        ErrorCode::kFirestoreUnreachable);
  tokens.busy = false;
  CHECK(credentials.authorization(client, later(3482)) == "Bearer t2");
}

TEST_CASE("a refusal comes out, even while the old token lasts") {
  Surroundings here;
  std::atomic<bool> revoked = false;
  const HttpStub server([&](const std::string&) {
    return revoked ? kept(R"({"error":"invalid_grant"})", "400 Bad Request") : token_answer("t");
  });
  here.variables["GOOGLE_APPLICATION_CREDENTIALS"] =
      here.file("user.json", user_file(server.host()).dump());
  auto credentials = Credentials::find(here.environment());
  HttpClient client;
  CHECK(credentials.authorization(client, kNow) == "Bearer t");
  revoked = true;
  CHECK(error_of([&] { credentials.authorization(client, later(3400)); }).code() ==
        ErrorCode::kFirestoreRefused);
}

TEST_CASE("the metadata server is asked only when a token or project is wanted") {
  Surroundings here;
  const HttpStub server([](const std::string& request) {
    const bool project = request.find("project-id") != std::string::npos;
    return kept(project ? "superparty" : R"({"access_token":"vm","expires_in":3600})", "200 OK",
                "Metadata-Flavor: Google\r\n");
  });
  here.variables["GCE_METADATA_HOST"] = "127.0.0.1:" + std::to_string(server.port());
  auto credentials = Credentials::find(here.environment());
  CHECK(server.requests().empty());
  HttpClient client;
  CHECK(credentials.project(client) == "superparty");
  CHECK(credentials.authorization(client, kNow) == "Bearer vm");
}

TEST_CASE("credentials can be moved, with their token") {
  Surroundings here;
  TokenStub tokens;
  auto first = service_account(here, tokens);
  HttpClient client;
  first.authorization(client, kNow);
  Credentials second = std::move(first);
  CHECK(second.authorization(client, kNow) == "Bearer t1");
}

TEST_CASE("a refusal that tells the right time is not the last word") {
  for (const auto ahead : {std::chrono::hours(240), std::chrono::hours(-2160)}) {
    const OtherClock google{ahead};
    const HttpStub server([&, first = true](const std::string&) mutable {
      if (!std::exchange(first, false)) return token_answer("t1");
      return kept(json{{"error", "invalid_grant"}}.dump(), "400 Bad Request",
                  date_header(google.now()));
    });
    Surroundings here;
    here.variables["FIREBASE_SERVICE_ACCOUNT_JSON"] = key_file(server.host()).dump();
    HttpClient client;
    Credentials credentials = Credentials::find(here.environment());
    CHECK(credentials.authorization(client, UnixSeconds::now(), {}) == "Bearer t1");
    CHECK(google.is_ours());
    REQUIRE(server.requests().size() == 2);
    const std::string signed_last =
        parse_form(synthetic::body_of(server.requests()[1])).at("assertion");
    const std::size_t first = signed_last.find('.');
    const std::size_t second = signed_last.rfind('.');
    const json claims =
        json::parse(to_string(base64url_decode(signed_last.substr(first + 1, second - first - 1))));
    CHECK(std::abs(claims["iat"].get<std::int64_t>() - google.now().value) <= 2);
  }
}

TEST_CASE("any other refusal is") {
  const HttpStub server([&](const std::string&) {
    return kept(json{{"error", "invalid_grant"}}.dump(), "400 Bad Request",
                date_header(UnixSeconds::of_host()));
  });
  Surroundings here;
  here.variables["FIREBASE_SERVICE_ACCOUNT_JSON"] = key_file(server.host()).dump();
  HttpClient client;
  Credentials credentials = Credentials::find(here.environment());
  error_of([&] { credentials.authorization(client, UnixSeconds::now(), {}); });
  CHECK(server.requests().size() == 1);
}

}  // namespace credentials_test
