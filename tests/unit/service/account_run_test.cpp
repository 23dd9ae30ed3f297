#include "service/account_run.h"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fstream>
#include <future>

#include "unit/service/held.h"
#include "unit/service/leases.h"
#include "unit/service/whatsapp.h"

namespace account_run_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace event = wasync::service_event;
using State = AccountState;

namespace {

// A run of a stored account. It begins when a test says so, and has ended when this is gone.
struct Running : StoredAccount {
  Whatsapp whatsapp;
  wasync::testing::Loop& loop = whatsapp.loop;
  asio::thread_pool workers{1};
  ServiceOptions options{.session = {}, .instance_id = "host-1", .first_backoff = 1ms};
  BootClock::duration slept{0};  // by the host
  std::vector<ServiceEvent> told{};
  firestore::ClientThread* leases = nullptr;
  std::shared_ptr<AccountRun> run{};
  std::shared_ptr<wasync::testing::Outcome<wasync::testing::Nothing>> outcome{};

  Running() {
    options.session.endpoint = whatsapp.endpoint();
    options.look_every = 10ms;
    options.boot_time = {.now = [this] { return BootClock::now() + slept; }, .look_every = 1ms};
  }
  ~Running() {
    stop();
    whatsapp.close();
  }
  void begin() {
    run = std::make_shared<AccountRun>(loop.io.get_executor(), workers.get_executor(), state, id,
                                       options, nullptr, leases,
                                       [this](const ServiceEvent& it) { told.push_back(it); });
    outcome = loop.spawn(run->run());
  }
  void stop() {
    if (!run) return;
    on_loop([this] { run->stop(); });
    loop.finish(outcome);
  }
  void retry() {
    on_loop([this] { run->retry(); });
  }
  void on_loop(const std::function<void()>& action) {
    asio::post(loop.io, action);
    loop.io.restart();
    loop.io.poll();
  }
  template <typename Condition>
  void until(Condition condition) {
    test::until(loop, condition);
  }
  void until(State wanted) {
    CAPTURE(name(wanted));
    until([&] { return run->state() == wanted; });
  }
  void online() {
    begin();
    until(State::kOnline);
  }
  template <typename Event>
  std::vector<Event> all() const {
    return events<Event>(told);
  }
};

struct Leased : Running {
  Leases leasing;
  firestore::ClientThread thread{leasing.inbox()};

  Leased() {
    leases = &thread;
    options.renew_lease_every = 10ms;
    options.lease = 1s;
  }
  ~Leased() { stop(); }
  std::string holder() const { return leasing.holder(firestore::kConnectionLease); }
};

}  // namespace

TEST_CASE("an account that is not linked is waited for, and had when it is") {
  Running it;
  {
    Database database = it.open();
    SignalStore store(database);
    Transaction transaction(database, "test");
    forget_device(store);
    transaction.commit();
  }
  it.begin();
  it.until(State::kUnlinked);
  CHECK_FALSE(AccountLock::holder(it.state, it.id));  // `pair` may want it
  CHECK(it.whatsapp.connections == 0);
  {
    Database database = it.open();
    const DeviceKeys keys = DeviceKeys::generate();
    SignalStore store(database);
    Transaction transaction(database, "test");
    replace_device(store,
                   {.noise = keys.noise,
                    .jid = jid("40737123397:4@s.whatsapp.net"),
                    .platform = "android",
                    .signed_identity = {1}},
                   keys);
    transaction.commit();
  }
  it.until(State::kOnline);
  REQUIRE(it.all<event::Connected>().size() == 1);
  CHECK(it.all<event::Connected>()[0].phone == kPhone);
  CHECK(it.run->view().holds);
  CHECK(it.run->view().holder == "host-1");
}

TEST_CASE("one that another process has is waited for") {
  Running it;
  auto lock = std::make_unique<AccountLock>(AccountLock::acquire(it.state, it.id));
  it.begin();
  it.until(State::kHeldByAnother);
  it.until([&] { return !it.all<event::Waiting>().empty(); });
  CHECK(it.all<event::Waiting>()[0].holder == "process " + std::to_string(::getpid()));
  CHECK_FALSE(it.run->view().holds);
  CHECK(it.run->view().holder == it.all<event::Waiting>()[0].holder);
  lock.reset();
  it.until(State::kOnline);
  CHECK(it.all<event::Waiting>().size() == 1);
}

TEST_CASE("one that another host has is waited for; its lease is ours while it is online") {
  Leased it;
  it.leasing.give(firestore::kConnectionLease, "host-2");
  it.begin();
  it.until(State::kLeasedElsewhere);
  CHECK(it.all<event::Waiting>()[0].holder == "host-2");
  CHECK(it.all<event::Waiting>()[0].elsewhere);
  CHECK_FALSE(AccountLock::holder(it.state, it.id));
  it.leasing.free(firestore::kConnectionLease);
  it.until(State::kOnline);
  CHECK(it.holder() == "host-1");
  it.stop();
  CHECK(it.holder().empty());
}

