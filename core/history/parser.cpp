#include "history/parser.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "history/field_count.h"
#include "proto/history_sync.pb.h"

namespace wasync {
namespace {

// Field numbers of HistorySync and Conversation (history_sync.proto).
enum HistoryField : std::uint32_t {
  kSyncType = 1,
  kConversations = 2,
  kStatusMessages = 3,
  kChunkOrder = 5,
  kProgress = 6,
  kPushnames = 7,
  kLidMappings = 15,
  kDeletionSecret = 16,
  kInlineContacts = 20,
};
constexpr std::uint32_t kConversationMessages = 2;
constexpr std::uint32_t kMessageItself = 1;  // beside its place in the order
// Skip these: nothing needs a group's members, and a hostile list of empty participants would take
// twenty times its size in memory.
constexpr std::uint32_t kConversationParticipants = 20;

// A parsed object keeps its memory, which makes the next parse cheap. After an unusually large one,
// replace the object.
constexpr std::size_t kKeepUpTo = 256 * 1024;

[[noreturn]] void fail(Phrase what) {
  throw Error(ErrorCode::kProtocol, what);
}

// Real ones are some ten characters. It goes into a header of HTTP.
bool is_secret(std::string_view text) {
  constexpr std::size_t kLongest = 512;
  return text.size() <= kLongest &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

// The head of one field: generated code would want the whole message.
struct WireField {
  std::uint32_t number = 0;
  bool delimited = false;      // a string, bytes or message: `length` bytes follow the head
  std::uint64_t scalar = 0;    // of a varint field
  std::uint64_t length = 0;    // of the value behind the head; 0 for varints
  std::size_t head_bytes = 0;  // tag, and length or varint value

  std::uint64_t total_bytes() const { return head_bytes + length; }
};

// Malformed is what no protobuf contains: field 0, a varint of more than ten bytes, groups, which
// nothing in WhatsApp uses.
enum class Read { kField, kIncomplete, kMalformed };

// Reads the field at the start of `data`, whose value need not be there yet.
Read read_field(BytesView data, WireField& field) {
  constexpr std::size_t kLongestVarint = 10;
  data = data.first(std::min(data.size(), 2 * kLongestVarint));
  google::protobuf::io::CodedInputStream in(data.data(), static_cast<int>(data.size()));
  std::size_t at = 0;  // of the varint that is read
  const auto unreadable = [&] {
    return data.size() - at < kLongestVarint ? Read::kIncomplete : Read::kMalformed;
  };
  std::uint64_t tag = 0;
  if (!in.ReadVarint64(&tag)) return unreadable();
  if (tag >> 3 == 0 || tag >> 32 != 0) return Read::kMalformed;
  at = static_cast<std::size_t>(in.CurrentPosition());
  field = {.number = static_cast<std::uint32_t>(tag >> 3)};
  switch (tag & 7) {
    case 0:  // varint
      if (!in.ReadVarint64(&field.scalar)) return unreadable();
      break;
    case 2:  // length-delimited
      if (!in.ReadVarint64(&field.length)) return unreadable();
      field.delimited = true;
      break;
    case 1: field.length = 8; break;
    case 5: field.length = 4; break;
    default: return Read::kMalformed;
  }
  field.head_bytes = static_cast<std::size_t>(in.CurrentPosition());
  return Read::kField;
}

bool is_part(std::uint32_t number) {
  switch (number) {
    case kConversations:
    case kStatusMessages:
    case kPushnames:
    case kLidMappings:
    case kDeletionSecret:
    case kInlineContacts: return true;
    default: return false;
  }
}

bool is_message(const WireField& field) {
  return field.number == kConversationMessages && field.delimited;
}

// Calls `visit` with each field and its bytes; false when the rest is unreadable.
template <typename Visit>
bool for_each_field(BytesView message, Visit visit) {
  while (!message.empty()) {
    WireField field;
    if (read_field(message, field) != Read::kField || field.length > message.size() ||
        field.total_bytes() > message.size()) {
      return false;
    }
    const auto size = static_cast<std::size_t>(field.total_bytes());
    visit(field, message.first(size));
    message = message.subspan(size);
  }
  return true;
}

template <typename Proto>
bool parse_into(Proto& proto, BytesView data) {
  return has_few_fields(data) && proto.ParseFromArray(data.data(), static_cast<int>(data.size()));
}

}  // namespace

struct HistoryParser::State {
  HistoryParts& parts;
  ParserLimits limits;
  ChunkHeader header;

  Bytes pending;           // the start of a field whose rest has not come
  std::uint64_t need = 0;  // bytes that `pending` must have before the next attempt
  std::uint64_t skip = 0;  // bytes still to skip
  std::uint64_t total = 0;
  std::uint64_t part_count = 0;
  std::uint64_t conversation_count = 0;

