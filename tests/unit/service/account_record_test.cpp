#include "service/account_record.h"

#include "base/sqlite.h"
#include "inbox/history_queue.h"
#include "session/receive/rhythm.h"
#include "unit/service/held.h"

namespace account_record_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;
namespace event = wasync::service_event;

namespace {

struct Recorded : Held {
  AccountRecord record{held, "host-1"};

  RunningAccount view() const { return record.view(std::nullopt); }
  std::string trouble() const {
    const auto error = record.trouble();
    return error ? error->what() : "";
  }
};

const Error kRefused(ErrorCode::kServerRefused, "refused", "wait");

}  // namespace

TEST_CASE("counters go on from one connection to the next") {
  Recorded it;
  it.record.connected("+40737123397");
  it.record.disconnected({.received = 5,
                          .undecryptable = 1,
                          .malformed = 2,
                          .spoofed = 3,
                          .identities_changed = 6,
                          .left_out = 4,
                          .not_asked = 5},
                         Error(ErrorCode::kNetwork, "reset by peer"), 1s);
  it.record.connected("+40737123397");
  it.record.stored(4);
  it.record.disconnected({.received = 2}, Error(ErrorCode::kNetwork, "reset by peer"), 2s);
  it.file.reset();  // nor does it matter whose it is
  const AccountCounters counters = it.view().counters;
  CHECK(counters.received == 7);
  CHECK(counters.undecryptable == 1);
  CHECK(counters.malformed == 2);
  CHECK(counters.spoofed == 3);
  CHECK(counters.identities_changed == 6);
  CHECK(counters.left_out == 4);
  CHECK(counters.not_asked == 5);
  CHECK(counters.stored == 4);
  CHECK(counters.reconnects == 2);
  CHECK(it.view().last_message.known());
  const auto gone = events<event::Disconnected>(it.told);
  REQUIRE(gone.size() == 2);
  CHECK(gone[1].reason == "reset by peer");
  CHECK(gone[1].retry_in == 2s);
}

TEST_CASE("connected since it was, until it is not") {
  Recorded it;
  CHECK_FALSE(it.view().connected_since.known());
  it.record.connected("+40737123397");
  CHECK(it.view().connected_since.known());
  it.record.disconnected({}, Error(ErrorCode::kNetwork, "gone"), 1s);
  CHECK_FALSE(it.view().connected_since.known());
  it.record.connected("+40737123397");
  it.record.offline();
  CHECK_FALSE(it.view().connected_since.known());
  CHECK(it.view().counters.reconnects == 1);  // that was no loss of the connection
  CHECK(events<event::Connected>(it.told).size() == 2);
}

TEST_CASE("a refusal is told once, until it is another, or all was well in between") {
  Recorded it;
  it.record.halted(kRefused, 1h);
  it.record.halted(kRefused, 1h);
  CHECK(events<event::Halted>(it.told).size() == 1);
  it.record.halted(Error(ErrorCode::kBanned, "banned"), 1h);
  it.record.halted(kRefused, 1h);
  CHECK(events<event::Halted>(it.told).size() == 3);
  it.record.connected("+40737123397");
  it.record.halted(kRefused, std::nullopt);
  it.record.forget_halt();
  it.record.halted(kRefused, 1h);
  const auto halts = events<event::Halted>(it.told);
  REQUIRE(halts.size() == 5);
  CHECK_FALSE(halts[3].retry_in);
  CHECK(halts[4].why.code() == ErrorCode::kServerRefused);
}

TEST_CASE("why there is no connection") {
  Recorded it;
  CHECK(it.trouble().empty());
  it.change([](Account& account) { account.last_disconnect_reason = "switched off"; });
  CHECK(it.trouble() == "switched off");
  it.record.halted(kRefused, 1h);
  CHECK(it.trouble() == "refused");
  CHECK(it.record.trouble()->hint() == "wait");
  it.record.connected("+40737123397");
  CHECK(it.trouble().empty());
  it.record.offline();
  it.file.reset();  // what its file says is somebody else's business
  CHECK(it.trouble().empty());
}

TEST_CASE("who has it instead of us is told once, and forgotten when it is ours") {
  Recorded it;
  it.file.reset();
  it.record.waits_for("process 7", false);
  it.record.waits_for("process 7", false);
  it.record.waits_for("host-2", true);
  const auto waits = events<event::Waiting>(it.told);
  REQUIRE(waits.size() == 2);
  CHECK_FALSE(waits[0].elsewhere);
  CHECK(waits[1].elsewhere);
  CHECK_FALSE(it.view().holds);
  CHECK(it.view().holder == "host-2");
  CHECK(it.view().status == "disconnected");
  it.record.taken();
  CHECK(it.view().holder.empty());
  it.record.waits_for("host-2", true);
  CHECK(events<event::Waiting>(it.told).size() == 3);
}

TEST_CASE("of an account that is ours, its file says how it is") {
  Recorded it;
  it.change([](Account& account) {
    account.status = AccountStatus::kConnected;
    account.last_server_traffic_at = kNow;
  });
  {
    Transaction transaction(*it.held.database(), "test");
    store_rhythm(*it.held.database(), {.heard_at = {kNow.value - 60}});
    HistoryQueue(*it.held.database()).add({.received_at = kNow, .message_id = "1"});
    transaction.commit();
  }
  firestore::UploadState upload{.written = 3, .queued = 2, .set_aside = 1};
  upload.trouble = firestore::Failure{.message = "no such project"};
  RunningAccount view = it.record.view(upload);
  CHECK(view.status == "disconnected");
  add_stored(*it.held.database(), view);
  CHECK(view.holds);
  CHECK(view.holder == "host-1");
  CHECK(view.status == "connected");
  CHECK(view.last_server_traffic == kNow);
  CHECK(view.last_stanza.value == kNow.value - 60);
  CHECK(view.history_waiting == 1);
  CHECK(view.history_failed == 0);
  CHECK(view.messages_awaited == 0);
  CHECK(view.upload.written == 3);
  CHECK(view.upload.queued == 2);
  CHECK(view.upload.set_aside == 1);
  CHECK(view.upload.trouble == "no such project");
}

namespace {

std::size_t statements = 0;

}  // namespace

TEST_CASE("however often strangers ask, its file is not read") {
  Recorded it;
  it.record.connected("+40737123397");
  statements = 0;
  observe_statements([](const StatementCost&) { ++statements; });
  CHECK(it.view().status == "connected");
  observe_statements(nullptr);
  CHECK(statements == 0);
}

}  // namespace account_record_test
