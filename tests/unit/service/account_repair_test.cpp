#include "service/account_repair.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "session/device/account_file.h"
#include "unit/inbox/fixture.h"

namespace account_repair_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;
using diagnosis::StoredRepair;
using Json = nlohmann::ordered_json;

TEST_CASE("a repair is asked for as it was meant") {
  for (const StoredRepair& repair :
       {StoredRepair{},
        StoredRepair{.what = StoredRepair::What::kSetTime, .thread = jid("4071@s.whatsapp.net")},
        StoredRepair{.what = StoredRepair::What::kMerge, .thread = jid("98765@lid")}}) {
    const StoredRepair back = stored_repair_from(to_json(repair));
    CHECK(back.what == repair.what);
    CHECK(back.thread == repair.thread);
  }
}

TEST_CASE("what is no repair is refused") {
  for (const Json& request :
       {Json::object(), Json{{"what", "delete"}}, Json{{"what", "merge"}}, Json{{"what", 5}},
        Json{{"what", "merge"}, {"thread", "status@broadcast"}},
        Json{{"what", "set_time"}, {"thread", "no jid at all"}}}) {
    CAPTURE(request.dump());
    CHECK_THROWS_AS(stored_repair_from(request), Error);
  }
}

TEST_CASE("where nobody has the account, it is taken for the moment") {
  const ScratchDir scratch;
  const StateDir state = StateDir::open(scratch.path() / "state");
  const AccountId id = account_id_for(kPhone);
  { const AccountFile file = AccountFile::create(state, id); }
  bool ours = false;
  std::int64_t changed = -1;
  check_repairable(state, id, 1s);
  CHECK(repair_account(state, id, {}, 1s, changed, [&] {
          ours = AccountLock::holder(state, id).has_value();
        }) == RepairedBy::kUs);
  CHECK(ours);
  CHECK(changed == 0);
  CHECK_FALSE(AccountLock::holder(state, id));

  const AccountLock lock = AccountLock::acquire(state, id);
  CHECK_THROWS_AS(check_repairable(state, id, 1s), Error);
  CHECK_THROWS_AS(repair_account(state, id, {}, 1s, changed), Error);
}

}  // namespace account_repair_test
