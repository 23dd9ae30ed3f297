// How long an account is usually left in peace, and so how long a connection may bring nothing
// before it is suspect.
//
// A server that has lost track of a connection answers its keep-alives and delivers nothing, for
// hours; a new login ends that (openclaw/wacli #268, #290; NousResearch/hermes-agent #92806). It
// looks like an account that nobody writes to, so the account's own pauses are the measure: its
// nights and its weekends.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "wire/node.h"

namespace wasync {

class Database;

// Within this and a day, whatever the account's pauses are.
inline constexpr std::chrono::seconds kLeastPatience = std::chrono::hours(1);
inline constexpr std::chrono::seconds kMostPatience = std::chrono::hours(24);

// The pauses between stanzas of use, by the times at which the server says they were sent: what
// waited while we were away makes no pause longer than it was.
struct Rhythm {
  UnixSeconds heard_at{};  // when the newest was sent; unknown: none came yet
  UnixSeconds week_began{};
  std::chrono::seconds longest{0};  // pause of this week
  // Of the week before. Until there was one, nothing is known: as if a day.
  std::chrono::seconds longest_before = kMostPatience;

  void hear(UnixSeconds sent, UnixSeconds now);
  bool operator==(const Rhythm&) const = default;
};

// When a stanza of use was sent: a message, a receipt, a notification, a call, a channel's status.
// Nothing for answers, acks and what the server says of the connection, and for what waited at the
// server and does not say since when.
std::optional<UnixSeconds> use_sent_at(const Node& stanza, UnixSeconds now);

// How long a connection may bring nothing of use: half as long again as the longest pause. Twice
// that for each login that was made for this reason and brought nothing, one after the other
// (`in_vain`): then the account is most likely quiet. But a login of its own can fall silent too,
// so there is no end to it.
std::chrono::seconds patience(const Rhythm& rhythm, int in_vain);
// Whether a connection is suspect. A login brings all that waited, so silence begins with it;
// before the login (unknown) there is none.
bool has_fallen_silent(const Rhythm& rhythm, UnixSeconds login, int in_vain, UnixSeconds now);

// As the account's file has it; a new account's, if that says nothing.
Rhythm load_rhythm(Database& database);
// In the caller's transaction.
void store_rhythm(Database& database, const Rhythm& rhythm);

}  // namespace wasync
