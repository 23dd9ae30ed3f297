#include "session/link/passkey_handshake.h"

#include "base/crypto.h"
#include "base/error.h"
#include "proto/passkey_link.pb.h"
#include "session/link/link_code.h"

namespace wasync {
namespace {

constexpr std::size_t kHandshakeNonce = 32;
constexpr std::size_t kComparedBytes = 5;
constexpr std::size_t kPairingIv = 12;
constexpr std::size_t kMostPasskeyRef = 1024;
// As the device properties say: client_payload.cpp.
constexpr auto kOwnDeviceType = pb::DeviceProps::PLATFORM_TYPE_DESKTOP;

Node passkey_query(const char* type, Node content) {
  return Node("iq", {{"to", server_jid()}, {"type", type}, {"xmlns", "md"}},
              std::vector<Node>{std::move(content)});
}

[[noreturn]] void lacks_passkey_part(std::string_view what) {
  throw Error(ErrorCode::kProtocol,
              Phrase{"WhatsApp sent a malformed answer while linking with a passkey: {}",
                     "WhatsApp a trimis un răspuns malformat la conectarea cu cheia de acces: {}"}
                  .with(what));
}

BytesView passkey_part(const Node& node, std::string_view tag) {
  const Node* child = node.child(tag);
  if (child == nullptr || child->bytes().empty()) lacks_passkey_part(tag);
  return child->bytes();
}

Bytes passkey_bytes(const google::protobuf::MessageLite& message) {
  return to_bytes(message.SerializeAsString());
}

std::string own_passkey_part(const PublicKey& key, const std::string& ref) {
  pb::CompanionEphemeralIdentity identity;
  identity.set_public_key(to_string(BytesView(key)));
  identity.set_device_type(kOwnDeviceType);
  identity.set_ref(ref);
  return identity.SerializeAsString();
}

}  // namespace

Bytes passkey_handoff_key(BytesView adv_secret) {
  return hkdf_sha256(adv_secret, {}, as_bytes("shortcake-passkey-handoff-v1"), 32);
}

PasskeyHandshake::PasskeyHandshake(std::string ref)
    : ref_(std::move(ref)), nonce_(random_bytes(kHandshakeNonce)) {}

Node PasskeyHandshake::ask_for_options() {
  return passkey_query("get", Node("passkey_request_options"));
}

Node PasskeyHandshake::ask_for_ref() {
  return passkey_query("get", Node("ref"));
}

PasskeyRequest PasskeyHandshake::options_in(const Node& answer) {
  return read_passkey_request(passkey_part(answer, "passkey_request_options"));
}

std::string PasskeyHandshake::ref_in(const Node& answer) {
  const BytesView ref = passkey_part(answer, "ref");
  if (ref.size() > kMostPasskeyRef) lacks_passkey_part("ref");
  return to_string(ref);
}

Node PasskeyHandshake::prologue(const PasskeyAssertion& assertion,
                                const std::optional<Bytes>& handoff_key) {
  const std::string own = own_passkey_part(ephemeral_.public_key, ref_);
  const Digest256 commitment = sha256(concat({as_bytes(own), nonce_}));
  pb::ProloguePayload payload;
  payload.set_companion_ephemeral_identity(own);
  payload.mutable_commitment()->set_hash(to_string(BytesView(commitment)));
  const Bytes bytes = passkey_bytes(payload);
  std::vector<Node> parts;
  parts.emplace_back("credential_id", Node::Attributes{}, assertion.credential_id);
  parts.emplace_back("webauthn_assertion", Node::Attributes{}, to_bytes(assertion.json));
  parts.emplace_back("prologue_payload", Node::Attributes{}, bytes);
  proven_ = handoff_key.has_value();
  if (handoff_key)
    parts.emplace_back("pairing_handoff_proof", Node::Attributes{},
                       to_bytes(BytesView(hmac_sha256(*handoff_key, bytes))));
  return passkey_query("set", Node("passkey_prologue", {}, std::move(parts)));
}

void PasskeyHandshake::take_continuation(const Node& notification) {
  const BytesView bytes = passkey_part(notification, "primary_ephemeral_identity");
  pb::PrimaryEphemeralIdentity phone;
  if (!phone.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      phone.public_key().size() != phone_key_.size() || phone.nonce().size() != kHandshakeNonce) {
    lacks_passkey_part("primary_ephemeral_identity");
  }
  const auto key = public_key_from(as_bytes(phone.public_key()));
  const std::string salt =
      "Companion Pairing " + std::to_string(static_cast<int>(kOwnDeviceType)) + " with ref " + ref_;
  try {
    encryption_key_ = hkdf_sha256(x25519(ephemeral_.private_key, key), as_bytes(salt),
                                  as_bytes("Pairing Information Encryption Key"), 32);
  } catch (const Error&) {
    lacks_passkey_part("primary_ephemeral_identity");  // a key of small order
  }
  phone_key_ = key;
  phone_nonce_ = to_bytes(phone.nonce());
}

Node PasskeyHandshake::reveal() const {
  return passkey_query("set", Node("companion_nonce", {}, nonce_));
}

std::string PasskeyHandshake::code() const {
  if (phone_nonce_.empty()) throw Error(ErrorCode::kInternal, "the phone's part has not come");
  const Digest256 digest = sha256(concat({nonce_, phone_key_}));
  Bytes code(kComparedBytes);
  for (std::size_t i = 0; i < code.size(); ++i)
    code[i] = static_cast<std::uint8_t>(phone_nonce_[i] ^ digest[i]);
  return as_code(code);
}

Node PasskeyHandshake::pairing_request(const DeviceKeys& keys) const {
  pb::PairingRequest request;
  request.set_companion_public_key(to_string(BytesView(keys.noise.public_key)));
  request.set_companion_identity_key(to_string(BytesView(keys.identity.key.public_key)));
  request.set_adv_secret(to_string(BytesView(keys.adv_secret)));
  const Bytes iv = random_bytes(kPairingIv);
  pb::EncryptedPairingRequest sealed;
  sealed.set_encrypted_payload(
      to_string(BytesView(aes_gcm_encrypt(encryption_key_, iv, passkey_bytes(request), {}))));
  sealed.set_iv(to_string(BytesView(iv)));
  return passkey_query("set", Node("encrypted_pairing_request", {}, passkey_bytes(sealed)));
}

}  // namespace wasync
