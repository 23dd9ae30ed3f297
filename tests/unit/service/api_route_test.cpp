#include "service/api_route.h"

#include <doctest/doctest.h>

namespace api_route_test {

using namespace wasync;

namespace {

const std::string kAccount = account_id_for("+40737123397").str();
const std::string kThread = kAccount + "__40711111111@s.whatsapp.net";

ApiRoute get(const std::string& target) {
  return route_of("GET", target);
}

}  // namespace

TEST_CASE("the routes of the contract") {
  CHECK(get("/health").endpoint == ApiEndpoint::kHealth);
  CHECK(get("/ready").endpoint == ApiEndpoint::kReady);
  CHECK(get("/diag?x=1").endpoint == ApiEndpoint::kDiag);
  CHECK(get("/metrics").endpoint == ApiEndpoint::kMetrics);
  for (const char* open : {"/health", "/ready", "/diag", "/metrics", "/", "/favicon.ico"})
    CHECK_FALSE(get(open).needs_access);
  CHECK(get("/api/status/dashboard").endpoint == ApiEndpoint::kDashboard);
  CHECK(get("/api/whatsapp/accounts/").endpoint == ApiEndpoint::kAccounts);
  const ApiRoute threads =
      get("/api/whatsapp/threads/" + kAccount + "?limit=7&orderBy=lastMessageAt");
  CHECK(threads.endpoint == ApiEndpoint::kThreads);
  CHECK(threads.account->str() == kAccount);
  CHECK(threads.limit == 7);
  CHECK(threads.bad_parameter.empty());
  const ApiRoute messages = get("/api/whatsapp/messages/" + kAccount + "/" + kThread);
  CHECK(messages.endpoint == ApiEndpoint::kMessages);
  CHECK(messages.thread->str() == kThread);
  CHECK(messages.limit == kDefaultPage);
}

TEST_CASE("everything below /api needs access, however it is spelled") {
  for (const char* target : {"/api", "/api/", "/api/nothing", "/%61pi/whatsapp/accounts",
                             "/api/whatsapp/accounts?x", "/ap%69/whatsapp%2Faccounts"})
    CHECK(get(target).needs_access);
  CHECK(get("/%61pi/whatsapp/accounts").endpoint == ApiEndpoint::kAccounts);
  CHECK_FALSE(get("/ap%69/whatsapp%2Faccounts").endpoint);
  CHECK_FALSE(get("//api/whatsapp/accounts").endpoint);
  CHECK_FALSE(get("/x/../api/whatsapp/accounts").endpoint);
}

TEST_CASE("methods") {
  CHECK(route_of("HEAD", "/health").method_allowed);
  CHECK_FALSE(route_of("POST", "/health").method_allowed);
  CHECK_FALSE(route_of("get", "/health").method_allowed);
  const std::string backfill = "/api/whatsapp/backfill/" + kAccount;
  CHECK(route_of("POST", backfill).method_allowed);
  CHECK_FALSE(route_of("GET", backfill).method_allowed);
  CHECK(route_of("GET", backfill).allow == "POST");
  CHECK(route_of("POST", "/health").allow == "GET, HEAD");
}

TEST_CASE("ids are validated, escaped or not") {
  const std::string escaped = kAccount + "__40711111111%40s.whatsapp.net";
  CHECK(get("/api/whatsapp/messages/" + kAccount + "/" + escaped).thread->str() == kThread);
  for (const char* id : {"x", "..", "%2e%2e", "account_prod_%2F..%2F", "account_prod_ABC", "%00"})
    CHECK_FALSE(get(std::string("/api/whatsapp/threads/") + id).account);
  const std::string other = account_id_for("+40711111111").str();
  const ApiRoute foreign = get("/api/whatsapp/messages/" + other + "/" + kThread);
  CHECK(foreign.account);
  CHECK_FALSE(foreign.thread);  // it is another account's
  CHECK_FALSE(get("/api/whatsapp/messages/" + kAccount + "/" + kAccount + "__x").thread);
}

TEST_CASE("what is no path") {
  for (const std::string& target :
       {std::string(), std::string("health"), std::string("http://h/health"), std::string("*"),
        std::string("/health%"), std::string("/health%4"), std::string("/health%zz"),
        std::string("/health/x"), std::string("/healthy"), "/health?" + std::string(4096, 'a')})
    CHECK_FALSE(get(target).endpoint);
}

TEST_CASE("limit and order") {
  const std::string path = "/api/whatsapp/threads/" + kAccount;
  CHECK(get(path + "?limit=500").limit == 500);
  CHECK(get(path + "?limit=501").limit == 500);
  CHECK(get(path + "?limit=99999999999999999999999").limit == 500);
  for (const char* bad : {"0", "-1", "x", "", "1x", "1.5", "%", "+1"})
    CHECK(get(path + "?limit=" + bad).bad_parameter == "limit");
  CHECK(get(path + "?orderBy=createdAt").bad_parameter == "orderBy");
  CHECK(get(path + "?other=1&&=&x").bad_parameter.empty());
  const std::string messages = "/api/whatsapp/messages/" + kAccount + "/" + kThread;
  CHECK(get(messages + "?orderBy=createdAt").bad_parameter.empty());
  CHECK(get(messages + "?orderBy=tsClient").bad_parameter.empty());
  CHECK(get(messages + "?orderBy=body").bad_parameter == "orderBy");
}

}  // namespace api_route_test
