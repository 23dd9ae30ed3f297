#include "firestore/failure.h"

#include <doctest/doctest.h>

namespace failure_test {

using namespace wasync;
using namespace wasync::firestore;

namespace {

HttpAnswer answer(long status, std::string body, std::string retry_after = {}) {
  HttpAnswer out;
  out.status = status;
  out.body = std::move(body);
  if (!retry_after.empty()) out.headers.emplace_back("retry-after", retry_after);
  return out;
}

FailureKind kind(long status, std::string body = {}) {
  return failure_in(answer(status, std::move(body)))->kind;
}

}  // namespace

TEST_CASE("a success is no failure") {
  CHECK_FALSE(failure_in(answer(200, "{}")));
}

TEST_CASE("what is wrong is told by the status in the body, else by HTTP's") {
  CHECK(kind(401) == FailureKind::kUnauthenticated);
  CHECK(kind(403) == FailureKind::kPermissionDenied);
  CHECK(kind(404) == FailureKind::kNotFound);
  CHECK(kind(413) == FailureKind::kTooLarge);
  CHECK(kind(429) == FailureKind::kExhausted);
  CHECK(kind(500) == FailureKind::kUnavailable);
  CHECK(kind(503, "<html>busy</html>") == FailureKind::kUnavailable);
  CHECK(kind(301) == FailureKind::kMalformed);
  CHECK(kind(400, R"({"error":{"code":400,"status":"FAILED_PRECONDITION","message":"m"}})") ==
        FailureKind::kFailedPrecondition);
  CHECK(kind(409, R"({"error":{"status":"ALREADY_EXISTS"}})") == FailureKind::kAlreadyExists);
  // Streaming methods wrap it in a list.
  CHECK(kind(400, R"([{"error":{"status":"PERMISSION_DENIED"}}])") ==
        FailureKind::kPermissionDenied);
  // The emulator's word for a request that is too large.
  CHECK(kind(429,
             R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED",
                 "message":"gRPC message exceeds maximum size 4194304: 12001497"}})") ==
        FailureKind::kTooLarge);
}

TEST_CASE("odd bodies are survived") {
  for (const char* body : {"", "null", "[]", "[5]", "5", "{\"error\":5}",
                           "{\"error\":{\"status\":5}}", "{\"error\":{\"message\":[]}}"}) {
    CAPTURE(body);
    CHECK(kind(503, body) == FailureKind::kUnavailable);
  }
}

TEST_CASE("what is worth retrying") {
  for (const long status : {429L, 500L, 502L, 503L, 504L, 408L})
    CHECK(failure_in(answer(status, ""))->worth_retrying());
  for (const long status : {400L, 401L, 403L, 404L})
    CHECK_FALSE(failure_in(answer(status, ""))->worth_retrying());
  CHECK(failure_of({HttpFailure::Kind::kUnreachable, "nobody there"}).worth_retrying());
}

TEST_CASE("Retry-After is understood in both forms, and bounded") {
  using std::chrono::seconds;
  CHECK(failure_in(answer(429, "", "7"))->retry_after == seconds(7));
  CHECK(failure_in(answer(429, "", "99999999"))->retry_after == seconds(86'400));
  CHECK(failure_in(answer(429, "", "Sun, 06 Nov 1994 08:49:37 GMT"))->retry_after == seconds(0));
  CHECK_FALSE(failure_in(answer(429, "", "soon"))->retry_after);
}

TEST_CASE("the link that creates a missing index is found and shown") {
  const auto failure = failure_in(answer(
      400,
      R"({"error":{"status":"FAILED_PRECONDITION","message":"The query requires an index. You can create it here: https://console.firebase.google.com/v1/r/project/p/firestore/indexes?create_composite=abc and wait"}})"));
  CHECK(
      failure->create_index_link ==
      "https://console.firebase.google.com/v1/r/project/p/firestore/indexes?create_composite=abc");
  const Error error = to_error(*failure, "reading threads", "p");
  CHECK(error.code() == ErrorCode::kFirestoreRefused);
  CHECK(error.hint().find("https://console.firebase") != std::string::npos);
}

TEST_CASE("a server's words do not reach the terminal raw") {
  const auto failure =
      failure_in(answer(400, "{\"error\":{\"message\":\"a\\u001b[31mred\\n\\nb\"}}"));
  CHECK(failure->message.in(Language::kEnglish).find('\x1b') == std::string::npos);
  CHECK(failure->message.in(Language::kEnglish).find('\n') == std::string::npos);
}

TEST_CASE("a refused token and a clock that is wrong are named together") {
  HttpAnswer refused = answer(401, R"({"error":{"status":"UNAUTHENTICATED","message":"no"}})");
  CHECK(failure_in(refused)->message.in(Language::kEnglish) == "no");
  refused.headers.emplace_back("date", "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(failure_in(refused)->message.in(Language::kRomanian).find("este înainte cu") !=
        std::string::npos);
}

TEST_CASE("codes of single writes") {
  CHECK(failure_of_write(3, "bad").kind == FailureKind::kInvalid);
  CHECK(failure_of_write(6, "").kind == FailureKind::kAlreadyExists);
  CHECK(failure_of_write(14, "").worth_retrying());
  CHECK(failure_of_write(10, "").worth_retrying());
  CHECK_FALSE(failure_of_write(7, "").worth_retrying());
}

}  // namespace failure_test
