#include "service/account_life.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace account_life_test {

using namespace wasync;
using Turn = AccountTurn;

namespace {

constexpr int kStates = static_cast<int>(AccountState::kStopped) + 1;
constexpr int kTurns = static_cast<int>(AccountTurn::kLetGo) + 1;

std::vector<AccountState> all_states() {
  std::vector<AccountState> all;
  for (int i = 0; i < kStates; ++i) all.push_back(static_cast<AccountState>(i));
  return all;
}

// Where a new account gets to, and on which way.
std::string way(std::initializer_list<Turn> turns) {
  AccountState state = AccountState::kLooking;
  std::string all(name(state));
  for (const Turn turn : turns) {
    state = after(state, turn);
    all += " ";
    all += name(state);
  }
  return all;
}

AccountState end_of(std::initializer_list<Turn> turns) {
  AccountState state = AccountState::kLooking;
  for (const Turn turn : turns) state = after(state, turn);
  return state;
}

}  // namespace

TEST_CASE("one that cannot be had is looked at again") {
  for (const Turn obstacle : {Turn::kNotLinked, Turn::kHeld, Turn::kLeased, Turn::kTrouble}) {
    const AccountState waiting = end_of({obstacle});
    CAPTURE(name(waiting));
    CHECK(waiting != AccountState::kLooking);
    CHECK(is_wanted(waiting));
    CHECK_FALSE(is_kept(waiting));
    CHECK(after(waiting, Turn::kLook) == AccountState::kLooking);
    CHECK(after(waiting, Turn::kTaken) == waiting);  // not without a look
    CHECK(after(waiting, Turn::kStopAsked) == AccountState::kStopped);
  }
}

TEST_CASE("a connection comes and goes; a refusal is followed by a rest") {
  CHECK(way({Turn::kTaken, Turn::kLoggedIn, Turn::kDisconnected, Turn::kLoggedIn}) ==
        "looking connecting online connecting online");
  CHECK(way({Turn::kTaken, Turn::kRefused, Turn::kRested, Turn::kLoggedIn, Turn::kRefused}) ==
        "looking connecting resting connecting online resting");
}

TEST_CASE("the end depends on who wants it") {
  CHECK(way({Turn::kTaken, Turn::kLoggedIn, Turn::kEnded, Turn::kLetGo, Turn::kNotLinked}) ==
        "looking connecting online letting_go looking unlinked");
  CHECK(way({Turn::kTaken, Turn::kReleaseAsked, Turn::kLetGo, Turn::kLook}) ==
        "looking connecting releasing released looking");
  CHECK(way({Turn::kTaken, Turn::kStopAsked, Turn::kLetGo}) ==
        "looking connecting stopping stopped");
}

TEST_CASE("who wants more stands: a stop above a release, a release above an end") {
  CHECK(way({Turn::kTaken, Turn::kEnded, Turn::kReleaseAsked, Turn::kEnded, Turn::kStopAsked,
             Turn::kReleaseAsked, Turn::kEnded, Turn::kLetGo}) ==
        "looking connecting letting_go releasing releasing stopping stopping stopping stopped");
}

TEST_CASE("what comes from a connection that is being ended changes nothing") {
  for (const Turn end : {Turn::kEnded, Turn::kReleaseAsked, Turn::kStopAsked}) {
    const AccountState ending = end_of({Turn::kTaken, Turn::kLoggedIn, end});
    CAPTURE(name(ending));
    CHECK_FALSE(is_wanted(ending));
    CHECK_FALSE(is_kept(ending));
    for (const Turn late : {Turn::kLoggedIn, Turn::kDisconnected, Turn::kRefused, Turn::kRested,
                            Turn::kTaken, Turn::kLook, Turn::kTrouble})
      CHECK(after(ending, late) == ending);
  }
}

TEST_CASE("one that is not ours cannot be released, ended or let go") {
  for (const Turn turn : {Turn::kReleaseAsked, Turn::kEnded, Turn::kLetGo, Turn::kLoggedIn}) {
    CHECK(end_of({turn}) == AccountState::kLooking);
    CHECK(end_of({Turn::kHeld, turn}) == AccountState::kHeldByAnother);
  }
}

TEST_CASE("stopped is for good, and can be had from everywhere") {
  for (int i = 0; i < kTurns; ++i)
    CHECK(after(AccountState::kStopped, static_cast<Turn>(i)) == AccountState::kStopped);
  for (const AccountState state : all_states()) {
    CAPTURE(name(state));
    CHECK(after(after(state, Turn::kStopAsked), Turn::kLetGo) == AccountState::kStopped);
  }
}

TEST_CASE("every state has a name of its own") {
  for (const AccountState one : all_states())
    for (const AccountState other : all_states())
      CHECK((name(one) == name(other)) == (one == other));
}

}  // namespace account_life_test
