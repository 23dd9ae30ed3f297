#include "service/account_life.h"

namespace wasync {
namespace {

bool is_ending(AccountState state) {
  using enum AccountState;
  return state == kLettingGo || state == kReleasing || state == kStopping;
}

bool is_ours(AccountState state) {
  using enum AccountState;
  return is_kept(state) || state == kResting || is_ending(state);
}

// Looked at, and not to be had.
bool is_waiting(AccountState state) {
  using enum AccountState;
  return state == kUnlinked || state == kHeldByAnother || state == kLeasedElsewhere ||
         state == kTroubled;
}

AccountState let_go(AccountState now) {
  using enum AccountState;
  switch (now) {
    case kLettingGo: return kLooking;
    case kReleasing: return kReleased;
    case kStopping: return kStopped;
    default: return now;
  }
}

}  // namespace

AccountState after(AccountState now, AccountTurn turn) {
  using enum AccountState;
  const auto where = [now](bool applies, AccountState next) { return applies ? next : now; };
  switch (turn) {
    case AccountTurn::kLook: return where(is_waiting(now) || now == kReleased, kLooking);
    case AccountTurn::kNotLinked: return where(now == kLooking, kUnlinked);
    case AccountTurn::kHeld: return where(now == kLooking, kHeldByAnother);
    case AccountTurn::kLeased: return where(now == kLooking, kLeasedElsewhere);
    case AccountTurn::kTrouble: return where(now == kLooking, kTroubled);
    case AccountTurn::kTaken: return where(now == kLooking, kConnecting);
    case AccountTurn::kLoggedIn: return where(now == kConnecting, kOnline);
    case AccountTurn::kDisconnected: return where(now == kOnline, kConnecting);
    case AccountTurn::kRefused: return where(is_kept(now), kResting);
    case AccountTurn::kRested: return where(now == kResting, kConnecting);
    case AccountTurn::kEnded: return where(is_ours(now) && !is_ending(now), kLettingGo);
    case AccountTurn::kReleaseAsked: return where(is_ours(now) && now != kStopping, kReleasing);
    case AccountTurn::kStopAsked: return is_ours(now) ? kStopping : kStopped;
    case AccountTurn::kLetGo: return let_go(now);
  }
  return now;
}

bool is_wanted(AccountState state) {
  return !is_ending(state) && state != AccountState::kStopped;
}

bool is_kept(AccountState state) {
  return state == AccountState::kConnecting || state == AccountState::kOnline;
}

std::string_view name(AccountState state) {
  using enum AccountState;
  switch (state) {
    case kLooking: return "looking";
    case kUnlinked: return "unlinked";
    case kHeldByAnother: return "held_by_another";
    case kLeasedElsewhere: return "leased_elsewhere";
    case kTroubled: return "troubled";
    case kConnecting: return "connecting";
    case kOnline: return "online";
    case kResting: return "resting";
    case kLettingGo: return "letting_go";
    case kReleasing: return "releasing";
    case kStopping: return "stopping";
    case kReleased: return "released";
    case kStopped: break;
  }
  return "stopped";
}

}  // namespace wasync
