#include "session/app_state/recovery.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/error.h"
#include "base/inflate.h"
#include "base/log.h"
#include "proto/app_state.pb.h"
#include "proto/message.pb.h"
#include "proto/peer_message.pb.h"
#include "session/app_state/answer.h"
#include "session/app_state/keys.h"

namespace wasync {
namespace {

using Copy = pb::SyncdSnapshotRecovery;

// Some ten thousand contacts.
constexpr std::size_t kMostCopied = std::size_t{16} << 20;

[[noreturn]] void refuse(const char* why) {
  throw Error(ErrorCode::kProtocol, std::string("the phone's copy of app state ") + why);
}

Copy copy_in(const pb::PeerDataOperationRequestResponseMessage& response) {
  if (response.peer_data_operation_result_size() == 0) refuse("is missing");
  const auto& answer =
      response.peer_data_operation_result(0).syncd_snapshot_fatal_recovery_response();
  const BytesView sent = as_bytes(answer.collection_snapshot());
  const Bytes bytes = answer.is_compressed() ? gunzip(sent, kMostCopied) : to_bytes(sent);
  Copy copy;
  if (bytes.empty() || !copy.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    refuse("is malformed");
  }
  return copy;
}

Opened open_copy(const Copy& copy, KeyRing& keys) {
  if (copy.collection_lthash().size() != LtHash{}.bytes().size()) refuse("has a malformed hash");
  if (copy.version().version() == 0) refuse("has an impossible version");
  Opened opened{.state = {.version = copy.version().version(),
                          .hash = LtHash::from(as_bytes(copy.collection_lthash()))}};
  for (const auto& record : copy.mutation_records()) {
    const MutationKeys* key = keys.find(as_bytes(record.key_id()));
    if (key == nullptr) refuse("needs a key that we do not have");
    const std::string& index = record.value().index();
    const Digest256 index_mac = hmac_sha256(key->index, as_bytes(index));
    opened.mutations.push_back({.index_mac = {index_mac.begin(), index_mac.end()},
                                .value_mac = to_bytes(as_bytes(record.mac())),
                                .index = index,
                                .value = record.value().value()});
  }
  return opened;
}

}  // namespace

pb::Message recovery_request(std::string_view collection, UnixSeconds now) {
  pb::Message message;
  auto& protocol = *message.mutable_protocol_message();
  protocol.set_type(pb::ProtocolMessage::PROTOCOL_PEER_DATA_OPERATION_REQUEST_MESSAGE);
  auto& request = *protocol.mutable_peer_data_operation_request_message();
  request.set_peer_data_operation_request_type(
      pb::PEER_DATA_COMPANION_SYNCD_SNAPSHOT_FATAL_RECOVERY);
  auto& asked = *request.mutable_syncd_collection_fatal_recovery_request();
  asked.set_collection_name(std::string(collection));
  asked.set_timestamp(now.value);
  return message;
}

bool take_recovery(const pb::PeerDataOperationRequestResponseMessage& response, Database& database,
                   InboxWriter& inbox) {
  if (response.peer_data_operation_request_type() !=
      pb::PEER_DATA_COMPANION_SYNCD_SNAPSHOT_FATAL_RECOVERY) {
    return false;
  }
  try {
    const Copy copy = copy_in(response);
    const auto name = std::ranges::find(kCollections, copy.collection_name());
    if (name == kCollections.end() || standing_of(database, *name) != Standing::kDamaged) {
      refuse("is about nothing that was damaged");
    }
    KeyRing keys(database);
    const Opened opened = open_copy(copy, keys);
    if (opened.state.version < state_of(database, *name).version) refuse("is out of date");
    replace_collection(database, *name, opened, inbox);
    announce_version(database, *name, 0);
    log::info("the phone has repaired app state {}: {} entries", *name, opened.mutations.size());
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kProtocol) throw;
    log::warn("app state is not repaired: {}", error.what());
    return false;
  }
}

}  // namespace wasync
