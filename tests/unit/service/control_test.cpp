// Both sides of the control socket, over a real one.
#include "service/control.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "unit/inbox/fixture.h"

namespace control_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using Json = nlohmann::ordered_json;

namespace {

// A holder of an account: says how often "hello", then what it was asked.
struct Holder {
  explicit Holder(const StateDir& state, const AccountId& id) {
    on_loop([&] {
      server = std::make_unique<ControlServer>(
          io.get_executor(), state, id,
          [this](Json request, std::shared_ptr<ControlAsker> asker) -> asio::awaitable<Json> {
            if (request.contains("wait")) {
              asio::steady_timer gone(io, asio::steady_timer::time_point::max());
              asker->on_gone = [&gone] { gone.cancel(); };
              began.set_value();
              boost::system::error_code woken;
              co_await gone.async_wait(asio::redirect_error(asio::use_awaitable, woken));
              left.set_value();
            }
            if (request.contains("fail"))
              throw Error(ErrorCode::kNotPaired, "no such account", "pair it");
            for (int i = 0; i < request.value("hellos", 0); ++i) {
              Json line;
              line["hello"] = i;
              co_await asker->tell(std::move(line));
            }
            Json last;
            last["asked"] = std::move(request);
            co_return last;
          });
      server->start();
    });
  }
  ~Holder() {
    on_loop([&] { server.reset(); });
    work.reset();
    io.stop();
    thread.join();
  }
  template <typename Action>
  void on_loop(const Action& action) {
    std::promise<void> done;
    asio::post(io, [&] {
      action();
      done.set_value();
    });
    done.get_future().get();
  }

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
  std::thread thread{[this] { io.run(); }};
  std::promise<void> began{}, left{};  // a request to wait
  std::unique_ptr<ControlServer> server;
};

struct Fixture {
  ScratchDir scratch;
  StateDir state = StateDir::open(scratch.path() / "state");
  AccountId id = account_id_for("+40712345678");
};

// A connection on which these bytes were sent.
int connected(const Fixture& fixture, const std::string& bytes) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = fixture.state.control_socket(fixture.id);
  REQUIRE(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto count = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) break;
    sent += static_cast<std::size_t>(count);
  }
  return fd;
}

// What the holder says to these bytes, until it closes.
std::string raw(const Fixture& fixture, const std::string& bytes) {
  const int fd = connected(fixture, bytes);
  ::shutdown(fd, SHUT_WR);
  std::string answer;
  std::array<char, 4096> piece{};
  for (ssize_t count = 0; (count = ::recv(fd, piece.data(), piece.size(), 0)) > 0;)
    answer.append(piece.data(), static_cast<std::size_t>(count));
  ::close(fd);
  return answer;
}

}  // namespace

TEST_CASE("a request is answered line by line, the last one told apart") {
  const Fixture fixture;
  const Holder holder(fixture.state, fixture.id);
  std::vector<int> hellos;
  const auto last = ask_holder(fixture.state, fixture.id, {{"request", "greet"}, {"hellos", 3}}, 5s,
                               [&](const Json& line) { hellos.push_back(line["hello"]); });
  CHECK(hellos == std::vector<int>{0, 1, 2});
  REQUIRE(last);
  CHECK((*last)["asked"]["request"] == "greet");
}

TEST_CASE("that an asker has gone is known at once; one that has only said all is still there") {
  const Fixture fixture;
  Holder holder(fixture.state, fixture.id);
  const int fd = connected(fixture, "{\"wait\":true}\n");
  ::shutdown(fd, SHUT_WR);
  holder.began.get_future().get();
  auto left = holder.left.get_future();
  CHECK(ask_holder(fixture.state, fixture.id, {{"request", "status"}}, 5s));  // a round later
  CHECK(left.wait_for(0s) == std::future_status::timeout);
  ::close(fd);
  CHECK(left.wait_for(5s) == std::future_status::ready);
}

TEST_CASE("an error comes out as it was thrown") {
  const Fixture fixture;
  const Holder holder(fixture.state, fixture.id);
  try {
    ask_holder(fixture.state, fixture.id, {{"fail", true}}, 5s);
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kNotPaired);
    CHECK(error.what() == std::string("no such account"));
    CHECK(error.hint() == "pair it");
  }
}

TEST_CASE("where nobody listens there is no answer, also when a dead holder left its socket") {
  const Fixture fixture;
  CHECK_FALSE(ask_holder(fixture.state, fixture.id, {{"request", "status"}}, 1s));
  { const Holder holder(fixture.state, fixture.id); }
  CHECK_FALSE(std::filesystem::exists(fixture.state.control_socket(fixture.id)));
  CHECK_FALSE(ask_holder(fixture.state, fixture.id, {{"request", "status"}}, 1s));
  // kill -9 leaves it.
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = fixture.state.control_socket(fixture.id);
  std::memcpy(address.sun_path, path.data(), path.size());
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  ::close(fd);
  CHECK_FALSE(ask_holder(fixture.state, fixture.id, {{"request", "status"}}, 1s));
  const Holder holder(fixture.state, fixture.id);
  CHECK(ask_holder(fixture.state, fixture.id, {{"request", "status"}}, 5s));
}

TEST_CASE("the socket is its owner's alone, however deep the state directory is") {
  ScratchDir scratch;
  const StateDir state = StateDir::open(scratch.path() / std::string(120, 'd') / "state");
  const AccountId id = account_id_for("+40712345678");
  const Holder holder(state, id);
  struct stat facts {};
  REQUIRE(::stat(state.control_socket(id).c_str(), &facts) == 0);
  CHECK(S_ISSOCK(facts.st_mode));
  CHECK((facts.st_mode & 0777) == 0600);
  CHECK(ask_holder(state, id, {{"request", "status"}}, 5s));
}

TEST_CASE("what is no request is told so, and does no harm") {
  const Fixture fixture;
  const Holder holder(fixture.state, fixture.id);
  for (const char* nonsense : {"\n", "[]\n", "{\"request\":\n", "\xff\xfe\n", "null\n"}) {
    CAPTURE(nonsense);
    const Json answer = Json::parse(raw(fixture, nonsense));
    CHECK(answer["event"] == "error");
    CHECK(answer["code"] == "protocol");
    CHECK(answer["end"] == true);
  }
  CHECK(raw(fixture, "").empty());
  CHECK(raw(fixture, "{\"request\":\"half").empty());
  CHECK(raw(fixture, std::string(2 * kMaxControlLine, 'x')).empty());
  CHECK(ask_holder(fixture.state, fixture.id, {{"request", "status"}}, 5s));
}

TEST_CASE("more askers than are served are turned away, and room comes back") {
  const Fixture fixture;
  const Holder holder(fixture.state, fixture.id);
  std::vector<int> silent;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = fixture.state.control_socket(fixture.id);
  std::memcpy(address.sun_path, path.data(), path.size());
  for (int i = 0; i < 16; ++i) {
    silent.push_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(silent.back(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  CHECK_THROWS_AS(ask_holder(fixture.state, fixture.id, {{"request", "status"}}, 5s), Error);
  for (const int fd : silent) ::close(fd);
  std::optional<Json> answer;
  while (!answer) {
    try {
      answer = ask_holder(fixture.state, fixture.id, {{"request", "status"}}, 5s);
    } catch (const Error&) {
      std::this_thread::yield();
    }
  }
  CHECK((*answer)["asked"]["request"] == "status");
}

}  // namespace control_test
