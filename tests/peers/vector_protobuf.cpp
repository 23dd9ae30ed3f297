#include <google/protobuf/message_lite.h>

#include <functional>
#include <memory>

#include "base/error.h"
#include "proto/adv.pb.h"
#include "proto/app_state.pb.h"
#include "proto/client_payload.pb.h"
#include "proto/device_props.pb.h"
#include "proto/handshake.pb.h"
#include "proto/history_sync.pb.h"
#include "proto/lid_migration.pb.h"
#include "proto/passkey_link.pb.h"
#include "proto/verified_name.pb.h"
#include "vector_tool.h"

namespace wasync::peers {
namespace {

using Make = std::unique_ptr<google::protobuf::MessageLite> (*)();

template <typename Message>
std::unique_ptr<google::protobuf::MessageLite> make() {
  return std::make_unique<Message>();
}

// Every message that travels on its own; the others are reached through these.
const std::map<std::string, Make, std::less<>>& messages() {
  static const std::map<std::string, Make, std::less<>> table{
      {"ClientPairingProps", make<pb::ClientPairingProps>},
      {"ClientPayload", make<pb::ClientPayload>},
      {"CompanionEphemeralIdentity", make<pb::CompanionEphemeralIdentity>},
      {"DeviceIdentity", make<pb::DeviceIdentity>},
      {"DeviceProps", make<pb::DeviceProps>},
      {"EncryptedPairingRequest", make<pb::EncryptedPairingRequest>},
      {"EventResponseMessage", make<pb::EventResponseMessage>},
      {"HandshakeMessage", make<pb::HandshakeMessage>},
      {"HistorySync", make<pb::HistorySync>},
      {"HistorySyncNotification", make<pb::HistorySyncNotification>},
      {"KeyIndexList", make<pb::KeyIndexList>},
      {"LidMigrationMappingSyncPayload", make<pb::LidMigrationMappingSyncPayload>},
      {"Message", make<pb::Message>},
      {"NoiseCertChain", make<pb::NoiseCertChain>},
      {"NoiseCertChain.Certificate.Details", make<pb::NoiseCertChain::Certificate::Details>},
      {"PairingRequest", make<pb::PairingRequest>},
      {"PrimaryEphemeralIdentity", make<pb::PrimaryEphemeralIdentity>},
      {"ProloguePayload", make<pb::ProloguePayload>},
      {"SignedDeviceIdentity", make<pb::SignedDeviceIdentity>},
      {"SignedDeviceIdentityHmac", make<pb::SignedDeviceIdentityHmac>},
      {"SignedKeyIndexList", make<pb::SignedKeyIndexList>},
      {"SyncActionData", make<pb::SyncActionData>},
      {"SyncdMutations", make<pb::SyncdMutations>},
      {"SyncdPatch", make<pb::SyncdPatch>},
      {"SyncdSnapshot", make<pb::SyncdSnapshot>},
      {"VerifiedNameCertificate", make<pb::VerifiedNameCertificate>},
      {"VerifiedNameCertificate.Details", make<pb::VerifiedNameCertificate::Details>},
      {"WebMessageInfo", make<pb::WebMessageInfo>},
  };
  return table;
}

// Parses with our schema and writes it again.
Json rewrite(const Json& request) {
  const auto entry = messages().find(request.at("type").get<std::string>());
  if (entry == messages().end()) throw Error(ErrorCode::kUsage, "unknown message type");
  const auto message = entry->second();
  const Bytes bytes = bytes_in(request, "bytes");
  if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    throw Error(ErrorCode::kProtocol, "does not parse");
  return bytes_out(as_bytes(message->SerializeAsString()));
}

Json text_of(const pb::Message& message) {
  if (message.has_conversation()) return message.conversation();
  if (message.has_extended_text()) return message.extended_text().text();
  if (message.has_image()) return message.image().caption();
  return {};
}

Json conversation_out(const pb::Conversation& conversation) {
  Json out{{"id", conversation.id()},
           {"name", conversation.name()},
           {"timestamp", conversation.conversation_timestamp()},
           {"unread", conversation.unread_count()},
           {"messages", Json::array()}};
  for (const auto& entry : conversation.messages()) {
    const auto& info = entry.message();
    out["messages"].push_back({{"id", info.key().id()},
                               {"chat", info.key().remote_jid()},
                               {"from_me", info.key().from_me()},
                               {"participant", info.key().participant()},
                               {"timestamp", info.message_timestamp()},
                               {"push_name", info.push_name()},
                               {"text", text_of(info.message())}});
  }
  return out;
}

// What our accessors see, which rewriting alone would not show: a field we do not know
// would be carried along all the same.
Json read_history(const Json& request) {
  pb::HistorySync history;
  if (!history.ParseFromString(to_string(bytes_in(request, "bytes"))))
    throw Error(ErrorCode::kProtocol, "does not parse");
  Json out{{"sync_type", static_cast<int>(history.sync_type())},
           {"progress", history.progress()},
           {"chunk_order", history.chunk_order()},
           {"conversations", Json::array()},
           {"pushnames", Json::array()},
           {"mappings", Json::array()}};
  for (const auto& conversation : history.conversations())
    out["conversations"].push_back(conversation_out(conversation));
  for (const auto& entry : history.pushnames())
    out["pushnames"].push_back({entry.id(), entry.pushname()});
  for (const auto& entry : history.phone_number_to_lid_mappings())
    out["mappings"].push_back({entry.pn_jid(), entry.lid_jid()});
  return out;
}

}  // namespace

void add_protobuf_operations(Operations& operations) {
  operations["protobuf_types"] = [](const Json&) {
    Json names = Json::array();
    for (const auto& [name, make] : messages()) names.push_back(name);
    return names;
  };
  operations["protobuf_rewrite"] = rewrite;
  operations["read_history"] = read_history;
}

}  // namespace wasync::peers
