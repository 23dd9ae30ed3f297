#include "service/account_answers.h"

#include "unit/service/asker.h"
#include "unit/service/held.h"

namespace account_answers_test {

using namespace wasync;
using namespace wasync::test;
using Json = nlohmann::ordered_json;
using wasync::testing::code_of;

namespace {

struct Answering : Held {
  AccountRecord record{held, "host-1"};
  std::shared_ptr<AccountUploads> uploads = std::make_shared<AccountUploads>(
      loop.io.get_executor(), nullptr, state.account_file(id), held);
  AccountBackfills backfills{loop.io.get_executor(), held, nullptr};
  int releases = 0;
  AccountAnswers answers{held, record, *uploads, backfills, "host-1", [this] { ++releases; }};

  Json ask(Json request) {
    return loop.run(answers.answer(std::move(request), std::make_shared<Asker>()));
  }
  ErrorCode refusal(Json request) {
    return code_of([&] { ask(std::move(request)); });
  }
};

}  // namespace

TEST_CASE("how the account is") {
  Answering it;
  it.change([](Account& account) {
    account.status = AccountStatus::kConnected;
    account.last_server_traffic_at = kNow;
  });
  it.record.disconnected({.received = 7}, Error(ErrorCode::kNetwork, "gone"),
                         std::chrono::seconds(1));
  it.record.halted(Error(ErrorCode::kBanned, "banned"), std::nullopt);
  CHECK(
      it.ask({{"request", "status"}}).dump() ==
      R"({"event":"status","instance":"host-1","status":"connected","connected_since":0,)"
      R"("received":7,"reconnects":1,"last_message":0,"last_server_traffic":1760000000,"last_stanza":0,)"
      R"("trouble":"banned","uploads":false,"queued":0,"upload_trouble":"",)"
      R"("clock_ahead":0,"phone_heard_at":0})");
}

TEST_CASE("a ping without a connection is answered with why there is none") {
  Answering it;
  const Json request{{"request", "ping"}, {"timeout_ms", 1000}};
  CHECK(it.ask(request).dump() ==
        R"({"event":"ping","code":"network","reason":"it is only just connecting","hint":""})");
  it.change([](Account& account) { account.last_disconnect_reason = "reset by peer"; });
  CHECK(it.ask(request)["reason"] == "reset by peer");
  it.record.halted(Error(ErrorCode::kClientOutdated, "outdated", "upgrade"), std::nullopt);
  CHECK(it.ask(request).dump() ==
        R"({"event":"ping","code":"client_outdated","reason":"outdated","hint":"upgrade"})");
}

TEST_CASE("a repair is done, and its documents are sent") {
  Answering it;
  const Json request{{"request", "repair"}, {"what", "retry_documents"}};
  CHECK(it.ask(request).dump() == R"({"event":"repaired","changed":0})");
  CHECK(it.wakes == 1);
  CHECK(it.refusal({{"request", "repair"}, {"what", "all"}}) == ErrorCode::kUsage);
  it.file.reset();
  CHECK(it.refusal(request) == ErrorCode::kHeldElsewhere);
}

TEST_CASE("a backfill is done") {
  Answering it;
  CHECK(it.ask(to_json(BackfillRequest{}))["event"] == "ended");
}

TEST_CASE("who wants the account gets it") {
  Answering it;
  CHECK(it.ask({{"request", "release"}}).dump() == R"({"event":"released"})");
  CHECK(it.releases == 1);
}

TEST_CASE("what is no request is refused") {
  Answering it;
  for (const Json& request : {Json::object(), Json{{"request", 5}}, Json{{"request", "dance"}}}) {
    CAPTURE(request.dump());
    CHECK(it.refusal(request) == ErrorCode::kUsage);
  }
  CHECK(it.releases == 0);
}

}  // namespace account_answers_test
