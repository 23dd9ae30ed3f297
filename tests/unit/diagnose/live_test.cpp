#include "diagnose/live.h"

#include <doctest/doctest.h>

#include "unit/diagnose/broken_inboxes.h"

namespace live_test {

using namespace wasync;
using namespace wasync::diagnosis;
using namespace wasync::test;

namespace {

// "listener", "login", why not, or nothing where it could not be looked.
std::string way(const Observations& seen) {
  const auto found = way_to_live(seen, seen.accounts.front());
  if (const auto* open = std::get_if<LiveWay>(&found))
    return *open == LiveWay::kListener ? "listener" : "login";
  const auto* why = std::get_if<NotAsked>(&found);
  if (why == nullptr) return "";
  switch (*why) {
    case NotAsked::kNotLinked: return "not linked";
    case NotAsked::kHeldHere: return "held here";
    case NotAsked::kHeldElsewhere: return "held elsewhere";
    case NotAsked::kLeaseUnknown: return "lease unknown";
    case NotAsked::kOldListener: return "old listener";
  }
  return "?";
}

Observations unheld(Observations seen) {
  holder_in(seen) = {};
  return seen;
}

const Check& check_of(const Diagnosis& found, CheckId id) {
  const auto& checks = found.accounts.front().checks;
  const auto check = std::ranges::find(checks, id, &Check::id);
  REQUIRE(check != checks.end());
  return *check;
}

}  // namespace

TEST_CASE("a listener is asked, whatever Firestore says") {
  CHECK(way(healthy()) == "listener");
  Observations seen = healthy_in_firestore();
  CHECK(way(seen) == "listener");
  refuse_document(seen, {.unreachable = true});
  CHECK(way(seen) == "listener");
  seen = healthy_in_firestore();
  document_in(seen).claimed_by = "other-1";
  CHECK(way(seen) == "listener");
}

TEST_CASE("a login of our own is made only where nobody can be thrown out by it") {
  CHECK(way(unheld(healthy())) == "login");
  Observations seen = unheld(healthy_in_firestore());
  SUBCASE("a lease that a listener of this host left behind") {
    CHECK(way(seen) == "login");
  }
  SUBCASE("likewise, and the life of it is known") {
    seen.accounts.front().lease_life = "ours";
    CHECK(way(seen) == "login");  // of a listener that writes none
    document_in(seen).claimed_life = "ours";
    CHECK(way(seen) == "login");
  }
  SUBCASE("a clone's, with our name") {
    document_in(seen).claimed_life = "theirs";
    CHECK(way(seen) == "login");  // nobody has looked at ours
    seen.accounts.front().lease_life = "ours";
    CHECK(way(seen) == "held elsewhere");
  }
  SUBCASE("another host's lease") {
    document_in(seen).claimed_by = "other-1";
    CHECK(way(seen) == "held elsewhere");
    document_in(seen).lease_until = ago(1);
    CHECK(way(seen) == "login");
  }
  SUBCASE("Firestore does not answer, or refuses") {
    refuse_document(seen, {.unreachable = true});
    CHECK(way(seen) == "lease unknown");
    refuse_document(seen, {.message = "denied"});
    CHECK(way(seen) == "lease unknown");
    seen.accounts.front().firestore = {};
    CHECK(way(seen) == "lease unknown");
  }
  SUBCASE("no Firestore here, but the account has one") {
    set_configuration(seen, {});
    CHECK(way(seen) == "lease unknown");
    set_configuration(seen, {.sqlite_chosen = true});
    CHECK(way(seen) == "lease unknown");
    set_configuration(seen, {.target = "projects/other", .project = "other"});
    CHECK(way(seen) == "lease unknown");
  }
  SUBCASE("credentials that are none") {
    seen.configuration = std::variant<Configuration, Unusable>(Unusable{.what = "no key"});
    CHECK(way(seen) == "lease unknown");
    seen.configuration = NotLooked{};
    CHECK(way(seen) == "lease unknown");
  }
}

TEST_CASE("nor while somebody holds the account, nor with none that is linked") {
  Observations seen = healthy();
  holder_in(seen).listening.reset();
  CHECK(way(seen) == "held here");
  holder_in(seen).silent = "no answer";
  CHECK(way(seen) == "held here");
  seen.accounts.front().holder = NotLooked{};
  CHECK(way(seen).empty());
  seen = unheld(healthy());
  stored_in(seen).linked = false;
  CHECK(way(seen) == "not linked");
  stored_in(seen).linked = true;
  stored_in(seen).account.status = AccountStatus::kLoggedOut;
  CHECK(way(seen) == "not linked");
  seen.accounts.front().stored = NotLooked{};
  CHECK(way(seen).empty());
}

TEST_CASE("an answer is shown, and changes nothing else") {
  Observations seen = healthy();
  set_live(seen, Answered{.round_trip = std::chrono::milliseconds(48)}, true);
  Diagnosis found = diagnosis::diagnose(seen);
  CHECK(name(found.judgement.verdict) == "HEALTHY");
  CHECK(check_of(found, CheckId::kLive).finding == Finding::kLiveAnswers);

  seen = unheld(healthy());
  set_live(seen, Answered{});
  found = diagnosis::diagnose(seen);
  CHECK(found.judgement.decisive->finding == Finding::kNobodyListens);
  CHECK(check_of(found, CheckId::kLive).state == CheckState::kOk);
  CHECK(check_of(found, CheckId::kLive).finding == Finding::kLiveLogsIn);
}

TEST_CASE("what keeps it from being asked is said by another check") {
  for (const NotAsked why :
       {NotAsked::kNotLinked, NotAsked::kHeldElsewhere, NotAsked::kLeaseUnknown}) {
    Observations seen = healthy_in_firestore();
    set_live(seen, why);
    const Diagnosis found = diagnosis::diagnose(seen);
    CHECK(name(found.judgement.verdict) == "HEALTHY");
    CHECK(check_of(found, CheckId::kLive).state == CheckState::kUnknown);
  }
  Observations seen = unheld(healthy_in_firestore());
  refuse_document(seen, {.unreachable = true, .message = "refused"});
  holder_in(seen).pid = 4711;  // `pair`, say
  set_live(seen, NotAsked::kLeaseUnknown);
  CHECK(diagnosis::diagnose(seen).judgement.cause == Cause::kFirestoreUnreachable);
}

TEST_CASE("a refusal overrules what the holder and the connection say, and nothing before them") {
  Observations seen = healthy();
  holder_in(seen).listening->connected_since = {};
  holder_in(seen).listening->trouble = "banned";
  set_live(seen, Unanswered{.code = ErrorCode::kBanned, .message = "banned"}, true);
  CHECK(diagnosis::diagnose(seen).judgement.decisive->finding == Finding::kLiveBanned);
  stored_in(seen).account.status = AccountStatus::kLoggedOut;
  CHECK(diagnosis::diagnose(seen).judgement.decisive->finding == Finding::kLoggedOut);
  // That there is no connection is the connection's to say.
  seen = healthy();
  holder_in(seen).listening->connected_since = {};
  set_live(seen, Unanswered{.code = ErrorCode::kNetwork, .message = "refused"}, true);
  CHECK(diagnosis::diagnose(seen).judgement.decisive->finding == Finding::kConnecting);
}

TEST_CASE("the phone: silence is judged by how long we listened, and is no fault") {
  const auto finding = [](std::int64_t heard_ago_s, std::int64_t traffic_ago_s) {
    Observations seen = healthy();
    stored_in(seen).phone_heard_at = heard_ago_s == 0 ? UnixSeconds{} : ago(heard_ago_s);
    stored_in(seen).account.last_server_traffic_at = ago(traffic_ago_s);
    holder_in(seen).listening->last_server_traffic = ago(std::min<std::int64_t>(traffic_ago_s, 20));
    if (traffic_ago_s > 20) holder_in(seen) = {};
    const Diagnosis found = diagnosis::diagnose(seen);
    if (traffic_ago_s <= 20) CHECK(name(found.judgement.verdict) == "HEALTHY");
    return check_of(found, CheckId::kPhone).finding;
  };
  CHECK(finding(60, 20) == Finding::kPhoneHeard);
  CHECK(finding(5 * kDay_s, 20) == Finding::kPhoneHeard);
  CHECK(finding(12 * kDay_s - 60, 20) == Finding::kPhoneHeard);
  CHECK(finding(12 * kDay_s + 60, 20) == Finding::kPhoneSilent);
  CHECK(finding(0, 20) == Finding::kPhoneNotHeard);
  // Nobody listened for nearly as long: it may have said much.
  CHECK(finding(30 * kDay_s, 25 * kDay_s) == Finding::kPhoneHeard);
  // What the listener has heard since counts.
  Observations seen = healthy();
  stored_in(seen).phone_heard_at = {};
  holder_in(seen).listening->phone_heard_at = ago(60);
  CHECK(check_of(diagnosis::diagnose(seen), CheckId::kPhone).finding == Finding::kPhoneHeard);
}

TEST_CASE("where the phone is needed, one that was not heard of for an hour is to be switched on") {
  const auto silent = [](std::int64_t heard_ago_s, const auto& breaking) {
    Observations seen = healthy();
    stored_in(seen).phone_heard_at = ago(heard_ago_s);
    breaking(seen);
    return diagnosis::diagnose(seen).judgement.silent_phone;
  };
  const auto old_missing = [](Observations& o) { no_history(stored_in(o)); };
  const auto none_came = [](Observations& o) {
    no_history(stored_in(o));
    nothing_here(stored_in(o));
  };
  const auto stalled = [](Observations& o) {
    stored_in(o).history.verdict = HistoryProgress::Verdict::kAwaiting;
    stored_in(o).history_awaited = true;
  };
  CHECK(silent(3601, old_missing) == ago(3601));
  CHECK(silent(3601, none_came) == ago(3601));
  CHECK(silent(3601, stalled) == ago(3601));
  CHECK_FALSE(silent(3600, old_missing));
  CHECK_FALSE(silent(90'000, [](Observations& o) { holder_in(o) = {}; }));
  CHECK_FALSE(silent(90'000, [](Observations&) {}));
}

}  // namespace live_test
