#include "google/token.h"

#include <doctest/doctest.h>

#include "unit/google/google.h"

namespace token_test {

using namespace wasync;
using namespace wasync::test;
using synthetic::HttpStub;
using synthetic::kept;

namespace {

constexpr UnixSeconds kNow{1'763'820'000};  // Sat, 22 Nov 2025 14:00:00 GMT

ServiceAccount account(const std::string& token_uri) {
  return std::get<ServiceAccount>(parse_credentials(key_file(token_uri).dump()));
}
AuthorizedUser user(const std::string& token_uri) {
  return std::get<AuthorizedUser>(parse_credentials(user_file(token_uri).dump()));
}

HttpStub::Answer always(const std::string& answer) {
  return [answer](const std::string&) { return answer; };
}

std::string refusal(const json& body, const std::string& date = {}) {
  return kept(body.dump(), "400 Bad Request", date.empty() ? "" : "Date: " + date + "\r\n");
}

Error failure(const std::string& answer) {
  const HttpStub server(always(answer));
  HttpClient client;
  const OtherClock forgotten{};
  return error_of([&] { fetch_token(client, account(server.host() + "/token"), kNow); });
}

}  // namespace

TEST_CASE("a service account signs for itself") {
  const HttpStub server(always(token_answer("ya29.token")));
  const std::string uri = server.host() + "/token";
  HttpClient client;
  const AccessToken token = fetch_token(client, account(uri), kNow);
  CHECK(token.value == "ya29.token");
  CHECK(token.expires_at == UnixSeconds{kNow.value + 3600});

  const std::string request = server.requests().at(0);
  CHECK(request.starts_with("POST /token HTTP/1.1\r\n"));
  CHECK(request.find("\r\nContent-Type: application/x-www-form-urlencoded\r\n") !=
        std::string::npos);
  const auto form = parse_form(synthetic::body_of(request));
  CHECK(form.at("grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer");

  const std::string assertion = form.at("assertion");
  CHECK(assertion.find('=') == std::string::npos);
  const std::size_t first = assertion.find('.');
  const std::size_t second = assertion.rfind('.');
  REQUIRE(first < second);
  CHECK(verifies(usual_key(), as_bytes(std::string_view(assertion).substr(0, second)),
                 base64url_decode(assertion.substr(second + 1))));
  const json header = json::parse(to_string(base64url_decode(assertion.substr(0, first))));
  CHECK(header == json{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "key7"}});
  const json claims =
      json::parse(to_string(base64url_decode(assertion.substr(first + 1, second - first - 1))));
  CHECK(claims == json{{"iss", kEmail},
                       {"scope", "https://www.googleapis.com/auth/datastore"},
                       {"aud", uri},
                       {"iat", kNow.value},
                       {"exp", kNow.value + 3600}});
}

TEST_CASE("a user's refresh token is exchanged") {
  const HttpStub server(always(token_answer("ya29.user", 1799)));
  HttpClient client;
  const AccessToken token = fetch_token(client, user(server.host()), kNow);
  CHECK(token.value == "ya29.user");
  CHECK(token.expires_at == UnixSeconds{kNow.value + 1799});
  const auto form = parse_form(synthetic::body_of(server.requests().at(0)));
  CHECK(form == std::map<std::string, std::string>{{"grant_type", "refresh_token"},
                                                   {"client_id", "id.apps"},
                                                   {"client_secret", "GOCSPX-hush"},
                                                   {"refresh_token", kRefreshToken}});
}

TEST_CASE("a refusal says why") {
  const json grant{{"error", "invalid_grant"}, {"error_description", "Invalid JWT Signature."}};
  Error error = failure(refusal(grant));
  CHECK(error.code() == ErrorCode::kFirestoreRefused);
  CHECK(says(error, kEmail));
  CHECK(says(error, "invalid_grant: Invalid JWT Signature."));
  CHECK(says(error, "key may have been deleted"));
  CHECK_FALSE(says(error, "clock"));

  error = failure(kept("Unauthorized", "401 Unauthorized"));
  CHECK(error.code() == ErrorCode::kFirestoreRefused);
  CHECK(says(error, "answered 401"));

  const HttpStub server(always(refusal({{"error", "invalid_grant"}})));
  HttpClient client;
  error = error_of([&] { fetch_token(client, user(server.host()), kNow); });
  CHECK(error.code() == ErrorCode::kFirestoreRefused);
  CHECK(says(error, "invalid_grant"));
  CHECK(says(error, "gcloud auth application-default login"));
}

TEST_CASE("a wrong clock is recognised") {
  const json grant{{"error", "invalid_grant"}, {"error_description", "Check your iat."}};
  Error error = failure(refusal(grant, "Sat, 22 Nov 2025 13:50:00 GMT"));
  CHECK(error.code() == ErrorCode::kFirestoreRefused);
  CHECK(says(error, "this machine's clock is 10 minutes ahead"));
  CHECK(says(error, "Check your iat."));
  CHECK(says(error, "timedatectl"));
  CHECK(says(failure(refusal(grant, "Sat, 22 Nov 2025 15:30:00 GMT")), "90 minutes behind"));
  CHECK_FALSE(says(failure(refusal(grant, "Sat, 22 Nov 2025 13:59:00 GMT")), "clock"));
  CHECK_FALSE(says(failure(refusal({{"error", "invalid_client"}}, "Sat, 22 Nov 2025 13:50:00 GMT")),
                   "clock"));
}

TEST_CASE("what a server says is made harmless, and secrets are not repeated") {
  Error error =
      failure(refusal({{"error", "\x1b[2J"}, {"error_description", std::string(900, 'x')}}));
  CHECK_FALSE(says(error, "\x1b"));
  CHECK(std::string(error.what()).size() < 500);
  CHECK(failure(refusal({{"error", 7}, {"error_description", json::array()}})).code() ==
        ErrorCode::kFirestoreRefused);

  const HttpStub echo([](const std::string& request) {
    auto form = parse_form(synthetic::body_of(request));
    const std::string all = form["assertion"] + form["refresh_token"] + form["client_secret"];
    return refusal({{"error", "invalid_grant"}, {"error_description", "you sent " + all}});
  });
  HttpClient client;
  error = error_of([&] { fetch_token(client, account(echo.host()), kNow); });
  CHECK_FALSE(says(error, "you sent"));
  error = error_of([&] { fetch_token(client, user(echo.host()), kNow); });
  CHECK_FALSE(says(error, "hush"));
  CHECK_FALSE(says(error, kRefreshToken));
}

TEST_CASE("what passes by itself is told from a refusal") {
  for (const char* status : {"503 Busy", "500 Oops", "429 Too Many", "408 Slow"}) {
    CAPTURE(status);
    const Error error = failure(kept("{\"error\": \"internal\"}", status));
    CHECK(error.code() == ErrorCode::kFirestoreUnreachable);
    CHECK(says(error, std::string(status).substr(0, 3)));
  }
  CHECK(failure("").code() == ErrorCode::kFirestoreUnreachable);
  HttpClient client;
  const Error error = error_of([&] { fetch_token(client, account("http://127.0.0.1:1/"), kNow); });
  CHECK(error.code() == ErrorCode::kFirestoreUnreachable);
  CHECK(says(error, "127.0.0.1"));
  // It is asked once: trying again is the caller's.
  const HttpStub busy(always(kept("", "503 Busy")));
  error_of([&] { fetch_token(client, account(busy.host()), kNow); });
  CHECK(busy.requests().size() == 1);
}

TEST_CASE("no answer at all is said in words of its kind") {
  using enum HttpFailure::Kind;
  const auto said = [](HttpFailure::Kind kind, const char* words) {
    const Error error = unreachable("the token server x", {kind, "because"});
    CHECK(error.code() == ErrorCode::kFirestoreUnreachable);
    CHECK_FALSE(error.hint().empty());
    return says(error, "the token server x") && says(error, words);
  };
  CHECK(said(kUnreachable, "cannot be reached: because"));
  CHECK(said(kBroken, "cannot be reached: because"));
  CHECK(said(kTimedOut, "does not answer: because"));
  CHECK(said(kCertificate, "does not verify"));

  const HttpStub slow(always(HttpStub::kHang));
  HttpClient client;
  const Error error =
      error_of([&] { fetch_token(client, account(slow.host()), kNow, [] { return true; }); });
  CHECK(error.code() == ErrorCode::kInterrupted);
}

TEST_CASE("an answer that holds no token is none") {
  for (const json& body :
       {json{}, json{{"access_token", "x"}}, json{{"access_token", 1}, {"expires_in", 10}},
        json{{"access_token", "x"}, {"expires_in", "10"}},
        json{{"access_token", "x"}, {"expires_in", 0}},
        json{{"access_token", "x"}, {"expires_in", -5}},
        json{{"access_token", ""}, {"expires_in", 10}},
        json{{"access_token", "a\r\nX: b"}, {"expires_in", 10}},
        json{{"access_token", std::string(20'000, 'x')}, {"expires_in", 10}}, json::array()}) {
    const Error error = failure(kept(body.dump()));
    CHECK(error.code() == ErrorCode::kFirestoreUnreachable);
    CHECK(says(error, "something else than a token"));
  }
  CHECK(says(failure(kept("<html>log in to the Wi-Fi</html>")), "captive portal"));
  CHECK(says(failure(kept("", "302 Found", "Location: http://portal/\r\n")), "captive portal"));
  CHECK(failure(kept(std::string(70'000, ' '))).code() == ErrorCode::kFirestoreUnreachable);
}

TEST_CASE("a token's life is bounded") {
  const HttpStub server(always(token_answer("x", 2'000'000'000)));
  HttpClient client;
  CHECK(fetch_token(client, account(server.host()), kNow).expires_at ==
        UnixSeconds{kNow.value + 86'400});
}

}  // namespace token_test
