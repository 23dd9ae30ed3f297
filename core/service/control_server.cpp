#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>

#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "base/wake.h"
#include "service/control.h"
#include "service/control_line.h"
#include "service/control_path.h"

namespace wasync {
namespace asio = boost::asio;
using Json = nlohmann::ordered_json;
using Socket = asio::local::stream_protocol::socket;

namespace {

constexpr std::size_t kMostAskers = 16;
// For a request to come, and for a line of the answer to be taken.
constexpr std::chrono::seconds kPatience{10};

std::string line_of(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json error_line(const Error& error) {
  Json line{{"event", "error"}, {"code", name(error.code())}};
  put_words(line, "message", error.message());
  put_words(line, "hint", error.advice());
  return line;
}

// One who asks: a single request.
struct Asker final : ControlAsker, std::enable_shared_from_this<Asker> {
  explicit Asker(Socket connected) : socket(std::move(connected)) {}

  // While it lives; whatever is waited for fails when the time is up.
  Deadline patience() {
    return {socket.get_executor(), std::chrono::steady_clock::now() + kPatience,
            [this] { drop(); }};
  }
  void drop() {
    boost::system::error_code ignored;
    socket.close(ignored);
  }
  asio::awaitable<std::string> read_line() {
    std::string line;
    const Deadline limit = patience();
    const std::size_t size = co_await asio::async_read_until(
        socket, asio::dynamic_buffer(line, kMaxControlLine), '\n', asio::use_awaitable);
    line.resize(size);
    co_return line;
  }
  asio::awaitable<void> tell(Json value) override {
    const auto self = shared_from_this();
    const std::string line = line_of(value);
    const Deadline limit = patience();
    co_await asio::async_write(socket, asio::buffer(line), asio::use_awaitable);
  }

  // One that has only said its last word (shut down its side) is still there.
  asio::awaitable<void> watch() {
    const auto self = shared_from_this();
    if (!has_hung_up()) {
      boost::system::error_code error;
      co_await socket.async_wait(Socket::wait_error,
                                 asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return;  // we have closed it
    }
    drop();
    if (const auto gone = std::exchange(on_gone, {})) gone();
  }
  bool has_hung_up() {
    pollfd here{.fd = socket.native_handle(), .events = 0, .revents = 0};
    return ::poll(&here, 1, 0) > 0 && (here.revents & POLLHUP) != 0;
  }

  Socket socket;
  bool has_asked = false;
};

}  // namespace

struct ControlServer::State : std::enable_shared_from_this<ControlServer::State> {
  State(asio::any_io_executor on, const StateDir& state, const AccountId& id, Answer answers)
      : executor(std::move(on)), path(state, id), answer(std::move(answers)), acceptor(executor) {
    ::unlink(path.text().c_str());
    try {
      const asio::local::stream_protocol::endpoint endpoint(path.text());
      acceptor.open();
      ::fchmod(acceptor.native_handle(), 0600);  // Linux gives the file these permissions
      acceptor.bind(endpoint);
      ::chmod(path.text().c_str(), 0600);
      acceptor.listen();
    } catch (const boost::system::system_error& error) {
      throw Error(ErrorCode::kIo,
                  Phrase{"cannot listen on {}: {}", "nu se poate asculta pe {}: {}"}.with(
                      state.control_socket(id).string(), error.code().message()));
    }
  }

  asio::awaitable<void> accept() {
    const auto self = shared_from_this();
    while (acceptor.is_open()) {
      boost::system::error_code error;
      Socket socket =
          co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted || !acceptor.is_open()) co_return;
      if (error) {  // out of descriptors, say: later there may be some
        Wake pause(executor);
        co_await pause.wait_for(std::chrono::seconds(1));
        continue;
      }
      if (askers.size() >= kMostAskers) continue;
      auto asker = std::make_shared<Asker>(std::move(socket));
      askers.insert(asker);
      asio::co_spawn(executor, serve(self, asker), asio::detached);
    }
  }

  static asio::awaitable<void> serve(std::shared_ptr<State> self, std::shared_ptr<Asker> asker) {
    try {
      const std::string line = co_await asker->read_line();
      asker->has_asked = true;
      asio::co_spawn(self->executor, asker->watch(), asio::detached);
      co_await asker->tell(co_await self->answer_to(line, asker));
    } catch (const std::exception& error) {
      log::debug("control socket: {}", error.what());
    }
    asker->drop();
    self->askers.erase(asker);
  }

  asio::awaitable<Json> answer_to(const std::string& line, std::shared_ptr<Asker> asker) {
    Json last;
    try {
      Json request = Json::parse(line, nullptr, false);
      if (!request.is_object())
        throw Error(ErrorCode::kProtocol,
                    Phrase{"the request is not a JSON object", "cererea nu este un obiect JSON"});
      last = co_await answer(std::move(request), asker);
    } catch (const Error& error) {
      last = error_line(error);
    }
    asker->on_gone = {};
    last["end"] = true;
    co_return last;
  }

  void close() {
    if (!acceptor.is_open()) return;
    boost::system::error_code ignored;
    acceptor.close(ignored);
    ::unlink(path.text().c_str());
    for (const auto& asker : askers)
      if (!asker->has_asked) asker->drop();
  }

  asio::any_io_executor executor;
  ControlPath path;
  Answer answer;
  asio::local::stream_protocol::acceptor acceptor;
  std::unordered_set<std::shared_ptr<Asker>> askers;
};

ControlServer::ControlServer(asio::any_io_executor executor, const StateDir& state,
                             const AccountId& id, Answer answer)
    : state_(std::make_shared<State>(std::move(executor), state, id, std::move(answer))) {}

ControlServer::~ControlServer() {
  close();
}

void ControlServer::start() {
  asio::co_spawn(state_->executor, state_->accept(), asio::detached);
}

void ControlServer::close() {
  state_->close();
}

}  // namespace wasync
