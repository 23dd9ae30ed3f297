// wa-sim: WhatsApp's server and its users' phones in one program, for tests.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "sim/http_server.h"
#include "sim/world.h"

namespace {

namespace asio = boost::asio;
using namespace wasync;
using namespace wasync::sim;

constexpr std::size_t kMaxUsers = 1'000;

// Stops when the other end of stdin closes: a test that crashes leaves no simulator behind.
class StdinWatch {
 public:
  explicit StdinWatch(asio::io_context& io) : io_(io), input_(io, ::dup(STDIN_FILENO)) { wait(); }

 private:
  void wait() {
    input_.async_read_some(asio::buffer(buffer_), [this](const auto& error, std::size_t) {
      if (error)
        io_.stop();
      else
        wait();
    });
  }

  asio::io_context& io_;
  asio::posix::stream_descriptor input_;
  char buffer_[256];
};

// Listens, says where, and serves until a signal (or the end of stdin) stops it.
void serve(Service& service, asio::io_context& io) {
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const auto&, int) { io.stop(); });
  std::optional<StdinWatch> stdin_watch;
  if (service.options.exit_with_stdin) stdin_watch.emplace(io);
  HttpServer server(*service.users.front(), io.get_executor(), service.options.listen);
  asio::co_spawn(io, server.serve(), asio::detached);
  const std::string host = server.host_and_port();
  const nlohmann::json ready = {{"url", "ws://" + host + "/ws/chat"},
                                {"root_key", hex_encode(service.root.public_key)},
                                {"http", "http://" + host}};
  std::cout << ready.dump() << std::endl;
  io.run();
}

void run(Options options) {
  if (options.clock_ahead_s != 0) {
    learn_time({UnixSeconds::of_host().value + options.clock_ahead_s});
  }
  auto io = std::make_unique<asio::io_context>(1);
  Service service(std::move(options), io->get_executor());
  serve(service, *io);
  // Ends the connections' coroutines, which still look at the service.
  io.reset();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"WhatsApp's server and its users' phones in one program, for tests"};
  Options options;
  app.add_option("--listen", options.listen, "loopback address and port; port 0: any")
      ->capture_default_str();
  app.add_option("--dataset", options.datasets,
                 "small, or NxM: N chats of M messages; repeated: of the first user, the second…, "
                 "the last one also of all further users")
      ->capture_default_str();
  app.add_option("--users", options.users, "accounts with a phone each; default: one a dataset")
      ->check(CLI::Range(std::size_t{1}, kMaxUsers));
  app.add_option("--seed", options.seed, "same seed, same data")->capture_default_str();
  app.add_option("--older", options.older, "messages per chat that come on demand only")
      ->capture_default_str();
  app.add_flag("--history-inline", options.history_inline,
               "every chunk of history inside its notification, no blobs");
  app.add_option("--chunk", options.messages_per_chunk, "messages per chunk of history")
      ->capture_default_str();
  app.add_option("--fault", options.faults, "something to do wrong; repeatable");
  app.add_option("--clock-ahead", options.clock_ahead_s,
                 "seconds: how wrong the clients' clock is; negative: theirs is ahead");
  app.add_flag("--exit-with-stdin", options.exit_with_stdin, "end when stdin closes");
  app.add_flag("-v,--verbose", options.verbose, "every node to stderr");
  CLI11_PARSE(app, argc, argv);
  try {
    run(std::move(options));
    return 0;
  } catch (const Error& error) {
    std::cerr << "wa-sim: " << error.what() << '\n';
    return error.code() == ErrorCode::kUsage ? 2 : 1;
  } catch (const std::exception& error) {
    std::cerr << "wa-sim: " << error.what() << '\n';
    return 1;
  }
}
