#include "session/history/reupload_request.h"

#include "base/crypto.h"
#include "proto/media_retry.pb.h"

namespace wasync {
namespace {

constexpr std::string_view kKeyInfo = "WhatsApp Media Retry Notification";
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kNonceSize = 12;

}  // namespace

Node server_error_receipt(std::string_view message_id, const Jid& own, BytesView media_key) {
  pb::ServerErrorReceipt content;
  content.set_stanza_id(std::string(message_id));
  const Bytes key = hkdf_sha256(media_key, {}, as_bytes(kKeyInfo), kKeySize);
  const Bytes nonce = random_bytes(kNonceSize);
  Node sealed("enc_p");
  sealed.content =
      aes_gcm_encrypt(key, nonce, as_bytes(content.SerializeAsString()), as_bytes(message_id));
  Node iv("enc_iv");
  iv.content = nonce;
  Node encrypt("encrypt", {}, std::vector<Node>{std::move(sealed), std::move(iv)});
  return Node("receipt",
              {{"id", std::string(message_id)},
               {"type", "server-error"},
               {"to", own.bare()},
               {"category", "peer"}},
              std::vector<Node>{std::move(encrypt)});
}

}  // namespace wasync