TEST_CASE("one whose lease another host has taken is let go") {
  Leased it;
  it.online();
  it.leasing.give(firestore::kConnectionLease, "host-2");
  it.until(State::kReleased);
  CHECK(it.row().status == AccountStatus::kDisconnected);
  CHECK(it.row().last_disconnect_reason == "another instance has taken the account over");
  CHECK_FALSE(AccountLock::holder(it.state, it.id));
  CHECK(it.holder() == "host-2");
  it.stop();  // it does not wait for who is to take it
  CHECK(it.run->state() == State::kStopped);
}

TEST_CASE("after a sleep the lease is renewed at once") {
  Leased it;
  it.options.renew_lease_every = 1h;
  it.online();
  it.leasing.give(firestore::kConnectionLease, "host-2");
  it.slept = 2h;
  it.until(State::kReleased);
}

TEST_CASE("after a sleep nobody's account is taken back by a login") {
  Leased it;
  it.options.renew_lease_every = 10h;
  it.options.lease = 60s;
  it.online();
  it.leasing.give(firestore::kConnectionLease, "host-2");
  it.slept = 2h;
  it.whatsapp.hang_up();
  it.until(State::kReleased);
  CHECK(it.whatsapp.connections == 1);
}

TEST_CASE("a wait for the next connection does not outlast a sleep") {
  Running it;
  it.options.first_backoff = 1h;
  it.options.most_backoff = 2h;
  it.online();
  it.whatsapp.hang_up();
  it.until([&] { return it.all<event::Disconnected>().size() == 1; });
  CHECK(it.all<event::Disconnected>()[0].retry_in >= 30min);
  it.slept = 8h;
  it.until(State::kOnline);
  CHECK(it.whatsapp.connections == 2);
}

TEST_CASE("after a sleep the waits are short again") {
  Running it;
  it.whatsapp.close();
  it.begin();
  const auto last_wait = [&] { return it.all<event::Disconnected>().back().retry_in; };
  it.until([&] { return !it.all<event::Disconnected>().empty() && last_wait() >= 60ms; });
  it.slept = 8h;
  const std::size_t before = it.all<event::Disconnected>().size();
  it.until([&] { return it.all<event::Disconnected>().size() > before; });
  CHECK(it.all<event::Disconnected>()[before].retry_in <= 1ms);
}

TEST_CASE("with Firestore away an account is had all the same") {
  Leased it;
  it.leasing.away = true;
  it.online();
  CHECK(it.run->view().holds);
}

TEST_CASE("a connection that is lost is made again, and the counters go on") {
  Running it;
  it.online();
  it.whatsapp.say(Node("message", {{"from", jid(kAna)}, {"id", "M1"}, {"t", "1700000000"}}));
  it.until([&] { return it.run->view().counters.received == 1; });
  it.whatsapp.hang_up();
  it.until([&] { return it.all<event::Connected>().size() == 2; });
  CHECK(it.run->state() == State::kOnline);
  CHECK(it.all<event::Disconnected>().size() == 1);
  const RunningAccount view = it.run->view();
  CHECK(view.counters.received == 1);
  CHECK(view.counters.reconnects == 1);
  CHECK(view.connected_since.known());
  CHECK(view.holds);
  CHECK(it.all<event::Halted>().empty());
}

TEST_CASE("a refused one rests, and is tried again when that is over") {
  Running it;
  it.options.refused_rest = 20ms;
  it.whatsapp.greetings = {refusal("402"), refusal("402")};
  it.begin();
  it.until(State::kResting);
  CHECK(it.run->view().holds);
  it.until(State::kOnline);
  CHECK(it.whatsapp.connections == 3);
  const auto halts = it.all<event::Halted>();
  REQUIRE(halts.size() == 1);  // for the same reason twice
  CHECK(halts[0].why.code() == ErrorCode::kBanned);
  CHECK(halts[0].retry_in == 20ms);
}

TEST_CASE("a rest is over when it is told to; nothing begins meanwhile") {
  Running it;
  it.whatsapp.greetings = {refusal("402")};
  it.begin();
  it.until(State::kResting);
  CHECK_THROWS_AS(it.run->start_backfill(), Error);
  CHECK_FALSE(it.run->backfill_standing().ready);
  it.retry();
  it.until(State::kOnline);
  CHECK(it.run->backfill_standing().ready);
}

TEST_CASE("one whose place another program took comes back only when it is told to") {
  Running it;
  it.options.refused_rest = 1ms;
  it.online();
  it.whatsapp.say(
      Node("stream:error", {}, std::vector<Node>{Node("conflict", {{"type", "replaced"}})}));
  it.until(State::kResting);
  REQUIRE(it.all<event::Halted>().size() == 1);
  CHECK(it.all<event::Halted>()[0].why.code() == ErrorCode::kReplaced);
  CHECK_FALSE(it.all<event::Halted>()[0].retry_in);
  it.retry();
  it.until(State::kOnline);
}

TEST_CASE("after a refusal for its web version that is asked for anew") {
  Running it;
  std::atomic<int> asked = 0;
  it.options.companion = [&] {
    ++asked;
    return CompanionOptions{};
  };
  it.options.refused_rest = 1ms;
  it.whatsapp.greetings = {refusal("405"), refusal("405")};
  it.online();
  CHECK(asked == 2);
}

