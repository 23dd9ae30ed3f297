// Bounds what a peer can make us keep of the sessions and sender keys with it.
//
// libsignal keeps 40 archived states of a session, in each 5 chains, and 2,000 keys of skipped
// messages for each chain. A peer fills all of that with a few dozen messages, and every later
// message costs reading and writing it all.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"

namespace wasync {

// As many keys as the largest gap that libsignal accepts in one chain: what a real peer has under
// way fits. The newest are kept.
inline constexpr std::size_t kMostSkippedKeys = 2'000;
// A message that does not decrypt tries each of them. Real peers begin a new session after they
// have lost the last one, and few messages under way are older.
inline constexpr std::size_t kMostArchivedStates = 10;

// The record with what exceeds the bounds left out. Nothing when it may stay as it is, also when it
// is none of libsignal's.
std::optional<Bytes> bounded_session(BytesView record);
std::optional<Bytes> bounded_sender_key(BytesView record);

}  // namespace wasync
