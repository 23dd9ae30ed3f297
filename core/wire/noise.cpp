#include "wire/noise.h"

#include <limits>
#include <optional>

#include "base/error.h"
#include "proto/handshake.pb.h"
#include "wire/frame.h"

namespace wasync {
namespace {

// 32 bytes long, as the Noise specification pads protocol names that are shorter than a hash.
constexpr std::string_view kProtocolName{"Noise_XX_25519_AESGCM_SHA256\0\0\0\0", 32};

constexpr std::size_t kKeySize = 32;

[[noreturn]] void malformed(const std::string& what) {
  throw Error(ErrorCode::kProtocol, "Noise handshake: " + what);
}

Bytes nonce_of(std::uint64_t counter) {
  Bytes nonce(4, 0);
  append_big_endian(nonce, counter, 8);
  return nonce;
}

// A key of small order comes from the peer, so it is the peer's fault and not a failure of ours.
Bytes agree(const PrivateKey& ours, const PublicKey& theirs) {
  try {
    const auto secret = x25519(ours, theirs);
    return to_bytes(secret);
  } catch (const Error&) {
    malformed("the peer's key is not acceptable");
  }
}

std::array<Bytes, 2> derive_two(BytesView chaining_key, BytesView secret) {
  const Bytes both = hkdf_sha256(secret, chaining_key, {}, 2 * kKeySize);
  const BytesView view(both);
  return {to_bytes(view.first(kKeySize)), to_bytes(view.last(kKeySize))};
}

pb::HandshakeMessage parse(BytesView message) {
  pb::HandshakeMessage parsed;
  if (message.size() > kMaxFrameSize ||
      !parsed.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    malformed("the message is no protobuf");
  }
  return parsed;
}

PublicKey key_in(const std::string& field, const char* which) {
  if (field.size() != kKeySize) malformed(std::string("the ") + which + " key has a wrong length");
  return public_key_from(as_bytes(field));
}

Bytes serialise(const pb::HandshakeMessage& message) {
  return to_bytes(message.SerializeAsString());
}

}  // namespace

TransportCipher::TransportCipher(BytesView key) : key_(to_bytes(key)) {
  if (key.size() != kKeySize) malformed("the transport key has a wrong length");
}

Bytes TransportCipher::next_nonce() {
  // Other implementations count in 32 bits; a nonce must never repeat.
  if (counter_ > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(ErrorCode::kProtocol, "too many messages on one connection");
  }
  return nonce_of(counter_++);
}

Bytes TransportCipher::encrypt(BytesView plaintext) {
  return aes_gcm_encrypt(key_, next_nonce(), plaintext, {});
}

Bytes TransportCipher::decrypt(BytesView ciphertext) {
  std::optional<Bytes> plaintext;
  const Bytes nonce = next_nonce();
  if (ciphertext.size() >= kOverhead) plaintext = aes_gcm_decrypt(key_, nonce, ciphertext, {});
  if (!plaintext) throw Error(ErrorCode::kProtocol, "a frame from the peer does not decrypt");
  return std::move(*plaintext);
}

SymmetricState::SymmetricState(BytesView prologue)
    : chaining_key_(to_bytes(kProtocolName)), key_(chaining_key_), hash_{} {
  std::copy(kProtocolName.begin(), kProtocolName.end(), hash_.begin());
  mix_hash(prologue);
}

void SymmetricState::mix_hash(BytesView data) {
  hash_ = sha256(concat({hash_, data}));
}

void SymmetricState::mix_key(BytesView secret) {
  auto [chaining_key, key] = derive_two(chaining_key_, secret);
  chaining_key_ = std::move(chaining_key);
  key_ = std::move(key);
  counter_ = 0;
}

Bytes SymmetricState::encrypt_and_hash(BytesView plaintext) {
  Bytes ciphertext = aes_gcm_encrypt(key_, nonce_of(counter_++), plaintext, hash_);
  mix_hash(ciphertext);
  return ciphertext;
}

Bytes SymmetricState::decrypt_and_hash(BytesView ciphertext) {
  std::optional<Bytes> plaintext;
  if (ciphertext.size() >= TransportCipher::kOverhead) {
    plaintext = aes_gcm_decrypt(key_, nonce_of(counter_++), ciphertext, hash_);
  }
  if (!plaintext) malformed("the message does not decrypt");
  mix_hash(ciphertext);
  return std::move(*plaintext);
}

SymmetricState::Keys SymmetricState::split() const {
  auto [first, second] = derive_two(chaining_key_, {});
  return {std::move(first), std::move(second)};
}

NoiseInitiator::NoiseInitiator(const KeyPair& noise_static, const KeyPair& ephemeral)
    : static_(noise_static), ephemeral_(ephemeral), state_(intro_header()) {}

Bytes NoiseInitiator::client_hello() {
  state_.mix_hash(ephemeral_.public_key);
  pb::HandshakeMessage message;
  message.mutable_client_hello()->set_ephemeral_key(std::string(as_text(ephemeral_.public_key)));
  return serialise(message);
}

NoiseInitiator::ServerProof NoiseInitiator::read_server_hello(BytesView message) {
  const pb::HandshakeMessage parsed = parse(message);
  if (!parsed.has_server_hello()) malformed("the server's hello is missing");
  const auto& hello = parsed.server_hello();
  peer_ephemeral_ = key_in(hello.ephemeral_key(), "server's ephemeral");
  state_.mix_hash(peer_ephemeral_);
  state_.mix_key(agree(ephemeral_.private_key, peer_ephemeral_));

  const Bytes static_key = state_.decrypt_and_hash(as_bytes(hello.static_key()));
  ServerProof proof;
  proof.static_key = key_in(to_string(static_key), "server's static");
  state_.mix_key(agree(ephemeral_.private_key, proof.static_key));
  proof.certificate_chain = state_.decrypt_and_hash(as_bytes(hello.payload()));
  return proof;
}

Bytes NoiseInitiator::client_finish(BytesView client_payload) {
  const Bytes sealed_static = state_.encrypt_and_hash(static_.public_key);
  state_.mix_key(agree(static_.private_key, peer_ephemeral_));
  const Bytes sealed_payload = state_.encrypt_and_hash(client_payload);
  pb::HandshakeMessage message;
  auto& finish = *message.mutable_client_finish();
  finish.set_static_key(to_string(sealed_static));
  finish.set_payload(to_string(sealed_payload));
  return serialise(message);
}

TransportCiphers NoiseInitiator::transport() const {
  const SymmetricState::Keys keys = state_.split();
  return {TransportCipher(keys.initiator_to_responder),
          TransportCipher(keys.responder_to_initiator)};
}

NoiseResponder::NoiseResponder(const KeyPair& noise_static, const KeyPair& ephemeral)
    : static_(noise_static), ephemeral_(ephemeral), state_(intro_header()) {}

void NoiseResponder::read_client_hello(BytesView message) {
  const pb::HandshakeMessage parsed = parse(message);
  if (!parsed.has_client_hello()) malformed("the client's hello is missing");
  peer_ephemeral_ = key_in(parsed.client_hello().ephemeral_key(), "client's ephemeral");
  state_.mix_hash(peer_ephemeral_);
}

Bytes NoiseResponder::server_hello(BytesView certificate_chain) {
  state_.mix_hash(ephemeral_.public_key);
  state_.mix_key(agree(ephemeral_.private_key, peer_ephemeral_));
  const Bytes sealed_static = state_.encrypt_and_hash(static_.public_key);
  state_.mix_key(agree(static_.private_key, peer_ephemeral_));
  const Bytes sealed_chain = state_.encrypt_and_hash(certificate_chain);
  pb::HandshakeMessage message;
  auto& hello = *message.mutable_server_hello();
  hello.set_ephemeral_key(std::string(as_text(ephemeral_.public_key)));
  hello.set_static_key(to_string(sealed_static));
  hello.set_payload(to_string(sealed_chain));
  return serialise(message);
}

NoiseResponder::ClientProof NoiseResponder::read_client_finish(BytesView message) {
  const pb::HandshakeMessage parsed = parse(message);
  if (!parsed.has_client_finish()) malformed("the client's finish is missing");
  const auto& finish = parsed.client_finish();
  const Bytes static_key = state_.decrypt_and_hash(as_bytes(finish.static_key()));
  ClientProof proof;
  proof.static_key = key_in(to_string(static_key), "client's static");
  state_.mix_key(agree(ephemeral_.private_key, proof.static_key));
  proof.payload = state_.decrypt_and_hash(as_bytes(finish.payload()));
  return proof;
}

TransportCiphers NoiseResponder::transport() const {
  const SymmetricState::Keys keys = state_.split();
  return {TransportCipher(keys.responder_to_initiator),
          TransportCipher(keys.initiator_to_responder)};
}

}  // namespace wasync
