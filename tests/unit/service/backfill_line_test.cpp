#include "service/backfill_line.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace backfill_line_test {

using namespace wasync;
using Json = nlohmann::ordered_json;

TEST_CASE("a request for a backfill arrives as it was sent") {
  BackfillRequest request;
  request.choice.threads = {
      thread_id_for(account_id_for("+40700000001"), *Jid::parse("40722000000@s.whatsapp.net"))};
  request.choice.most.reset();
  request.choice.force = true;
  request.limits.per_thread = 7;
  request.limits.deadline = std::chrono::milliseconds(1234);
  const BackfillRequest arrived = backfill_request_from(to_json(request));
  CHECK(arrived.choice.threads == request.choice.threads);
  CHECK_FALSE(arrived.choice.most);
  CHECK(arrived.choice.force);
  CHECK(arrived.limits.per_thread == 7);
  CHECK(arrived.limits.deadline == request.limits.deadline);
}

TEST_CASE("a malformed request is refused") {
  const Json good = to_json(BackfillRequest{});
  for (const auto& [field, value] : {std::pair<const char*, Json>{"count", 0},
                                     {"count", "x"},
                                     {"most", -1},
                                     {"timeout_ms", nullptr},
                                     {"threads", Json::array({"../x"})}}) {
    CAPTURE(field);
    Json wrong = good;
    wrong[field] = value;
    CHECK_THROWS_AS(backfill_request_from(wrong), Error);
  }
}

TEST_CASE("events arrive as they were told") {
  const ThreadId thread = thread_id_for(account_id_for("+40700000001"), *Jid::parse("1-2@g.us"));
  const BackfillEvent event =
      backfill_event::Thread{.thread = thread, .result = BackfillOutcome::kNoAnswer, .messages = 3};
  const auto arrived = backfill_event_from(to_json(event));
  REQUIRE(arrived);
  const auto& told = std::get<backfill_event::Thread>(*arrived);
  CHECK(told.thread == thread);
  CHECK(told.result == BackfillOutcome::kNoAnswer);
  CHECK(told.messages == 3);
  CHECK_FALSE(backfill_event_from({{"event", "ended"}}));
  CHECK_FALSE(backfill_event_from({{"event", "thread"}, {"thread", "x"}, {"result", "filled"}}));
}

}  // namespace backfill_line_test
