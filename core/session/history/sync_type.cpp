#include "session/history/sync_type.h"

#include "proto/peer_message.pb.h"

namespace wasync {

std::string_view sync_type_name(int type) {
  switch (type) {
    case pb::HISTORY_SYNC_INITIAL_BOOTSTRAP: return "INITIAL_BOOTSTRAP";
    case pb::HISTORY_SYNC_INITIAL_STATUS_V3: return "INITIAL_STATUS_V3";
    case pb::HISTORY_SYNC_FULL: return "FULL";
    case pb::HISTORY_SYNC_RECENT: return "RECENT";
    case pb::HISTORY_SYNC_PUSH_NAME: return "PUSH_NAME";
    case pb::HISTORY_SYNC_NON_BLOCKING_DATA: return "NON_BLOCKING_DATA";
    case pb::HISTORY_SYNC_ON_DEMAND: return "ON_DEMAND";
    case pb::HISTORY_SYNC_NO_HISTORY: return "NO_HISTORY";
    case pb::HISTORY_SYNC_MESSAGE_ACCESS_STATUS: return "MESSAGE_ACCESS_STATUS";
    default: return "UNKNOWN";
  }
}

}  // namespace wasync
