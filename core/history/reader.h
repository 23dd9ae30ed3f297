// From the compressed bytes of a chunk to its events (events.h): inflates, parses and maps.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "history/blob.h"
#include "history/events.h"
#include "history/parser.h"

namespace wasync {

// Gives the zlib-compressed HistorySync to the sink, in order; callable twice. Empty for a
// notification without data (the phone has no history to offer).
using ChunkSource = std::function<void(const ByteSink&)>;
ChunkSource chunk_source(Bytes inline_payload);
ChunkSource chunk_source(VerifiedBlob blob);

struct ReadOptions {
  OwnIdentity own;
  int sync_type = 0;                // HistorySyncType, from the notification
  UnixSeconds oldest_message_at{};  // stands in for a missing time when nothing better is known
  UnixSeconds now{};
  ParserLimits limits{};
  // When given: only these conversations (sorted ordinals) and nothing else.
  const std::vector<std::uint64_t>* only = nullptr;
  // With `only`: what an earlier reading said of large ones, by ordinal. Their messages come now.
  const std::map<std::uint64_t, ConversationEvent>* large = nullptr;
};

using EventSink = std::function<void(HistoryEvent&)>;  // may move from the event

// Throws Error(kProtocol) when the damage goes beyond single parts, and what the source or the
// sink throws.
ChunkHeader read_history(const ChunkSource& source, const ReadOptions& options,
                         const EventSink& sink);

// The same, but a thread of its own reads ahead, by a bounded number of events: inflating and
// parsing cost about half as much as storing, and need not wait for it. The sink runs in the
// calling thread, and gets the events before an exception first.
ChunkHeader read_history_ahead(const ChunkSource& source, const ReadOptions& options,
                               const EventSink& sink);

}  // namespace wasync
