#include "session/receive/rhythm.h"

#include "unit/session/account.h"

namespace rhythm_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kMonday = 1'789'344'000;  // midnight
constexpr std::int64_t kHour = 3'600;
constexpr std::int64_t kDay = 24 * kHour;

// Something each half hour from 8 in the morning to 10 in the evening.
bool is_awake(std::int64_t at) {
  const std::int64_t hour = (at - kMonday) % kDay / kHour;
  return hour >= 8 && hour < 22;
}

// Listens with a login at the beginning; how often it would have logged in anew.
struct Listener {
  Rhythm rhythm;
  UnixSeconds login{kMonday};
  int in_vain = 0;
  int relogins = 0;

  void until(std::int64_t end, const std::function<bool(std::int64_t)>& comes) {
    for (; now < end; now += 60) {
      if ((now - kMonday) % (kHour / 2) == 0 && comes(now)) {
        rhythm.hear({now}, {now});
        in_vain = 0;
      }
      if (!has_fallen_silent(rhythm, login, in_vain, {now})) continue;
      ++relogins;
      ++in_vain;
      login = {now};
    }
  }
  std::int64_t now = kMonday;
};

std::optional<UnixSeconds> sent(std::string_view tag, std::int64_t t, bool waited = false) {
  Node stanza{std::string(tag), {{"id", "A"}}};
  if (t != 0) stanza.set("t", std::to_string(t));
  if (waited) stanza.set("offline", "0");
  return use_sent_at(stanza, {kMonday});
}

}  // namespace

TEST_CASE("a quiet night is no alarm, in the first week or later") {
  Listener listener;
  listener.until(kMonday + 21 * kDay, is_awake);
  CHECK(listener.relogins == 0);
  // From 21:30 to 8:00.
  CHECK(patience(listener.rhythm, 0) == 15h + 45min);
}

TEST_CASE("who is deaf by day logs in anew by the account's own rhythm, and then less and less") {
  Listener listener;
  listener.until(kMonday + 14 * kDay + 12 * kHour, is_awake);
  const auto nothing = [](std::int64_t) { return false; };
  const std::int64_t last = listener.rhythm.heard_at.value;
  listener.until(last + 945 * 60, nothing);
  CHECK(listener.relogins == 0);
  listener.until(last + 945 * 60 + 1, nothing);
  CHECK(listener.relogins == 1);
  listener.until(last + 3 * 945 * 60, nothing);
  CHECK(listener.relogins == 1);
  listener.until(last + 3 * 945 * 60 + 1, nothing);
  CHECK(listener.relogins == 2);
  listener.until(last + 7 * 945 * 60, nothing);
  CHECK(listener.relogins == 2);
}

TEST_CASE("an account that is never quiet is suspect after an hour, a new one after a day") {
  Listener listener;
  listener.until(kMonday + 7 * kDay, [](std::int64_t) { return true; });
  CHECK(patience(listener.rhythm, 0) == 24h);
  listener.until(kMonday + 7 * kDay + 60, [](std::int64_t) { return true; });
  CHECK(patience(listener.rhythm, 0) == 1h);
  CHECK(listener.relogins == 0);
}

TEST_CASE("two weeks later a long pause is forgotten") {
  Listener listener;
  const auto but_on_wednesday = [](std::int64_t at) { return (at - kMonday) / kDay != 9; };
  listener.until(kMonday + 14 * kDay, but_on_wednesday);
  CHECK(listener.relogins == 4);  // after 1, 3, 7 and 15 hours: such a day is new
  CHECK(patience(listener.rhythm, 0) == 24h);
  listener.until(kMonday + 29 * kDay, but_on_wednesday);
  CHECK(patience(listener.rhythm, 0) == 1h);
}

TEST_CASE("a login that brings nothing is not made again before twice the time has passed") {
  const Rhythm rhythm{.heard_at = {kMonday}, .week_began = {kMonday}, .longest_before = 2h};
  const auto suspect = [&](std::int64_t login, int in_vain, std::int64_t now) {
    return has_fallen_silent(rhythm, {login}, in_vain, {now});
  };
  CHECK_FALSE(suspect(kMonday, 0, kMonday + 3 * kHour - 1));
  CHECK(suspect(kMonday, 0, kMonday + 3 * kHour));
  // A login brings what waited: silence begins anew.
  CHECK_FALSE(suspect(kMonday + 2 * kHour, 0, kMonday + 4 * kHour));
  CHECK_FALSE(suspect(kMonday, 1, kMonday + 6 * kHour - 1));
  CHECK(suspect(kMonday, 1, kMonday + 6 * kHour));
  CHECK_FALSE(suspect(kMonday, 1'000'000, kMonday + 95 * kHour));
  CHECK(suspect(kMonday, 1'000'000, kMonday + 96 * kHour));
}

TEST_CASE("before the login nothing is suspect, however long ago the last stanza was") {
  CHECK_FALSE(has_fallen_silent({}, {}, 0, {kMonday}));
  CHECK_FALSE(has_fallen_silent({.heard_at = {kMonday - 30 * kDay}}, {}, 0, {kMonday}));
}

TEST_CASE("what waited at the server counts as of when it was sent") {
  Rhythm rhythm{.heard_at = {kMonday}, .week_began = {kMonday}, .longest_before = 0s};
  for (const std::int64_t hour : {2, 3, 1, 5})
    rhythm.hear({kMonday + hour * kHour}, {kMonday + kDay});
  CHECK(rhythm.longest == 2h);
  CHECK(rhythm.heard_at.value == kMonday + 5 * kHour);
}

TEST_CASE("what is delivered weeks late changes nothing") {
  Rhythm rhythm{.heard_at = {kMonday}, .week_began = {kMonday - kDay}, .longest = 2h};
  const Rhythm before = rhythm;
  rhythm.hear({kMonday - 30 * kDay}, {kMonday + kHour});
  CHECK(rhythm == before);
}

TEST_CASE("a clock that was years ahead makes nothing wait for years") {
  Rhythm rhythm;
  rhythm.hear({kMonday + 365 * kDay}, {kMonday + 365 * kDay});
  rhythm.hear({kMonday}, {kMonday});
  CHECK(rhythm.heard_at.value == kMonday);
  CHECK(has_fallen_silent(rhythm, {kMonday}, 0, {kMonday + kDay}));
}

TEST_CASE("stanzas of use say when they were sent") {
  for (const auto* tag : {"message", "receipt", "notification", "call"})
    CHECK(sent(tag, kMonday - 60) == UnixSeconds{kMonday - 60});
  CHECK(sent("message", kMonday + 60) == UnixSeconds{kMonday});  // nobody knows the future
  CHECK(sent("message", 0) == UnixSeconds{kMonday});
  CHECK_FALSE(sent("message", 0, true));
  for (const auto* tag : {"iq", "ack", "ib", "success", "presence", "chatstate"})
    CHECK_FALSE(sent(tag, kMonday - 60));
}

TEST_CASE("the rhythm is kept in the account's file") {
  LinkedAccount account;
  CHECK(load_rhythm(account.db) == Rhythm{});
  const Rhythm rhythm{
      .heard_at = {5}, .week_began = {4}, .longest = 3s, .longest_before = std::chrono::seconds(2)};
  store_rhythm(account.db, {});
  store_rhythm(account.db, rhythm);
  CHECK(load_rhythm(account.db) == rhythm);
}

}  // namespace rhythm_test