TEST_CASE("one that was logged out is waited for as one that is not linked") {
  Running it;
  it.whatsapp.greetings = {refusal("401")};
  it.begin();
  it.until(State::kUnlinked);
  CHECK(it.row().status == AccountStatus::kLoggedOut);
  REQUIRE(it.all<event::Halted>().size() == 1);
  CHECK(it.all<event::Halted>()[0].why.code() == ErrorCode::kLoggedOut);
  CHECK_FALSE(it.run->view().holds);
  CHECK_FALSE(AccountLock::holder(it.state, it.id));
}

TEST_CASE("one that another command wants is let go, and had again afterwards") {
  Running it;
  it.online();
  auto asking = std::async(std::launch::async, [&] { ask_to_release(it.state, it.id); });
  it.until([&] { return asking.wait_for(0s) == std::future_status::ready; });
  {
    const AccountLock lock = AccountLock::acquire(it.state, it.id);
    CHECK(it.row().last_disconnect_reason == "another command of this host took over");
    it.until(State::kHeldByAnother);
  }
  it.until(State::kOnline);
  CHECK(it.whatsapp.connections == 2);
}

TEST_CASE("who asks over the control socket is answered, as long as it is ours") {
  Running it;
  it.online();
  const auto ask = [&](const char* what) {
    auto asking = std::async(std::launch::async, [&] {
      return ask_holder(it.state, it.id, {{"request", what}, {"timeout_ms", 5000}}, 10s);
    });
    it.until([&] { return asking.wait_for(0s) == std::future_status::ready; });
    return asking.get();
  };
  const auto status = ask("status");
  REQUIRE(status);
  CHECK((*status)["status"] == "connected");
  const auto ping = ask("ping");
  REQUIRE(ping);
  CHECK(ping->contains("round_trip_ms"));
  it.stop();
  CHECK_FALSE(ask("status"));
}

TEST_CASE("while a backfill runs there is no other, and a stop ends it") {
  Running it;
  it.put_message(kAna, "A");
  it.online();
  CHECK(it.run->backfill_standing().ready);
  CHECK(it.run->start_backfill().message.empty());
  CHECK(it.run->start_backfill().message == "Backfill is running already");
  CHECK_FALSE(it.run->backfill_standing().ready);
  it.stop();
  CHECK_THROWS_AS(it.run->start_backfill(), Error);
}

TEST_CASE("one that the schedule wants is done and told of") {
  Running it;
  it.online();
  it.loop.run(it.run->scheduled_backfill(BackfillTrigger::kConnect));
  CHECK(it.all<event::BackfillStarted>().size() == 1);
  REQUIRE(it.all<event::BackfillEnded>().size() == 1);
  CHECK_FALSE(it.all<event::BackfillEnded>()[0].failure);
}

TEST_CASE("stopped is stopped, wherever it stood") {
  Running it;
  SUBCASE("before it began") {
    it.begin();
    it.stop();
  }
  SUBCASE("held by another") {
    const AccountLock lock = AccountLock::acquire(it.state, it.id);
    it.begin();
    it.until(State::kHeldByAnother);
    it.stop();
  }
  SUBCASE("between two connections") {
    it.options.first_backoff = 1h;
    it.options.most_backoff = 1h;
    it.whatsapp.greetings = {refusal("503")};
    it.begin();
    it.until([&] { return !it.all<event::Disconnected>().empty(); });
    CHECK(it.run->state() == State::kConnecting);
    it.stop();
  }
  SUBCASE("at rest") {
    it.whatsapp.greetings = {refusal("402")};
    it.begin();
    it.until(State::kResting);
    it.stop();
  }
  SUBCASE("online") {
    it.online();
    it.stop();
    CHECK(it.row().status == AccountStatus::kDisconnected);
    CHECK(it.row().last_disconnect_reason == "wa-sync listen was stopped");
  }
  CHECK(it.run->state() == State::kStopped);
  CHECK_FALSE(it.run->view().holds);
  CHECK_FALSE(AccountLock::holder(it.state, it.id));
}

TEST_CASE("a file that cannot be used is tried again") {
  Running it;
  const std::filesystem::path file = it.state.account_file(it.id);
  const std::filesystem::path aside = it.scratch.path() / "aside";
  std::filesystem::rename(file, aside);
  std::ofstream(file) << std::string(4096, 'x');
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  it.begin();
  it.until(State::kTroubled);
  REQUIRE(it.all<event::Halted>().size() == 1);
  CHECK(it.all<event::Halted>()[0].why.code() == ErrorCode::kStore);
  CHECK(it.all<event::Halted>()[0].retry_in == 1min);
  std::filesystem::rename(aside, file);
  it.retry();
  it.until(State::kOnline);
}

TEST_CASE("an account that is deleted is over") {
  Running it;
  const auto lock = std::make_unique<AccountLock>(AccountLock::acquire(it.state, it.id));
  it.begin();
  it.until(State::kHeldByAnother);
  it.state.remove_account(it.id);
  it.loop.finish(it.outcome);
  it.run.reset();
}

}  // namespace account_run_test
