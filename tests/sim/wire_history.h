// The dataset in WhatsApp's own form: messages, conversations and the chunks of history in
// which a phone hands them to a new companion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "sim/dataset.h"

namespace wasync::pb {
class Conversation;
class HistorySync;
class Message;
class WebMessageInfo;
}  // namespace wasync::pb

namespace wasync::sim {

pb::Message wire_content(const Dataset& dataset, const Chat& chat, std::size_t chat_index,
                         const Message& message);
pb::WebMessageInfo wire_message(const Dataset& dataset, std::size_t chat, std::size_t index);
// The conversation with its messages [from, to), newest first as the phone sends them.
pb::Conversation wire_conversation(const Dataset& dataset, std::size_t chat, std::size_t from,
                                   std::size_t to);

struct ChunkPlan {
  bool full = false;  // the companion asked for full history: FULL chunks follow
  // Messages per chunk, at most; a conversation is not split.
  std::size_t messages_per_chunk = 2'000;
  // How many messages of each chat the INITIAL_BOOTSTRAP chunk carries.
  std::size_t bootstrap_messages = 5;
  // Where NON_BLOCKING_DATA comes: between names and messages; or before or behind all others, and
  // then it alone tells which LIDs are whose.
  enum class SideData { kBetween, kFirst, kLast } side_data = SideData::kBetween;
};

// One chunk, before its messages are made: the whole history is never in memory.
struct ChunkOutline {
  struct Part {
    std::size_t chat = 0;
    std::size_t from = 0, to = 0;  // messages [from, to)
  };
  std::int32_t type = 0;  // HistorySyncType
  std::uint32_t order = 1;
  std::optional<std::uint32_t> progress;
  bool with_mappings = false;
  std::vector<Part> parts;
};

// In the order the phone sends them: statuses, INITIAL_BOOTSTRAP, PUSH_NAME, NON_BLOCKING_DATA
// (what is neither conversations nor names), RECENT, FULL.
std::vector<ChunkOutline> plan_chunks(const Dataset& dataset, const ChunkPlan& plan);
pb::HistorySync make_chunk(const Dataset& dataset, const ChunkOutline& outline);

}  // namespace wasync::sim
