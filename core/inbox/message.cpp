#include "inbox/message.h"

namespace wasync {

std::string_view name(Direction direction) {
  return direction == Direction::kInbound ? "inbound" : "outbound";
}

std::string_view name(SyncSource source) {
  switch (source) {
    case SyncSource::kHistorySync: return "history_sync";
    case SyncSource::kRealtime: return "realtime";
    case SyncSource::kBackfill: return "backfill";
  }
  return "unknown";
}

std::string_view name(DeliveryStatus status) {
  switch (status) {
    case DeliveryStatus::kUnknown: return "unknown";
    case DeliveryStatus::kError: return "error";
    case DeliveryStatus::kPending: return "pending";
    case DeliveryStatus::kSent: return "sent";
    case DeliveryStatus::kDelivered: return "delivered";
    case DeliveryStatus::kRead: return "read";
  }
  return "unknown";
}

}  // namespace wasync
