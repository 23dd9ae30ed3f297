#include "service/http_api.h"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "base/migration.h"
#include "service/api_status.h"
#include "session/device/schema.h"
#include "unit/inbox/fixture.h"
#include "unit/service/http_client.h"

namespace http_api_test {

using namespace wasync;
using namespace wasync::test;
using nlohmann::json;
namespace asio = boost::asio;

namespace {

const std::string kToken = "correct-horse-battery";
const std::string kAccount = account_id_for(kPhone).str();

// The API on a port of the kernel's choice, over one account with one message.
class Api {
 public:
  BackfillStart start{};
  ServiceState state{.instance_id = "host-1", .active = true, .ready = true, .started_at = {1000}};
  bool broken = false;
  std::optional<std::filesystem::path> token_file{};

  Api() : state_(StateDir::open(scratch_.path() / "state")) {
    const AccountId id = account_id_for(kPhone);
    state.accounts.push_back({.id = id,
                              .status = "connected",
                              .holds = true,
                              .holder = "host-1",
                              .upload = {.queued = 2},
                              .last_message = kNow});
    state_.create_account(id);
    Database db(state_.account_file(id));
    migrate_inbox(db);
    migrate(db, session_tables());
    Transaction transaction(db, "test");
    put_account(db, Account{.id = id,
                            .phone = std::string(kPhone),
                            .jid = jid("40737123397:3@s.whatsapp.net"),
                            .status = AccountStatus::kConnected});
    InboxWriter inbox(db, kNow);
    inbox.put_message(inbound(kAna, "A1", "salut"));
    inbox.flush();
    transaction.commit();
  }
  ~Api() {
    if (!thread_.joinable()) return;
    asio::co_spawn(io_, api_->stop(), asio::use_future).get();
    work_.reset();
    thread_.join();
  }

  std::thread::id network_thread_id() {
    if (!api_) run();
    return thread_.get_id();
  }
  std::string ask(const std::string& request) {
    if (!api_) run();
    const auto at = parse_port(api_->address());
    HttpClientSocket client(at);
    return client.ask(request);
  }
  std::string get(const std::string& target) { return ask(get_request(target)); }
  json body(const std::string& target) { return json::parse(body_of_answer(get(target))); }
  // With the token of the token file, where there is one.
  std::string post(const std::string& target) {
    return ask("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
               kToken + "\r\nContent-Length: 0\r\n\r\n");
  }
  void set_status(AccountStatus status) {
    Database db(state_.account_file(account_id_for(kPhone)));
    Transaction transaction(db, "test");
    update_account(db, [&](Account& account) { account.status = status; });
    transaction.commit();
  }
  void make_token_file() {
    token_file = scratch_.path() / "token";
    std::ofstream(*token_file) << kToken;
    std::filesystem::permissions(*token_file, std::filesystem::perms(0600));
  }