  // A conversation that is not held whole, while it comes.
  struct Large {
    std::uint64_t ordinal = 0;
    std::uint64_t left = 0;  // bytes
    bool streams = false;
    std::size_t messages = 0;
  };
  std::optional<Large> large;

  // Reused from part to part.
  pb::Conversation conversation;
  pb::HistorySyncMsg message;
  std::string header_bytes;

  State(HistoryParts& parts_, const ParserLimits& limits_) : parts(parts_), limits(limits_) {}

  std::size_t take_fields(BytesView data);
  bool enter(const WireField& field);
  void begin_large(std::uint64_t length);
  bool enter_large(const WireField& field);
  void take_field(const WireField& field, BytesView bytes);
  void end_passed();
  void take_scalar(const WireField& field);
  void take_part(std::uint32_t number, BytesView value);
  void take_conversation(BytesView value);
  void take_message(BytesView frame);
  template <typename Proto, typename Deliver>
  void take_small(BytesView value, Deliver deliver);
  void count_part();
};

// Consumes whole fields; returns how many bytes. A skipped field may reach beyond them.
std::size_t HistoryParser::State::take_fields(BytesView data) {
  std::size_t at = 0;
  need = 0;
  while (at < data.size()) {
    BytesView rest = data.subspan(at);
    const bool all_here = large && large->left <= rest.size();
    if (all_here) rest = rest.first(static_cast<std::size_t>(large->left));
    WireField field;
    Read read = read_field(rest, field);
    if (large && ((read == Read::kIncomplete && all_here) ||
                  (read == Read::kField &&
                   (field.length > large->left || field.total_bytes() > large->left)))) {
      read = Read::kMalformed;
    }
    if (read == Read::kMalformed && large) {  // the rest of it is lost, and nothing else
      parts.damaged();
      skip = large->left - std::min<std::uint64_t>(large->left, rest.size());
      at += static_cast<std::size_t>(large->left - skip);
      large->left = 0;
      end_passed();
      continue;
    }
    if (read == Read::kMalformed)
      fail({"history data is not a protobuf", "datele de istoric nu sunt un protobuf"});
    if (read == Read::kIncomplete) return at;
    if (!large && field.number == kConversations && field.delimited &&
        field.length > limits.conversation_bytes && field.length <= limits.total_bytes) {
      begin_large(field.length);
      at += field.head_bytes;
      continue;
    }
    const bool wanted = large ? enter_large(field) : enter(field);
    if (wanted && field.total_bytes() > rest.size()) {
      need = field.total_bytes();
      return at;
    }
    const std::uint64_t passed = std::min<std::uint64_t>(field.total_bytes(), rest.size());
    if (wanted) {
      take_field(field, rest.first(static_cast<std::size_t>(passed)));
    } else {
      skip = field.total_bytes() - passed;
    }
    at += static_cast<std::size_t>(passed);
    if (large) large->left -= field.total_bytes();
    end_passed();
  }
  return at;
}

void HistoryParser::State::take_field(const WireField& field, BytesView bytes) {
  const BytesView value = bytes.subspan(field.head_bytes);
  if (!large) {
    take_part(field.number, value);
  } else if (is_message(field)) {
    take_message(value);
  } else {
    header_bytes += as_text(bytes);
  }
}

void HistoryParser::State::begin_large(std::uint64_t length) {
  count_part();
  header_bytes.clear();
  const std::uint64_t ordinal = conversation_count++;
  large = Large{.ordinal = ordinal, .left = length, .streams = parts.streams(ordinal)};
}

// Likewise, of a field in a conversation that is not held whole.
bool HistoryParser::State::enter_large(const WireField& field) {
  if (!large->streams && is_message(field)) ++large->messages;
  if (is_message(field) != large->streams) return false;
  if (is_message(field)) {
    if (field.length <= limits.other_part_bytes) return true;
    parts.message_too_large();
    return false;
  }
  if (field.number == kConversationParticipants) return false;
  if (header_bytes.size() + field.total_bytes() <= limits.other_part_bytes) return true;
  parts.damaged();
  return false;
}

// Once nothing of it is to come.
void HistoryParser::State::end_passed() {
  if (!large || large->left > 0 || skip > 0) return;
  const Large passed = *std::exchange(large, std::nullopt);
  if (passed.streams) return;
  if (parse_into(conversation, as_bytes(header_bytes))) {
    parts.large_conversation(conversation, passed.ordinal, passed.messages);
  } else {
    parts.damaged();
  }
}

// Whether we need the field's whole value. Handles fields that need none.
bool HistoryParser::State::enter(const WireField& field) {
  if (field.length > limits.total_bytes)
    fail({"history data claims more than a chunk may hold",
          "datele de istoric anunță mai mult decât poate avea o parte"});
  if (!field.delimited) {
    take_scalar(field);
    return false;
  }
  if (!is_part(field.number)) return false;
  if (field.number == kConversations || field.length <= limits.other_part_bytes) return true;
  parts.damaged();
  return false;
}

void HistoryParser::State::take_scalar(const WireField& field) {
  switch (field.number) {
    case kSyncType:
      header.sync_type = static_cast<int>(std::min<std::uint64_t>(field.scalar, 1000));
      break;
    case kChunkOrder: header.chunk_order = static_cast<std::uint32_t>(field.scalar); break;
    case kProgress:
      header.progress = static_cast<std::uint32_t>(std::min<std::uint64_t>(field.scalar, 100));
      break;
    default: break;
  }
}

void HistoryParser::State::take_part(std::uint32_t number, BytesView value) {
  count_part();
  switch (number) {
    case kConversations: take_conversation(value); break;
    case kStatusMessages:
      take_small<pb::WebMessageInfo>(value, [&](const auto& info) { parts.status_message(info); });
      break;
    case kPushnames:
      take_small<pb::Pushname>(value, [&](const auto& name) { parts.push_name(name); });
      break;
    case kLidMappings:
      take_small<pb::PhoneNumberToLidMapping>(value,
                                              [&](const auto& pair) { parts.lid_mapping(pair); });
      break;
    case kDeletionSecret:
      if (is_secret(as_text(value))) header.deletion_secret = as_text(value);
      break;
    case kInlineContacts:
      take_small<pb::InlineContact>(value, [&](const auto& one) { parts.inline_contact(one); });
      break;
    default: break;
  }
}

template <typename Proto, typename Deliver>
void HistoryParser::State::take_small(BytesView value, Deliver deliver) {
  Proto proto;
  if (parse_into(proto, value)) {
    deliver(proto);
  } else {
    parts.damaged();
  }
}

// Parses messages one by one: a conversation of a hundred thousand messages costs its raw bytes and
// one parsed message, and a damaged message costs only itself.
void HistoryParser::State::take_conversation(BytesView value) {
  const std::uint64_t ordinal = conversation_count++;
  std::size_t messages = 0;
  header_bytes.clear();
  const bool whole = for_each_field(value, [&](const WireField& field, BytesView bytes) {
    if (is_message(field)) {
      ++messages;
    } else if (field.number != kConversationParticipants) {
      header_bytes += as_text(bytes);
    }
  });
  if (!whole) parts.damaged();
  if (!parse_into(conversation, as_bytes(header_bytes))) {
    if (whole) parts.damaged();
    return;
  }
  if (!parts.conversation(conversation, ordinal, messages)) return;
  for_each_field(value, [&](const WireField& field, BytesView bytes) {
    if (is_message(field)) take_message(bytes.subspan(field.head_bytes));
  });
}

void HistoryParser::State::take_message(BytesView frame) {
  count_part();
  if (frame.size() > limits.other_part_bytes) {
    parts.message_too_large();
    return;
  }
  if (parse_into(message, frame) && message.has_message()) {
    BytesView wire;
    for_each_field(frame, [&wire](const WireField& field, BytesView bytes) {
      if (field.number == kMessageItself && field.delimited) wire = bytes.subspan(field.head_bytes);
    });
    parts.message(message.message(), wire);
  } else {
    parts.damaged();
  }
  if (frame.size() > kKeepUpTo) message = pb::HistorySyncMsg();
}

void HistoryParser::State::count_part() {
  if (++part_count > limits.parts)
    fail({"history data has more items than a chunk may hold",
          "datele de istoric au mai multe elemente decât poate avea o parte"});
}

HistoryParser::HistoryParser(HistoryParts& parts, const ParserLimits& limits)
    : state_(std::make_unique<State>(parts, limits)) {}
HistoryParser::~HistoryParser() = default;

void HistoryParser::feed(BytesView inflated) {
  State& state = *state_;
  state.total += inflated.size();
  if (state.total > state.limits.total_bytes)
    fail({"history data is larger than a chunk may be",
          "datele de istoric sunt mai mari decât poate fi o parte"});
  if (state.skip > 0) {
    const std::uint64_t passed = std::min<std::uint64_t>(state.skip, inflated.size());
    state.skip -= passed;
    inflated = inflated.subspan(static_cast<std::size_t>(passed));
    state.end_passed();
  }
  if (inflated.empty()) return;
  if (state.pending.empty()) {
    const BytesView rest = inflated.subspan(state.take_fields(inflated));
    state.pending.assign(rest.begin(), rest.end());
    return;
  }
  append(state.pending, inflated);
  if (state.pending.size() < state.need) return;
  const std::size_t taken = state.take_fields(state.pending);
  state.pending.erase(state.pending.begin(),
                      state.pending.begin() + static_cast<std::ptrdiff_t>(taken));
}

void HistoryParser::finish() const {
  if (!state_->pending.empty() || state_->skip > 0 || state_->large)
    fail({"history data ends in the middle of a field",
          "datele de istoric se termină în mijlocul unui câmp"});
}

const ChunkHeader& HistoryParser::header() const {
  return state_->header;
}

}  // namespace wasync
