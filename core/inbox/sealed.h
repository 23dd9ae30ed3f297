// What only holders of a message's secret can read: edits, reactions, votes and so on, sealed for
// the message. Who opens them is core/history (sealed_content.h); here stands what did not open.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/jid.h"
#include "inbox/message.h"

namespace wasync {

class Database;

// Stored as numbers: only append.
enum class SealedKind {
  kEdit,
  kEventEdit,
  kPollEdit,
  kPollOption,  // somebody adds one
  kPollVote,
  kReaction,
  kComment,
  kEventAnswer,
  kOther,   // of a kind that this version does not know
  kSecret,  // no sealed thing, but a message's secret of another length than 32 bytes
};
// Stored as numbers: only append.
enum class Unopened {
  kNoMessage,   // the message has not come (yet)
  kNoSecret,    // it came without a secret, or its secret has been removed since
  kWrongKey,    // the secret does not open it: sealed for another message, or by somebody else
  kMalformed,   // it is no such thing, or what was inside is none
  kNotAllowed,  // opened, and its sender may not do that
};
// As --json and metrics spell them.
std::string_view name(SealedKind kind);
std::string_view name(Unopened why);

struct Sealed {
  SealedKind kind = SealedKind::kOther;
  Jid chat{};           // as addressed, bare
  MessageKey key{};     // its own
  MessageKey target{};  // the message that it is about, as told, from our point of view
  Jid by{};             // who sealed it, as addressed, bare; empty: ourselves
  std::string sender_name{};
  UnixSeconds at{};
  SyncSource source = SyncSource::kRealtime;
  Bytes payload{};
  Bytes iv{};
};

// A larger one is malformed. WhatsApp's longest text has 65,536 characters.
inline constexpr std::size_t kMaxSealedBytes = 300 * 1024;

// What opens it. The key is made of the secret and of both addresses, each of which may have been
// the LID or the phone number: all ways to write them, the likeliest first.
struct Seal {
  Bytes secret{};
  std::vector<std::string> authors{};  // of the message
  std::vector<std::string> senders{};  // who sealed it
  MessageKey target{};                 // the message as we know it, from our point of view
  Quoted quote{};                      // likewise, for what answers it
};

// How many of a kind did not open, for one reason: one number for each pair, over the account's
// life. One that opens later no longer counts.
struct UnopenedCount {
  SealedKind kind = SealedKind::kOther;
  Unopened why = Unopened::kNoMessage;
  std::int64_t count = 0;
};
std::vector<UnopenedCount> unopened_counts(Database& database);

}  // namespace wasync
