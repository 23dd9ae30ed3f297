// Parses a HistorySync while its bytes come, and never holds more than one conversation, nor more
// than one message of a large one.
//
// The sender chooses the order of fields (usually conversations first and LID mappings after them),
// so the parser delivers parts as they come.
//
// What a conversation says of itself mostly stands behind its messages. One that is too large to be
// held is therefore parsed twice: the first time for what it says of itself, the second time for
// its messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace wasync {

namespace pb {
class Conversation;
class InlineContact;
class PhoneNumberToLidMapping;
class Pushname;
class WebMessageInfo;
}  // namespace pb

struct ParserLimits {
  std::uint64_t total_bytes = std::uint64_t{2} << 30;      // inflated
  std::size_t conversation_bytes = std::size_t{64} << 20;  // larger ones are not held whole
  std::size_t other_part_bytes = std::size_t{4} << 20;     // a message, a name, …
  std::uint64_t parts = 20'000'000;  // conversations, messages, names, … together
};

// Receives the parts. References are valid during the call only. Exceptions end the parsing.
class HistoryParts {
 public:
  virtual ~HistoryParts() = default;

  // The conversation without its messages, and how many follow; false skips them.
  // `ordinal` counts conversations from 0 in wire order.
  virtual bool conversation(const pb::Conversation& header, std::uint64_t ordinal,
                            std::size_t messages) = 0;
  // Of a conversation over `conversation_bytes`, behind it: its messages were not delivered.
  virtual void large_conversation(const pb::Conversation& header, std::uint64_t ordinal,
                                  std::size_t messages) = 0;
  // Such a conversation begins. True: its messages are wanted, and its header is not, because an
  // earlier parse told it.
  virtual bool streams(std::uint64_t ordinal) = 0;
  // `wire`: the bytes that `info` was parsed from.
  virtual void message(const pb::WebMessageInfo& info, BytesView wire) = 0;
  virtual void status_message(const pb::WebMessageInfo& info) = 0;
  virtual void push_name(const pb::Pushname& name) = 0;
  virtual void lid_mapping(const pb::PhoneNumberToLidMapping& mapping) = 0;
  virtual void inline_contact(const pb::InlineContact& contact) = 0;
  // A message of the conversation at hand over `other_part_bytes`.
  virtual void message_too_large() = 0;
  // A part that could not be read; everything else goes on.
  virtual void damaged() = 0;
};

// HistorySync's own scalar fields, as far as they have been seen.
struct ChunkHeader {
  int sync_type = -1;
  std::uint32_t chunk_order = 0;
  std::uint32_t progress = 0;     // percent
  std::string deletion_secret{};  // see DeletionOptions; empty: none is told
};

class HistoryParser {
 public:
  HistoryParser(HistoryParts& parts, const ParserLimits& limits);
  ~HistoryParser();
  HistoryParser(const HistoryParser&) = delete;
  HistoryParser& operator=(const HistoryParser&) = delete;

  // Throws Error(kProtocol) when the data is no protobuf, or exceeds a limit and no single part is
  // to blame.
  void feed(BytesView inflated);
  // Call at the end: throws Error(kProtocol) when a part is incomplete.
  void finish() const;

  const ChunkHeader& header() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wasync