 private:
  static std::uint16_t parse_port(const std::string& address) {
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  void run() {
    ServiceView view{.state =
                         [this] {
                           if (broken) throw std::runtime_error("/secret/path");
                           return state;
                         },
                     .start_backfill = [this](const AccountId&) { return start; }};
    api_.emplace(
        io_.get_executor(), readers_.get_executor(), state_, std::move(view),
        HttpApiOptions{
            .address = "127.0.0.1:0", .version = "0.1.0", .access = {.token_file = token_file}});
    api_->start();
    thread_ = std::thread([this] { io_.run(); });
  }

  ScratchDir scratch_;
  StateDir state_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::thread_pool readers_{1};
  std::optional<HttpApi> api_;
  std::thread thread_;
};

std::string error_of(const std::string& answer) {
  const json body = json::parse(body_of_answer(answer));
  CHECK(body.at("success") == false);
  CHECK_FALSE(body.at("message").get<std::string>().empty());
  return body.at("error");
}

}  // namespace

TEST_CASE("health, ready and diag are for everybody and tell of nobody") {
  Api api;
  CHECK(api.body("/health").at("status") == "healthy");
  CHECK(api.body("/ready") == json{{"ready", true}, {"mode", "active"}, {"instanceId", "host-1"}});
  CHECK(api.body("/diag") == json{{"ready", true},
                                  {"mode", "active"},
                                  {"instanceId", "host-1"},
                                  {"firestoreConnected", false},
                                  {"latestRealtime", "2025-10-09T08:53:20Z"}});
  for (const char* path : {"/health", "/ready", "/diag"}) {
    const std::string answer = api.ask("GET " + std::string(path) +
                                       " HTTP/1.1\r\nHost: elsewhere.example\r\n"
                                       "X-Forwarded-For: 10.0.0.1\r\n\r\n");
    CHECK(status_of(answer) == 200);
    CHECK(answer.find("40737123397") == std::string::npos);
  }
}

TEST_CASE("metrics are for this machine, for they name accounts") {
  Api api;
  CHECK(has_header(api.get("/metrics"), "Content-Type: text/plain; version=0.0.4; charset=utf-8"));
  const std::string answer = api.ask(
      "GET /metrics HTTP/1.1\r\nHost: elsewhere.example\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n");
  CHECK(status_of(answer) == 403);
  CHECK(answer.find("account_") == std::string::npos);
}

namespace {

std::atomic<std::thread::id> network_thread{};
std::atomic<int> statements_there = 0;
std::atomic<int> statements_elsewhere = 0;

void count_statement(const StatementCost&) {
  ++(std::this_thread::get_id() == network_thread ? statements_there : statements_elsewhere);
}

}  // namespace

TEST_CASE("the network thread reads no file, and health, ready and diag need none") {
  Api api;
  observe_statements(&count_statement);
  network_thread = api.network_thread_id();
  statements_there = statements_elsewhere = 0;
  for (const char* path : {"/health", "/ready", "/diag"}) CHECK(status_of(api.get(path)) == 200);
  CHECK(statements_elsewhere == 0);
  for (const std::string& path :
       {std::string("/metrics"), std::string("/api/status/dashboard"),
        std::string("/api/whatsapp/accounts"), "/api/whatsapp/threads/" + kAccount})
    CHECK(status_of(api.get(path)) == 200);
  observe_statements(nullptr);
  CHECK(statements_elsewhere > 0);
  CHECK(statements_there == 0);
}

TEST_CASE("who is not ready says so in the status too") {
  Api api;
  api.state.ready = false;
  api.state.active = false;
  const std::string answer = api.get("/ready");
  CHECK(status_of(answer) == 503);
  CHECK(json::parse(body_of_answer(answer)).at("mode") == "passive");
  CHECK(status_of(api.get("/health")) == 200);
}

TEST_CASE("the Inbox is read") {
  Api api;
  CHECK(api.body("/api/whatsapp/accounts").at("accounts").at(0).at("id") == kAccount);
  const json threads = api.body("/api/whatsapp/threads/" + kAccount);
  CHECK(threads.at("count") == 1);
  const std::string thread = threads.at("threads").at(0).at("id");
  const json messages = api.body("/api/whatsapp/messages/" + kAccount + "/" + thread + "?limit=5");
  CHECK(messages.at("messages").at(0).at("body") == "salut");
}

TEST_CASE("the dashboard counts accounts by status") {
  Api api;
  const json board = api.body("/api/status/dashboard");
  CHECK(
      board.at("summary") ==
      json{
          {"connected", 1}, {"connecting", 0}, {"disconnected", 0}, {"needs_qr", 0}, {"total", 1}});
  CHECK(board.at("accounts").at(0).at("upload").at("queued") == 2);
  CHECK(board.at("service").at("instanceId") == "host-1");
}

TEST_CASE("backfill") {
  Api api;
  api.make_token_file();
  const std::string path = "/api/whatsapp/backfill/" + kAccount;
  const std::string started = api.post(path);
  CHECK(status_of(started) == 200);
  CHECK(json::parse(body_of_answer(started)) ==
        json{{"success", true},
             {"message", "Backfill started (runs asynchronously)"},
             {"accountId", kAccount}});
  api.start = {.result = BackfillStart::Result::kUnknownAccount};
  CHECK(status_of(api.post(path)) == 404);
  CHECK(error_of(api.post(path)) == "account_not_found");
  api.start = {.result = BackfillStart::Result::kInvalidState, .status = "logged_out"};
  CHECK(status_of(api.post(path)) == 409);
  CHECK(error_of(api.post(path)) == "invalid_state");
  CHECK(json::parse(body_of_answer(api.post(path))).at("currentStatus") == "logged_out");
  api.start = {.result = BackfillStart::Result::kPassive};
  CHECK(status_of(api.post(path)) == 503);
  CHECK(error_of(api.post(path)) == "passive");
  CHECK(error_of(api.post("/api/whatsapp/backfill/nonsense")) == "account_not_found");
}

TEST_CASE("a backfill is for who brings a token: this machine may only read") {
  Api api;
  const std::string refused = api.post("/api/whatsapp/backfill/" + kAccount);
  CHECK(status_of(refused) == 403);
  CHECK(error_of(refused) == "forbidden");
  CHECK(status_of(api.get("/api/whatsapp/threads/" + kAccount)) == 200);
}

TEST_CASE("what stands in a backfill's way is said without asking for one") {
  Api api;
  api.make_token_file();
  const AccountId account = *AccountId::parse(kAccount);
  const auto result = [&] { return backfill_obstacle(api.state, account).value().result; };
  CHECK_FALSE(backfill_obstacle(api.state, account));
  api.state.accounts[0].status = "disconnected";
  CHECK(result() == BackfillStart::Result::kInvalidState);
  api.set_status(AccountStatus::kLoggedOut);
  const std::string answer = api.post("/api/whatsapp/backfill/" + kAccount);
  CHECK(status_of(answer) == 409);
  CHECK(json::parse(body_of_answer(answer)).at("currentStatus") == "logged_out");
  api.state.accounts[0].holds = false;
  CHECK(result() == BackfillStart::Result::kPassive);
  api.state.accounts.clear();
  CHECK(result() == BackfillStart::Result::kUnknownAccount);
}

TEST_CASE("what is not there, and what may not be done") {
  Api api;
  const std::string other = account_id_for("+40711111111").str();
  for (const std::string& target :
       {"/api/whatsapp/threads/" + other, std::string("/api/whatsapp/threads/..%2f..%2fetc")}) {
    CHECK(status_of(api.get(target)) == 404);
    CHECK(error_of(api.get(target)) == "account_not_found");
  }
  const std::string thread = "/api/whatsapp/messages/" + kAccount + "/" + kAccount;
  CHECK(error_of(api.get(thread + "__40700000000@s.whatsapp.net")) == "thread_not_found");
  CHECK(error_of(api.get(thread)) == "thread_not_found");
  CHECK(error_of(api.get("/nothing")) == "not_found");
  CHECK(error_of(api.get("/api/whatsapp/threads/" + kAccount + "?limit=x")) == "invalid_argument");
  const std::string wrong = api.get("/api/whatsapp/backfill/" + kAccount);
  CHECK(status_of(wrong) == 405);
  CHECK(has_header(wrong, "Allow: POST"));
  CHECK(status_of(api.ask("BREW /health HTTP/1.1\r\nHost: h\r\n\r\n")) == 405);
}

TEST_CASE("who has no access learns not even which paths there are") {
  Api api;
  for (const char* path : {"/api/whatsapp/accounts", "/api/nothing", "/%61pi/whatsapp/accounts"}) {
    const std::string answer =
        api.ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    CHECK(status_of(answer) == 403);
    CHECK(error_of(answer) == "forbidden");
  }
}

TEST_CASE("trouble inside is not told outside") {
  Api api;
  api.broken = true;
  for (const char* path : {"/health", "/metrics", "/api/whatsapp/accounts"}) {
    const std::string answer = api.get(path);
    CHECK(status_of(answer) == 500);
    CHECK(answer.find("secret") == std::string::npos);
  }
}

}  // namespace http_api_test
