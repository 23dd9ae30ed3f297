#include "service/account_backfills.h"

#include "firestore/client_thread.h"
#include "unit/firestore/small_firestore.h"
#include "unit/service/asker.h"
#include "unit/service/held.h"

namespace account_backfills_test {

using namespace wasync;
using namespace wasync::test;
using Json = nlohmann::ordered_json;
using wasync::testing::code_of;

namespace {

const Error kOver(ErrorCode::kInterrupted, "wa-sync listen was stopped");

// There is never a login: with a thread to fill, a backfill waits for one until it is ended.
struct Filling : Held {
  AccountBackfills backfills{loop.io.get_executor(), held, nullptr};
  std::shared_ptr<Asker> asker = std::make_shared<Asker>();

  std::shared_ptr<wasync::testing::Outcome<Json>> ask(Json request = to_json(BackfillRequest{})) {
    return loop.spawn(backfills.answer(std::move(request), asker));
  }
  void until_running() {
    loop.run_until([&] { return backfills.running(); });
  }
  void end() { loop.run(backfills.end(kOver)); }
  ErrorCode code_of_start() {
    return code_of([&] { backfills.start({}); });
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("who asks hears of it line by line, and that it is over") {
  Filling it;
  const Json last = it.loop.finish(it.ask());
  CHECK(last == Json{{"event", "ended"}});
  CHECK(it.asker->events() == Names{"start", "done"});
  CHECK_FALSE(it.backfills.running());
  CHECK(it.wakes == 1);  // there may be something to send
}

TEST_CASE("with Firestore, anchors are looked for there first") {
  SmallFirestore server;
  firestore::ClientThread thread({.target = server.target(), .credentials = server.credentials()});
  Filling it;
  AccountBackfills backfills(it.loop.io.get_executor(), it.held, &thread);
  it.loop.run(backfills.run(
      {}, [](const BackfillEvent&) {}, false));
  CHECK_FALSE(backfills.running());
}

TEST_CASE("while one runs there is no other") {
  Filling it;
  it.put_message(kAna, "A");
  CHECK(it.backfills.start({}).message.empty());
  CHECK(it.backfills.running());
  CHECK(it.backfills.start({}).message == "Backfill is running already");
  CHECK(code_of([&] { it.loop.finish(it.ask()); }) == ErrorCode::kHeldElsewhere);
  CHECK(code_of([&] {
          it.loop.run(it.backfills.run(
              {}, [](const BackfillEvent&) {}, true));
        }) == ErrorCode::kHeldElsewhere);
  it.end();
  CHECK_FALSE(it.backfills.running());
  CHECK(it.backfills.start({}).message.empty());
  it.end();
}

TEST_CASE("none begins where the account is not kept connected") {
  Filling it;
  for (const AccountState state : {AccountState::kResting, AccountState::kLettingGo,
                                   AccountState::kReleasing, AccountState::kStopping}) {
    it.now = state;
    CHECK(it.code_of_start() == ErrorCode::kNetwork);
  }
  it.now = AccountState::kConnecting;
  CHECK(it.backfills.start({}).message.empty());
  it.end();
  it.file.reset();
  CHECK(it.code_of_start() == ErrorCode::kNetwork);
}

TEST_CASE("a request that makes no sense starts nothing") {
  Filling it;
  CHECK(code_of([&] { it.loop.finish(it.ask({{"threads", 5}})); }) == ErrorCode::kUsage);
  CHECK_FALSE(it.backfills.running());
}

TEST_CASE("an asker that goes ends it, and one that does not listen") {
  Filling it;
  it.put_message(kAna, "A");
  auto outcome = it.ask();
  it.until_running();
  it.loop.run_until([&] { return static_cast<bool>(it.asker->on_gone); });
  it.asker->on_gone();
  CHECK(code_of([&] { it.loop.finish(outcome); }) == ErrorCode::kInterrupted);
  CHECK_FALSE(it.backfills.running());

  it.asker = std::make_shared<Asker>();
  it.asker->deaf = true;
  outcome = it.ask();
  CHECK(code_of([&] { it.loop.finish(outcome); }) == ErrorCode::kIo);
  it.loop.run_until([&] { return !it.backfills.running(); });
}

TEST_CASE("whoever ends it waits until it is over; who asked for it hears why") {
  Filling it;
  it.put_message(kAna, "A");
  const auto outcome = it.ask();
  it.until_running();
  it.end();
  CHECK_FALSE(it.backfills.running());
  try {
    it.loop.finish(outcome);
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.what() == std::string(kOver.what()));
  }
  CHECK(it.asker->events().back() == "done");
  it.end();  // nothing to wait for
}

TEST_CASE("what the connection tells is for whichever runs, if any") {
  Filling it;
  it.backfills.connection_changed();
  it.backfills.chunk_done({});
  it.backfills.chunk_failed({}, kOver);
  it.put_message(kAna, "A");
  it.backfills.start({});
  it.backfills.connection_changed();
  it.backfills.chunk_done({.request_id = "nobody's"});
  it.backfills.chunk_failed({.request_id = "nobody's"}, kOver);
  CHECK(it.backfills.running());
  it.end();
}

}  // namespace account_backfills_test
