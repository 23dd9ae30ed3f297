#include "signal/bounded_record.h"

#include <algorithm>

#include "proto/signal_record.pb.h"

namespace wasync {
namespace {

// Nearly all records are shorter: they are within the bounds, and are not parsed.
constexpr std::size_t kShortRecord = 4 * 1024;

template <typename Record>
std::optional<Record> parse_long(BytesView bytes) {
  Record record;
  if (bytes.size() <= kShortRecord ||
      !record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return std::nullopt;
  }
  return record;
}

// Keeps the newest that are `left`, and takes them off it. Returns whether any went.
template <typename Holder>
bool keep_newest(Holder& holder, std::size_t& left) {
  auto& keys = *holder.mutable_skipped_keys();
  const auto kept = std::min(left, static_cast<std::size_t>(keys.size()));
  const int gone = keys.size() - static_cast<int>(kept);
  keys.DeleteSubrange(0, gone);
  left -= kept;
  return gone > 0;
}

bool keep_newest(pb::SessionState& state, std::size_t& left) {
  bool cut = false;
  auto& chains = *state.mutable_receiver_chains();
  for (auto chain = chains.rbegin(); chain != chains.rend(); ++chain) {
    cut = keep_newest(*chain, left) || cut;
  }
  return cut;
}

}  // namespace

std::optional<Bytes> bounded_session(BytesView bytes) {
  auto record = parse_long<pb::SessionRecord>(bytes);
  if (!record) return std::nullopt;
  auto& archived = *record->mutable_archived();
  const int too_many = archived.size() - static_cast<int>(kMostArchivedStates);
  if (too_many > 0) archived.DeleteSubrange(static_cast<int>(kMostArchivedStates), too_many);
  std::size_t left = kMostSkippedKeys;
  bool cut = too_many > 0;
  if (record->has_current()) cut = keep_newest(*record->mutable_current(), left) || cut;
  for (pb::SessionState& state : archived) cut = keep_newest(state, left) || cut;
  if (!cut) return std::nullopt;
  return to_bytes(record->SerializeAsString());
}

std::optional<Bytes> bounded_sender_key(BytesView bytes) {
  auto record = parse_long<pb::SenderKeyRecord>(bytes);
  if (!record) return std::nullopt;
  std::size_t left = kMostSkippedKeys;
  bool cut = false;
  for (pb::SenderKeyState& state : *record->mutable_states()) cut = keep_newest(state, left) || cut;
  if (!cut) return std::nullopt;
  return to_bytes(record->SerializeAsString());
}

}  // namespace wasync
