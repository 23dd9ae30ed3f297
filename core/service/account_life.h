// Where an account stands while `listen` runs, and what leads from one state to the next. Pure.
//
//                         not linked │ held │ leased │ trouble
//        ┌──────────────► looking ───┴──────┴────────┴──► unlinked, held by another,
//        │                │     ▲                          leased elsewhere, troubled
//        │          taken │     └──── after a while ───────────────┘
//        │                ▼
//        │            connecting ◄── logged in, disconnected ──► online
//        │                │  ▲                                     │
//        │                │  └── rested ─── resting ◄── refused ────┤
//        │                ▼                   ▼                     ▼
//        │         ╔═══ from any of these three ══════════════════════════╗
//        │         ║ ended            release asked          stop asked   ║
//        │         ▼                        ▼                     ▼
//        ├──── letting go ──────────►   releasing ──────────► stopping
//        │  let go                          │ let go              │ let go
//        └────────────────────────────── released              stopped ◄── stop asked, from
//                   after a while                                          whatever is not ours
//
// Ours is the account from "connecting" to the last three, whose business it is to end what runs
// and to send what is unsent.
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
