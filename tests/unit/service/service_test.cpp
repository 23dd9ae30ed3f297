#include "service/service.h"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "unit/service/held.h"
#include "unit/service/leases.h"
#include "unit/service/whatsapp.h"

namespace service_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace event = wasync::service_event;

namespace {

const AccountId kSecond = account_id_for("+40700000002");

// A service over one linked account's state directory.
struct Serving : StoredAccount {
  Whatsapp whatsapp;
  wasync::testing::Loop& loop = whatsapp.loop;
  asio::thread_pool workers{2};
  ServiceOptions options{.session = {}, .instance_id = "host-1", .first_backoff = 1ms};
  std::vector<ServiceEvent> told{};
  std::shared_ptr<Service> service{};
  std::shared_ptr<wasync::testing::Outcome<wasync::testing::Nothing>> outcome{};

  Serving() {
    options.session.endpoint = whatsapp.endpoint();
    options.look_every = 10ms;
    options.auto_backfill.enabled = false;
  }
  ~Serving() {
    stop();
    whatsapp.close();
  }
  void begin() {
    service =
        std::make_shared<Service>(loop.io.get_executor(), workers.get_executor(), state, options,
                                  [this](const ServiceEvent& it) { told.push_back(it); });
    outcome = loop.spawn(service->run());
  }
  void stop() {
    if (!service) return;
    asio::post(loop.io, [this] { service->stop(); });
    loop.finish(outcome);
  }
  template <typename Condition>
  void until(Condition condition) {
    test::until(loop, condition);
  }
  void until_accounts(std::size_t count) {
    until([&] { return service->state().accounts.size() == count; });
  }
  void until_connected() {
    until([&] { return !events<event::Connected>(told).empty(); });
  }
};

}  // namespace

TEST_CASE("the accounts there are, and those that come") {
  Serving it;
  it.begin();
  it.until_connected();
  CHECK(it.service->state().accounts.size() == 1);
  { const AccountFile file = AccountFile::create(it.state, kSecond); }
  it.until_accounts(2);
  const ServiceState state = it.service->state();
  CHECK(state.instance_id == "host-1");
  CHECK(state.started_at.known());
  CHECK(state.ready);
  CHECK(state.active);
  CHECK_FALSE(state.firestore_connected);  // there is none
  it.state.remove_account(kSecond);
  it.until_accounts(1);
}

TEST_CASE("only those that are wanted") {
  Serving it;
  { const AccountFile file = AccountFile::create(it.state, kSecond); }
  it.options.only = {kSecond};
  it.begin();
  it.until_accounts(1);
  CHECK(it.service->state().accounts[0].id == kSecond);
  CHECK_FALSE(it.service->state().active);  // it is not linked
  CHECK(it.whatsapp.connections == 0);
}

TEST_CASE("a stop lets every account go") {
  Serving it;
  it.begin();
  it.until_connected();
  CHECK(AccountLock::holder(it.state, it.id));
  it.stop();
  CHECK_FALSE(AccountLock::holder(it.state, it.id));
  CHECK(it.row().status == AccountStatus::kDisconnected);
  CHECK(it.service->state().accounts.empty());
  CHECK_FALSE(it.service->state().ready);
}

TEST_CASE("those that rest are tried again when that is wanted") {
  Serving it;
  it.whatsapp.greetings = {refusal("402")};
  it.begin();
  it.until([&] { return !events<event::Halted>(it.told).empty(); });
  CHECK(events<event::Connected>(it.told).empty());
  it.service->retry();
  it.until_connected();
}

TEST_CASE("a backfill is started in an account that is known") {
  Serving it;
  it.begin();
  it.until_connected();
  using Result = BackfillStart::Result;
  CHECK(it.service->start_backfill(kSecond).result == Result::kUnknownAccount);
  CHECK(it.service->start_backfill(it.id).result == Result::kStarted);
}

TEST_CASE("an account that has come online is filled without anybody asking") {
  Serving it;
  it.options.auto_backfill.enabled = true;
  it.options.auto_backfill.interval = 20ms;
  it.begin();
  it.until([&] { return !events<event::BackfillEnded>(it.told).empty(); });
  const auto ended = events<event::BackfillEnded>(it.told);
  CHECK(ended[0].account == it.id);
  CHECK_FALSE(ended[0].failure);
  it.stop();
  CHECK(events<event::BackfillStarted>(it.told).size() == 1);  // and has enough for a while
}

TEST_CASE("with Firestore, documents go out and leases are let go") {
  Leases leases;
  Serving it;
  it.options.inbox = leases.inbox();
  it.options.leases = leases.inbox();
  it.put_message(kAna, "A");
  it.begin();
  const std::string sent = "threads/" + thread_id_for(it.id, jid(kAna)).str() + "/messages/A";
  it.until([&] { return leases.server.documents().contains(sent); });
  CHECK(leases.holder(firestore::kConnectionLease) == "host-1");
  CHECK(it.service->state().firestore_connected);
  it.stop();
  CHECK(leases.holder(firestore::kConnectionLease).empty());
}

}  // namespace service_test
