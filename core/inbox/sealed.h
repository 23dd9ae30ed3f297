// Content that only holders of a message's secret can read: edits, reactions, votes and so on,
// sealed for the message. core/history opens it (sealed_content.h); this file is about what did not
// open.
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
  kPollOption,  // a person adds one
  kPollVote,
  kReaction,
  kComment,
  kEventAnswer,
  kOther,   // a kind that this version does not know
  kSecret,  // not sealed content: a message's secret that does not have 32 bytes
};
// Stored as numbers: only append.
enum class Unopened {
  kNoMessage,   // the message has not come (yet)
  kNoSecret,    // it came without a secret, or its secret has been removed since
  kWrongKey,    // the secret does not open it: sealed for another message, or by another person
  kMalformed,   // it is not sealed content, or its content is malformed
  kNotAllowed,  // it opened, but its sender may not do that
};
// As --json and metrics spell them.
std::string_view name(SealedKind kind);
std::string_view name(Unopened why);

struct Sealed {
  SealedKind kind = SealedKind::kOther;
  Jid chat{};           // as addressed, bare
  MessageKey key{};     // of the sealed message itself
  MessageKey target{};  // the message it is about, as received, from our point of view
  Jid by{};             // who sealed it, as addressed, bare; empty: ourselves
  std::string sender_name{};
  UnixSeconds at{};
  SyncSource source = SyncSource::kRealtime;
  Bytes payload{};
  Bytes iv{};
};

// Larger sealed content is malformed. WhatsApp's longest text has 65,536 characters.
inline constexpr std::size_t kMaxSealedBytes = 300 * 1024;

// What opens a Sealed. Its key is made of the secret and of both addresses. Each address may have
// been the LID or the phone number, so the lists hold all ways to write it, the likeliest first.
struct Seal {
  Bytes secret{};
  std::vector<std::string> authors{};  // of the message
  std::vector<std::string> senders{};  // who sealed it
  MessageKey target{};                 // the message as we know it, from our point of view
  Quoted quote{};                      // the same message, for content that answers it
};

// How many of one kind did not open for one reason, over the account's life. Content that opens
// later no longer counts.
struct UnopenedCount {
  SealedKind kind = SealedKind::kOther;
  Unopened why = Unopened::kNoMessage;
  std::int64_t count = 0;
};
std::vector<UnopenedCount> unopened_counts(Database& database);
std::int64_t all_unopened(const std::vector<UnopenedCount>& counts);

}  // namespace wasync
