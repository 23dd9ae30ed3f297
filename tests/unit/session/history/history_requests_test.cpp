#include "session/history/history_requests.h"

#include "unit/session/account.h"

namespace history_requests_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr UnixSeconds kNow{1'800'000'000};

struct Asking {
  LinkedAccount account;

  void ask(const std::string& id, std::string_view chat, UnixSeconds at) {
    Transaction transaction(account.db, "test");
    remember_history_request(account.db, id, std::string(chat), at);
    transaction.commit();
  }
  bool unanswered(UnixSeconds last_backfill_at) {
    return was_left_unanswered(account.db,
                               {.thread = thread_id_for(account_id_for("+40700000001"), jid(kAna)),
                                .jid = jid(kAna),
                                .last_backfill_at = last_backfill_at});
  }
};

}  // namespace

TEST_CASE("an answer finds its chat by the request that it quotes") {
  Asking asking;
  asking.ask("R1", kAna, kNow);
  asking.ask("R2", kAnaLid, kNow);
  CHECK(requested_chat(asking.account.db, "R1") == jid(kAna));
  CHECK(requested_chat(asking.account.db, "R2") == jid(kAnaLid));
  CHECK(requested_chat(asking.account.db, "R3").empty());
  CHECK(requested_chat(asking.account.db, "").empty());
}

TEST_CASE("a request is forgotten after a month") {
  Asking asking;
  asking.ask("R1", kAna, kNow);
  asking.ask("R2", kAna, {kNow.value + 29 * 86'400});
  CHECK(requested_chat(asking.account.db, "R1") == jid(kAna));
  asking.ask("R3", kAna, {kNow.value + 31 * 86'400});
  CHECK(requested_chat(asking.account.db, "R1").empty());
  CHECK(requested_chat(asking.account.db, "R2") == jid(kAna));
}

TEST_CASE("a thread is left unanswered when it was asked about after its last answer") {
  Asking asking;
  CHECK_FALSE(asking.unanswered({}));
  SUBCASE("by its phone number") {
    asking.ask("R1", kAna, kNow);
  }
  SUBCASE("by the LID that belongs to it") {
    Transaction transaction(asking.account.db, "test");
    InboxWriter inbox(asking.account.db);
    inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)});
    inbox.flush();
    transaction.commit();
    asking.ask("R1", kAnaLid, kNow);
  }
  CHECK(asking.unanswered({kNow.value - 1}));
  CHECK_FALSE(asking.unanswered(kNow));
}

}  // namespace history_requests_test
