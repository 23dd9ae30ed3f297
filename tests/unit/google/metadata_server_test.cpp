#include "google/metadata_server.h"

#include <doctest/doctest.h>

#include "unit/google/google.h"

namespace metadata_server_test {

using namespace wasync;
using namespace wasync::test;
using synthetic::HttpStub;
using synthetic::kept;

namespace {

constexpr UnixSeconds kNow{1'763'820'000};
constexpr const char* kFlavor = "Metadata-Flavor: Google\r\n";

MetadataServer at(const HttpStub& server, bool known = true) {
  return {.host = "127.0.0.1:" + std::to_string(server.port()), .known = known};
}

HttpStub::Answer always(const std::string& answer) {
  return [answer](const std::string&) { return answer; };
}

}  // namespace

TEST_CASE("the machine's own service account") {
  const HttpStub server([](const std::string& request) {
    if (request.find("\r\nMetadata-Flavor: Google\r\n") == std::string::npos)
      return kept("", "403 Forbidden", kFlavor);
    if (request.starts_with("GET /computeMetadata/v1/project/project-id HTTP"))
      return kept("superparty", "200 OK", kFlavor);
    if (request.starts_with("GET /computeMetadata/v1/instance/service-accounts/default/token?"
                            "scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fdatastore HTTP"))
      return kept(R"({"access_token": "ya29.vm", "expires_in": 1000})", "200 OK", kFlavor);
    return kept("", "404 Not Found", kFlavor);
  });
  MetadataServer metadata = at(server, false);
  HttpClient client;
  const AccessToken token = fetch_token(client, metadata, kNow);
  CHECK(token.value == "ya29.vm");
  CHECK(token.expires_at == UnixSeconds{kNow.value + 1000});
  CHECK(metadata.known);
  CHECK(fetch_project(client, metadata) == "superparty");
}

TEST_CASE("where there is none, that is said") {
  const HttpStub stranger(always(kept(R"({"access_token": "x", "expires_in": 1000})")));
  MetadataServer metadata = at(stranger, false);
  HttpClient client;
  Error error = error_of([&] { fetch_token(client, metadata, kNow); });
  CHECK(error.code() == ErrorCode::kConfig);
  CHECK(says(error, "no credentials"));
  CHECK(says(error, "FIREBASE_SERVICE_ACCOUNT_PATH"));
  CHECK_FALSE(fetch_project(client, metadata));
  CHECK_FALSE(metadata.known);

  metadata.known = true;
  error = error_of([&] { fetch_token(client, metadata, kNow); });
  CHECK(error.code() == ErrorCode::kFirestoreUnreachable);
  CHECK(says(error, "127.0.0.1"));
}

TEST_CASE("refusals and troubles of the metadata server") {
  HttpClient client;
  const auto code = [&](const std::string& answer) {
    const HttpStub server(always(answer));
    MetadataServer metadata = at(server);
    return error_of([&] { fetch_token(client, metadata, kNow); }).code();
  };
  CHECK(code(kept("", "404 Not Found", kFlavor)) == ErrorCode::kFirestoreRefused);
  CHECK(code(kept("", "503 Busy", kFlavor)) == ErrorCode::kFirestoreUnreachable);
  CHECK(code(kept("{}", "200 OK", kFlavor)) == ErrorCode::kFirestoreUnreachable);
  const HttpStub odd(always(kept("../x", "200 OK", kFlavor)));
  MetadataServer metadata = at(odd);
  CHECK_FALSE(fetch_project(client, metadata));
}

TEST_CASE("the address of the metadata server") {
  Surroundings here;
  CHECK(metadata_server(here.environment()).host == "metadata.google.internal");
  CHECK_FALSE(metadata_server(here.environment()).known);
  here.variables["GCE_METADATA_HOST"] = "169.254.169.254:80";
  CHECK(metadata_server(here.environment()).host == "169.254.169.254:80");
  CHECK(metadata_server(here.environment()).known);
  for (const char* bad : {"http://x", "a/b", "a b", "me@x", "x?y"}) {
    here.variables["GCE_METADATA_HOST"] = bad;
    CHECK(error_of([&] { metadata_server(here.environment()); }).code() == ErrorCode::kConfig);
  }
}

}  // namespace metadata_server_test
