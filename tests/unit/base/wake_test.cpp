#include "base/wake.h"

#include <vector>

#include "unit/wire/loopback.h"

namespace wake_test {

using namespace wasync;
using namespace std::chrono_literals;
using wasync::testing::Loop;
namespace asio = boost::asio;

namespace {

struct Waiters {
  Loop loop;
  std::optional<Wake> wake{loop.io.get_executor()};
  std::vector<int> woken{};

  void wait(int who, std::optional<Wake::Clock::duration> time = {}) {
    asio::co_spawn(
        loop.io,
        [](Waiters& all, int self,
           std::optional<Wake::Clock::duration> limit) -> asio::awaitable<void> {
          auto waiting = limit ? all.wake->wait_for(*limit) : all.wake->wait();
          co_await std::move(waiting);
          all.woken.push_back(self);
        }(*this, who, time),
        [](const std::exception_ptr&) {});
    loop.io.restart();
    loop.io.poll();
  }
};

using Woken = std::vector<int>;

}  // namespace

TEST_CASE("everybody who waits is woken, once") {
  Waiters waiters;
  waiters.wait(1);
  waiters.wait(2);
  CHECK(waiters.woken.empty());
  waiters.wake->notify();
  waiters.loop.run_until([&] { return waiters.woken.size() == 2; });
  waiters.wait(3);
  CHECK(waiters.woken == Woken{1, 2});
  waiters.wake->notify();
  waiters.loop.run_until([&] { return waiters.woken.size() == 3; });
}

TEST_CASE("a notification that finds nobody is not remembered") {
  Waiters waiters;
  waiters.wake->notify();
  waiters.wait(1);
  CHECK(waiters.woken.empty());
}

TEST_CASE("each waits for a time of its own") {
  Waiters waiters;
  waiters.wait(1, 1h);
  waiters.wait(2, 10ms);
  waiters.wait(3);
  waiters.loop.run_until([&] { return !waiters.woken.empty(); });
  CHECK(waiters.woken == Woken{2});
  waiters.wait(4, -1h);  // a time that has passed
  waiters.loop.run_until([&] { return waiters.woken.size() == 2; });
  CHECK(waiters.woken == Woken{2, 4});
}

TEST_CASE("the end of the Wake wakes them, too") {
  Waiters waiters;
  waiters.wait(1);
  waiters.wait(2, 1h);
  waiters.wake.reset();
  waiters.loop.run_until([&] { return waiters.woken.size() == 2; });
}

TEST_CASE("who is never woken goes with the loop") {
  std::optional<Waiters> waiters(std::in_place);
  waiters->wait(1);
  waiters.reset();
}

}  // namespace wake_test
