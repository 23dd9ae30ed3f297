#include "session/history/reupload_request.h"

#include <doctest/doctest.h>

#include "base/crypto.h"
#include "proto/media_retry.pb.h"

namespace reupload_request_test {

using namespace wasync;

TEST_CASE("the phone can read which message's blob is meant, and nobody without its key") {
  const Bytes media_key(32, 7);
  const Jid own{.user = "40799999999", .server = "s.whatsapp.net", .device = 12};
  const Node receipt = server_error_receipt("3A01", own, media_key);
  CHECK(receipt.tag == "receipt");
  CHECK(receipt.text("id") == "3A01");
  CHECK(receipt.text("type") == "server-error");
  CHECK(receipt.text("category") == "peer");
  CHECK(receipt.text("to") == "40799999999@s.whatsapp.net");
  const Node* encrypt = receipt.child("encrypt");
  REQUIRE(encrypt != nullptr);
  REQUIRE(encrypt->children().size() == 2);
  const BytesView nonce = encrypt->child("enc_iv")->bytes();
  const BytesView sealed = encrypt->child("enc_p")->bytes();
  const Bytes key = hkdf_sha256(media_key, {}, as_bytes("WhatsApp Media Retry Notification"), 32);
  const auto plain = aes_gcm_decrypt(key, nonce, sealed, as_bytes("3A01"));
  REQUIRE(plain);
  pb::ServerErrorReceipt content;
  REQUIRE(content.ParseFromArray(plain->data(), static_cast<int>(plain->size())));
  CHECK(content.stanza_id() == "3A01");
  CHECK_FALSE(aes_gcm_decrypt(key, nonce, sealed, as_bytes("3A02")));
  CHECK(server_error_receipt("3A01", own, media_key) != receipt);  // a nonce of its own each time
}

}  // namespace reupload_request_test
