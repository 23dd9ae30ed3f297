#include "base/host_sleep.h"

#include "unit/wire/loopback.h"

namespace host_sleep_test {

using namespace wasync;
using namespace std::chrono_literals;
using wasync::testing::Loop;

namespace {

struct Host {
  BootClock::duration slept{0};
  int looks = 0;
  bool over = false;
  Loop loop;
  Wake wake{loop.io.get_executor()};
  std::shared_ptr<wasync::testing::Outcome<wasync::testing::Nothing>> passed;

  BootTime boot_time() {
    return {.now =
                [this] {
                  ++looks;
                  return BootClock::now() + slept;
                },
            .look_every = 1ms};
  }
  void begin(BootClock::duration time) {
    passed = loop.spawn(pass(wake, time, boot_time(), [this] { return over; }));
  }
  void look_again() {
    const int before = looks;
    loop.run_until([&] { return looks >= before + 3; });
  }
};

}  // namespace

TEST_CASE("time passes while the host sleeps") {
  Host host;
  host.begin(1h);
  host.look_again();
  host.slept = 59min;
  host.look_again();
  CHECK_FALSE(host.passed->done);
  host.slept = 61min;
  host.loop.finish(host.passed);
}

TEST_CASE("it is over when whoever waits says so") {
  Host host;
  host.begin(1h);
  host.wake.notify();
  host.look_again();
  CHECK_FALSE(host.passed->done);
  host.over = true;
  host.wake.notify();
  host.loop.finish(host.passed);
}

TEST_CASE("without sleep it takes the time that it takes") {
  Host host;
  const auto begun = std::chrono::steady_clock::now();
  host.begin(5ms);
  host.loop.finish(host.passed);
  CHECK(std::chrono::steady_clock::now() - begun >= 4ms);
}

TEST_CASE("a sleep is measured once") {
  Host host;
  SleepMeter meter(host.boot_time());
  CHECK(meter.slept() < 1min);
  host.slept = 8h;
  CHECK(meter.slept() >= 8h - 1min);
  CHECK(meter.slept() < 1min);
}

}  // namespace host_sleep_test
