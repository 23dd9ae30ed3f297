#include "sim/link_code.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/error.h"

namespace wasync::sim {
namespace {

constexpr std::uint32_t kIterations = 131'072;
constexpr std::size_t kSaltLength = 32;
constexpr std::size_t kIvLength = 16;

Bytes checked_content(const Node& node, std::string_view tag, std::size_t length) {
  const Node* child = node.child(tag);
  if (child == nullptr || (length != 0 && child->bytes().size() != length))
    throw Error(ErrorCode::kProtocol, "<" + std::string(tag) + "> is missing or malformed");
  return to_bytes(child->bytes());
}

Bytes apply_code(const std::string& code, BytesView salt, BytesView iv, BytesView data) {
  return aes_ctr(pbkdf2_sha256(as_bytes(code), salt, kIterations, 32), iv, data);
}

}  // namespace

LinkCode::LinkCode(const Node& hello, const Jid& own_phone, const PublicKey& noise_key)
    : ref_("3@" + base64_encode(random_bytes(48))),
      wrapped_companion_key_(
          checked_content(hello, "link_code_pairing_wrapped_companion_ephemeral_pub", 80)) {
  const auto jid = hello.jid("jid");
  if (!jid || jid->bare() != own_phone)
    throw Error(ErrorCode::kProtocol, "the code is for another phone number");
  if (public_key_from(checked_content(hello, "companion_server_auth_key_pub", 32)) != noise_key)
    throw Error(ErrorCode::kProtocol, "the Noise key is not the connection's");
  if (checked_content(hello, "companion_platform_id", 0).empty() ||
      checked_content(hello, "companion_platform_display", 0).empty())
    throw Error(ErrorCode::kProtocol, "the companion does not say what it is");
}

Node LinkCode::hello_answer() const {
  Node registration("link_code_companion_reg", {{"stage", "companion_hello"}});
  registration.content = std::vector<Node>{Node("link_code_pairing_ref", {}, to_bytes(ref_))};
  return registration;
}

Node LinkCode::primary_hello(std::string code, const KeyPair& phone) {
  std::erase(code, '-');
  const BytesView wrapped = wrapped_companion_key_;
  companion_ephemeral_ = public_key_from(apply_code(code, wrapped.first(kSaltLength),
                                                    wrapped.subspan(kSaltLength, kIvLength),
                                                    wrapped.subspan(kSaltLength + kIvLength)));
  ephemeral_ = KeyPair::generate();
  const Bytes salt = random_bytes(kSaltLength);
  const Bytes iv = random_bytes(kIvLength);
  const Bytes sealed = apply_code(code, salt, iv, ephemeral_->public_key);
  Node registration("link_code_companion_reg", {{"stage", "primary_hello"}});
  registration.content = std::vector<Node>{
      Node("link_code_pairing_wrapped_primary_ephemeral_pub", {}, concat({salt, iv, sealed})),
      Node("primary_identity_pub", {}, to_bytes(phone.public_key)),
      Node("link_code_pairing_ref", {}, to_bytes(ref_))};
  return registration;
}

Bytes LinkCode::finish(const Node& registration, const KeyPair& phone,
                       const PublicKey& companion_identity) const {
  if (!ephemeral_) throw Error(ErrorCode::kProtocol, "no code was typed yet");
  if (to_string(checked_content(registration, "link_code_pairing_ref", 0)) != ref_)
    throw Error(ErrorCode::kProtocol, "another pairing's ref");
  if (public_key_from(checked_content(registration, "companion_identity_public", 32)) !=
      companion_identity)
    throw Error(ErrorCode::kProtocol, "the identity is not the registered one");
  // salt 32, nonce 12, then three sealed keys and the tag
  const Bytes wrapped =
      checked_content(registration, "link_code_pairing_wrapped_key_bundle", 32 + 12 + 96 + 16);
  const auto shared = x25519(ephemeral_->private_key, companion_ephemeral_);
  const Bytes key = hkdf_sha256(shared, BytesView(wrapped).first(32),
                                as_bytes("link_code_pairing_key_bundle_encryption_key"), 32);
  const auto bundle =
      aes_gcm_decrypt(key, BytesView(wrapped).subspan(32, 12), BytesView(wrapped).subspan(44), {});
  if (!bundle ||
      !std::equal(companion_identity.begin(), companion_identity.end(), bundle->begin()) ||
      !std::equal(phone.public_key.begin(), phone.public_key.end(), bundle->begin() + 32))
    throw Error(ErrorCode::kProtocol, "wrong code, or the key bundle is not what it should be");
  const auto identities = x25519(phone.private_key, companion_identity);
  const Bytes secret = concat({shared, identities, BytesView(*bundle).subspan(64)});
  return hkdf_sha256(secret, {}, as_bytes("adv_secret"), 32);
}

}  // namespace wasync::sim
