// The HTTP API of `wa-sync listen`, whole: server, access and routes.
//
//   GET  /health /ready /diag                               for everybody
//   GET  /metrics                                           for this machine, and who may use /api
//   GET  /api/status/dashboard
//   GET  /api/whatsapp/accounts
//   GET  /api/whatsapp/threads/:accountId?limit&orderBy
//   GET  /api/whatsapp/messages/:accountId/:threadId?limit&orderBy
//   POST /api/whatsapp/backfill/:accountId
//   GET  /api/whatsapp/diagnose/:accountId
//
// A client sees the accounts that it may read; the others are not there (404). A backfill needs the
// right to manage the account.
//
// But for the last, paths and JSON are those of the Node backend that served the Inbox before us.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <string>

#include "inbox/state_dir.h"
#include "service/api_access.h"
#include "service/api_route.h"
#include "service/http_server.h"
#include "service/service_view.h"

namespace wasync {

struct HttpApiOptions {
  std::string address{};  // of --http
  std::string version{};  // of the program
  ApiAccessOptions access{};
  HttpServerOptions server{};
};

// Used from one io_context thread, which reads no file. Files are read on `readers`, a thread pool
// that should have nothing else to do: a client waits for it.
class HttpApi {
 public:
  // Listens, but answers nobody yet. Throws Error(kUsage) for an address that is none, and
  // Error(kConfig) for one that cannot be had, and for a token file or a project that is no good.
  HttpApi(const boost::asio::any_io_executor& executor, boost::asio::any_io_executor readers,
          StateDir state, ServiceView view, HttpApiOptions options);

  std::string address() const;  // "127.0.0.1:8080", with the port that is bound
  void start() { server_.start(); }
  void reload() { access_.reload(); }  // at SIGHUP
  // To be waited for before it is destroyed.
  boost::asio::awaitable<void> stop();

 private:
  boost::asio::awaitable<HttpReply> answer(const HttpAsk& ask);
  boost::asio::awaitable<HttpReply> answer_at(const ApiRoute& route, const ApiRights& rights);
  boost::asio::awaitable<ServiceState> whole_state(const ApiRights& rights);
  HttpReply backfill(const ServiceState& state, const AccountId& account);
  boost::asio::awaitable<HttpReply> diagnosis_reply(AccountId account);
  boost::asio::awaitable<HttpReply> inbox_reply(ApiRoute route, ApiRights rights);

  boost::asio::any_io_executor readers_;
  StateDir state_;
  ServiceView view_;
  std::string version_;
  bool diagnosing_ = false;
  ApiAccess access_;
  HttpServer server_;
};

}  // namespace wasync
