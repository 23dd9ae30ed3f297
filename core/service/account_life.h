// Where an account stands while `listen` runs, and what leads from one state to the next. Pure.
//
//   looking ── not linked, held, leased, trouble ──► unlinked, held by another,
//    ▲ ▲ │                                           leased elsewhere, troubled
//    │ └─┼──────────────── after a while ──────────────────┘
//    │   │ taken
//    │   ▼           logged in
//    │ connecting ◄─────────────► online
//    │   ▲  │       disconnected    │
//    │   │  └─── refused ──┬────────┘
//    │   │                 ▼
//    │   └── rested ─── resting
//    │
//    │ From any of these three:
//    │
//    ├── let go ────────── letting go ◄── ended
//    └── after a while ─── released ◄── let go ── releasing ◄── release asked
//                          stopped  ◄── let go ── stopping  ◄── stop asked
//
// The account is ours from "taken" to "let go". The stronger request wins: an account that is being
// let go can still be released, and one that is being released can still be stopped. An account
// that is not ours stops at once.
#pragma once

#include <string_view>

namespace wasync {

enum class AccountState {
  kLooking,          // whether we may have it
  kUnlinked,         // never paired, or logged out
  kHeldByAnother,    // a process of this host has it
  kLeasedElsewhere,  // an instance on another host has it
  kTroubled,         // its file cannot be used, say
  kConnecting,       // ours; there is no connection yet, or none between two
  kOnline,           // ours, and logged in
  kResting,          // ours; WhatsApp refused it, or something of ours failed
  kLettingGo,        // ours for a moment, because it was logged out or something of ours failed
  kReleasing,        // the same, because somebody else is to have it
  kStopping,         // the same, because `listen` ends
  kReleased,         // who is to have it has a while to take it
  kStopped,          // for good
};

enum class AccountTurn {
  kLook,  // a while is over
  kNotLinked,
  kHeld,
  kLeased,
  kTrouble,
  kTaken,  // its file is open and locked
  kLoggedIn,
  kDisconnected,  // and to be connected again at once or soon
  kRefused,
  kRested,
  kEnded,         // logged out, or we cannot go on
  kReleaseAsked,  // by a command of this host, or because another host has the lease
  kStopAsked,
  kLetGo,  // nothing of it is used any more
};

// A turn that comes too late, or at the wrong time, changes nothing.
AccountState after(AccountState now, AccountTurn turn);

// Nobody has told us to let it go: what is waited for is still waited for.
bool is_wanted(AccountState state);
// Connected or being connected: something new may begin.
bool is_kept(AccountState state);

std::string_view name(AccountState state);  // "held_by_another", …

}  // namespace wasync
