#include "session/receive/phone_requests.h"

#include "base/error.h"
#include "unit/session/account.h"

namespace phone_requests_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr UnixSeconds kNow{1'800'000'000};

void ask(LinkedAccount& account, int times, std::int64_t at, Asks for_what = Asks::kAnything) {
  Transaction transaction(account.db, "test");
  for (int i = 0; i < times; ++i)
    remember_phone_request(account.db, std::to_string(at) + "/" + std::to_string(i), {}, {at},
                           for_what);
  transaction.commit();
}

}  // namespace

TEST_CASE("what exceeds the hour's budget waits until the oldest request is an hour old") {
  LinkedAccount account;
  ask(account, kRequestsAnHour - 1, kNow.value - 3'000);
  CHECK(until_phone_may_be_asked(account.db, kNow).count() == 0);
  ask(account, 1, kNow.value);
  CHECK(until_phone_may_be_asked(account.db, kNow).count() == 600);
  CHECK(until_phone_may_be_asked(account.db, {kNow.value + 600}).count() == 0);
}

TEST_CASE("what strangers make us ask for is a part of it") {
  LinkedAccount account;
  ask(account, kAwaitedRequestsAnHour, kNow.value - 600, Asks::kAwaitedMessages);
  CHECK(until_phone_may_be_asked(account.db, kNow).count() == 0);
  CHECK(until_phone_may_be_asked(account.db, kNow, Asks::kAwaitedMessages).count() == 3'000);
  ask(account, kRequestsAnHour - kAwaitedRequestsAnHour, kNow.value);
  CHECK(until_phone_may_be_asked(account.db, kNow).count() == 3'000);
}

TEST_CASE("requests of a clock that was ahead do not count") {
  LinkedAccount account;
  ask(account, kRequestsAnHour, kNow.value + 86'000);
  CHECK(until_phone_may_be_asked(account.db, kNow).count() == 0);
}

TEST_CASE("requests that had to wait are counted until the device is linked anew") {
  LinkedAccount account;
  CHECK(delayed_requests(account.db) == 0);
  count_delayed_request(account.db);
  count_delayed_request(account.db);
  CHECK(delayed_requests(account.db) == 2);
  ask(account, 1, kNow.value);
  Transaction transaction(account.db, "test");
  replace_device(account.store, account.device, account.keys);
  transaction.commit();
  CHECK(delayed_requests(account.db) == 0);
  CHECK(account.number("SELECT count(*) FROM phone_requests") == 0);
}

TEST_CASE("what is told of a failed request says who is to blame, and what helps") {
  const Error unreadable = error_of({.id = "1"});
  CHECK(unreadable.code() == ErrorCode::kCrypto);
  CHECK(std::string(unreadable.what()).find("cannot read") != std::string::npos);
  CHECK(unreadable.hint().find("pair --again") != std::string::npos);
  const Error refused = error_of({.id = "1", .why = FailedRequest::Why::kRefused, .code = 479});
  CHECK(refused.code() == ErrorCode::kServerRefused);
  CHECK(std::string(refused.what()).find("479") != std::string::npos);
}

}  // namespace phone_requests_test
