// A phone's history of a given size, with the mix of content that makes real ones heavy:
// groups, media with keys and hashes, quotes, reactions, receipts, message secrets.
#pragma once

#include <cstdint>

#include "proto/history_sync.pb.h"

namespace wasync::bench {

struct Shape {
  int chats = 2000;
  int messages = 50;  // in each
  std::uint64_t seed = 1;
};

// The same shape gives the same bytes on every machine.
pb::HistorySync phone_history(const Shape& shape);

}  // namespace wasync::bench
