#include "service/account_arrivals.h"

#include "unit/service/held.h"

namespace account_arrivals_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;

namespace {

struct Arriving : Held {
  AccountRecord record{held, "host-1"};
  std::optional<AccountArrivals> arrivals{std::in_place, loop.io.get_executor(), held, record,
                                          20ms};

  std::vector<std::uint64_t> tellings() const {
    std::vector<std::uint64_t> out;
    for (const auto& each : events<service_event::Received>(told)) out.push_back(each.messages);
    return out;
  }
};

using Tellings = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("many messages are told together, and counted at once") {
  Arriving it;
  it.put_message(kAna, "A");
  for (int i = 0; i < 100; ++i) it.arrivals->came(2);
  CHECK(it.record.view(std::nullopt).counters.stored == 200);
  CHECK(it.tellings().empty());
  CHECK_FALSE(it.row().last_realtime_ingest_at.known());
  it.loop.run_until([&] { return !it.tellings().empty(); });
  CHECK(it.tellings() == Tellings{200});
  CHECK(it.row().last_realtime_ingest_at == it.record.last_message());
  CHECK(it.row().last_realtime_message_at.value == kNow.value - 100);
  CHECK(it.wakes == 1);
}

TEST_CASE("the next ones are told by themselves") {
  Arriving it;
  it.arrivals->came(1);
  it.loop.run_until([&] { return it.tellings().size() == 1; });
  it.arrivals->came(1);
  it.arrivals->came(1);
  it.loop.run_until([&] { return it.tellings().size() == 2; });
  CHECK(it.tellings() == Tellings{1, 2});
}

TEST_CASE("at the end of a connection nothing stays untold, and nothing is told twice") {
  Arriving it;
  it.arrivals->note();
  CHECK(it.tellings().empty());
  it.arrivals->came(3);
  it.arrivals->note();
  it.arrivals->note();
  CHECK(it.tellings() == Tellings{3});
  it.loop.io.restart();
  it.loop.io.run();
  CHECK(it.tellings() == Tellings{3});
}

TEST_CASE("a row that cannot be written ends the connection") {
  Arriving it;
  it.db().execute("DROP TABLE account");
  it.arrivals->came(1);
  it.arrivals->note();
  CHECK(it.ended.size() == 1);
  CHECK(it.tellings() == Tellings{1});
}

TEST_CASE("one that is gone tells nothing") {
  Arriving it;
  it.arrivals->came(1);
  it.arrivals.reset();
  it.loop.io.restart();
  it.loop.io.run();
  CHECK(it.told.empty());
}

}  // namespace account_arrivals_test
