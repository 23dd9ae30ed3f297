// What the phone does when a companion cannot have a blob of history. Written from the protocol's
// description, not with core/session: the two check each other.
#include "base/error.h"
#include "proto/media_retry.pb.h"
#include "proto/message.pb.h"
#include "proto/peer_message.pb.h"
#include "sim/phone.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

[[noreturn]] void complain(const std::string& what) {
  throw Error(ErrorCode::kProtocol, "a server-error receipt " + what);
}

void check(const Node& receipt, BytesView media_key) {
  const Node* encrypt = receipt.child("encrypt");
  const Node* sealed = encrypt != nullptr ? encrypt->child("enc_p") : nullptr;
  const Node* nonce = encrypt != nullptr ? encrypt->child("enc_iv") : nullptr;
  if (sealed == nullptr || nonce == nullptr || nonce->bytes().size() != 12)
    complain("is malformed");
  const Bytes key = hkdf_sha256(media_key, {}, as_bytes("WhatsApp Media Retry Notification"), 32);
  const std::string id = receipt.text("id");
  const auto plain = aes_gcm_decrypt(key, nonce->bytes(), sealed->bytes(), as_bytes(id));
  pb::ServerErrorReceipt content;
  if (!plain || !content.ParseFromString(to_string(*plain))) complain("does not decrypt");
  if (content.stanza_id() != id) complain("is about another message");
  if (receipt.text("category") != "peer") complain("is not for the phone");
}

// What the blob holds, as it was uploaded.
Bytes open(const World& world, const pb::HistorySyncNotification& notification) {
  const std::string& path = notification.direct_path();
  const Bytes* blob = world.media.find(path.substr(0, path.find('?')));
  if (blob == nullptr || blob->size() < 10) complain("is about a blob that was deleted");
  const Bytes keys =
      hkdf_sha256(as_bytes(notification.media_key()), {}, as_bytes(kHistoryPurpose), 112);
  const auto plain = aes_cbc_decrypt(BytesView(keys).subspan(16, 32), BytesView(keys).first(16),
                                     BytesView(*blob).first(blob->size() - 10));
  if (!plain) complain("is about a blob that does not open");
  return *plain;
}

}  // namespace

void receive_server_error(World& world, Companion& companion, const Node& receipt) {
  if (world.faults.on("phone-offline")) return;
  try {
    const auto sent = world.sent.find(receipt.text("id"));
    pb::Message message;
    if (sent == world.sent.end() || !message.ParseFromString(to_string(sent->second.content)))
      complain("is about no message of the phone's");
    auto& notification = *message.mutable_protocol_message()->mutable_history_sync_notification();
    check(receipt, as_bytes(notification.media_key()));
    SealedBlob blob = seal(open(world, notification), kHistoryPurpose, world.faults);
    notification.set_media_key(to_string(blob.media_key));
    notification.set_file_sha256(std::string(as_text(blob.sha256)));
    notification.set_file_enc_sha256(std::string(as_text(blob.enc_sha256)));
    notification.set_direct_path(world.media.put_again(std::move(blob.content)));
    notification.set_original_message_id(receipt.text("id"));
    send_from_phone(world, companion, message, {{"category", "peer"}});
  } catch (const Error& error) {
    Journal::add(world.journal.complaints, std::string(error.what()));
  }
}

}  // namespace wasync::sim
