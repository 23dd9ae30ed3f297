#include "service/http_api.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <utility>

#include "base/free_space.h"
#include "service/api_inbox.h"
#include "service/api_status.h"
#include "service/http_address.h"
#include "service/metrics.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

HttpReply page_reply(std::optional<OrderedJson> page, std::string_view code,
                     std::string_view message) {
  return page ? json_reply(200, *page) : error_reply(404, code, message);
}

HttpReply no_account() {
  return error_reply(404, "account_not_found", "there is no such account here");
}

HttpReply may_only_read() {
  return error_reply(403, "forbidden",
                     "a backfill needs a token that may manage the account: that of "
                     "--http-token-file, or of a user with the role manage in --http-allow");
}

// Runs on a reader's thread.
HttpReply read_inbox(const StateDir& state, const ApiRoute& route,
                     const std::vector<RunningAccount>& running, const ApiRights& rights) {
  if (route.endpoint == ApiEndpoint::kAccounts)
    return json_reply(200, accounts_page(state, running, rights));
  if (!route.account || !state.has_account(*route.account)) return no_account();
  if (route.endpoint == ApiEndpoint::kThreads)
    return page_reply(threads_page(state, *route.account, route.limit), "account_not_found",
                      "there is no such account here");
  return page_reply(route.thread ? messages_page(state, *route.thread, route.limit) : std::nullopt,
                    "thread_not_found", "there is no such thread of this account");
}

// Runs it on a reader's thread, and waits for it here.
template <typename Result>
asio::awaitable<Result> on_reader(asio::any_io_executor readers, std::function<Result()> work) {
  auto run = [](std::function<Result()> job) -> asio::awaitable<Result> { co_return job(); };
  auto running = asio::co_spawn(readers, run(std::move(work)), asio::use_awaitable);
  co_return co_await std::move(running);
}

}  // namespace

HttpApi::HttpApi(const asio::any_io_executor& executor, asio::any_io_executor readers,
                 StateDir state, ServiceView view, HttpApiOptions options)
    : readers_(std::move(readers)),
      state_(std::move(state)),
      view_(std::move(view)),
      version_(std::move(options.version)),
      access_(executor, std::move(options.access)),
      server_(
          executor, parse_listen_address(options.address),
          [this](const HttpAsk& ask) { return answer(ask); }, options.server) {}

std::string HttpApi::address() const {
  return to_text(server_.address());
}

asio::awaitable<void> HttpApi::stop() {
  access_.stop();
  co_await server_.stop();
}

// Access first: who has none does not learn which paths there are.
asio::awaitable<HttpReply> HttpApi::answer(const HttpAsk& ask) {
  const ApiRoute route = route_of(ask.method, ask.target);
  // Metrics name accounts, and an account's id tells its phone number to whoever tries them all.
  const bool tells_accounts = route.endpoint == ApiEndpoint::kMetrics && !is_local(ask);
  ApiAccess::Answer access = rights_to_all(ApiRole::kRead);
  if (route.needs_access || tells_accounts) access = co_await access_.rights(ask);
  if (auto* refused = std::get_if<HttpReply>(&access)) co_return std::move(*refused);
  if (!route.endpoint) co_return error_reply(404, "not_found", "there is nothing at this path");
  if (!route.method_allowed) {
    HttpReply reply = error_reply(405, "method_not_allowed", "this path has other methods");
    reply.headers.emplace_back("Allow", std::string(route.allow));
    co_return reply;
  }
  if (!route.bad_parameter.empty())
    co_return error_reply(400, "invalid_argument", std::string(route.bad_parameter) + " is wrong");
  const auto& rights = std::get<ApiRights>(access);
  // Who may not read an account does not learn that it is there.
  if (route.account && !rights.allow(ApiRole::kRead, *route.account)) co_return no_account();
  co_return co_await answer_at(route, rights);
}

asio::awaitable<HttpReply> HttpApi::answer_at(const ApiRoute& route, const ApiRights& rights) {
  switch (*route.endpoint) {
    case ApiEndpoint::kHealth: co_return health_reply(view_.state(), version_, UnixSeconds::now());
    case ApiEndpoint::kReady: co_return ready_reply(view_.state());
    case ApiEndpoint::kDiag: co_return diag_reply(view_.state());
    case ApiEndpoint::kDashboard: {
      const ServiceState state = co_await whole_state(rights);
      co_return dashboard_reply(state, version_, UnixSeconds::now());
    }
    case ApiEndpoint::kMetrics: {
      const ServiceState state = co_await whole_state(rights);
      co_return HttpReply{.content_type = kMetricsType,
                          .body = metrics_text(state, version_, server_.answers())};
    }
    case ApiEndpoint::kBackfill: {
      if (!route.account) co_return no_account();
      if (!rights.allow(ApiRole::kManage, *route.account)) co_return may_only_read();
      const ServiceState state = co_await whole_state(rights);
      co_return backfill(state, *route.account);
    }
    case ApiEndpoint::kDiagnose:
      if (!route.account || !state_.has_account(*route.account)) co_return no_account();
      co_return co_await diagnosis_reply(*route.account);
    case ApiEndpoint::kAccounts:
    case ApiEndpoint::kThreads:
    case ApiEndpoint::kMessages: break;
  }
  co_return co_await inbox_reply(route, rights);
}

// Of the accounts that may be read, with what their files say.
asio::awaitable<ServiceState> HttpApi::whole_state(const ApiRights& rights) {
  ServiceState state = view_.state();
  std::erase_if(state.accounts, [&](const RunningAccount& account) {
    return !rights.allow(ApiRole::kRead, account.id);
  });
  auto reading = on_reader<ServiceState>(readers_, [files = state_, state]() mutable {
    add_stored(files, state.accounts);
    state.free_bytes = free_bytes(files.root());
    return std::move(state);
  });
  co_return co_await std::move(reading);
}

HttpReply HttpApi::backfill(const ServiceState& state, const AccountId& account) {
  if (const auto obstacle = backfill_obstacle(state, account))
    return backfill_reply(account, *obstacle);
  if (!view_.start_backfill)
    return error_reply(501, "not_implemented", "this version cannot backfill");
  return backfill_reply(account, view_.start_backfill(account));
}

// It may take seconds, of a reader that others need: one at a time.
asio::awaitable<HttpReply> HttpApi::diagnosis_reply(AccountId account) {
  if (!view_.diagnose) co_return error_reply(501, "not_implemented", "there is no diagnosis");
  if (diagnosing_) co_return error_reply(503, "busy", "another diagnosis is under way; ask again");
  diagnosing_ = true;
  std::exception_ptr failure;
  HttpReply reply;
  try {
    auto looking = on_reader<HttpReply>(readers_, [diagnose = view_.diagnose, account] {
      return json_reply(200, diagnose(account));
    });
    reply = co_await std::move(looking);
  } catch (...) {
    failure = std::current_exception();
  }
  diagnosing_ = false;
  if (failure) std::rethrow_exception(failure);
  co_return reply;
}

asio::awaitable<HttpReply> HttpApi::inbox_reply(ApiRoute route, ApiRights rights) {
  std::vector<RunningAccount> running;
  if (route.endpoint == ApiEndpoint::kAccounts) {
    ServiceState state = co_await whole_state(rights);
    running = std::move(state.accounts);
  }
  auto reading = on_reader<HttpReply>(readers_, [state = state_, route, running, rights] {
    return read_inbox(state, route, running, rights);
  });
  co_return co_await std::move(reading);
}

}  // namespace wasync
