// The Noise handshake Noise_XX_25519_AESGCM_SHA256 as WhatsApp speaks it, and the transport
// ciphers that come out of it. Messages are serialised HandshakeMessage protobufs, without framing.
//
// WhatsApp departs from the Noise specification in one point: a message without payload
// does not mix the empty payload into the hash.
//
// Everything here throws Error(kProtocol) for messages that are malformed or do not decrypt.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/curve25519.h"

namespace wasync {

// One direction of the encrypted connection. The nonce counts messages; it is never sent,
// so a lost or repeated message makes the next one undecryptable.
class TransportCipher {
 public:
  // Throws Error(kProtocol) unless `key` has 32 bytes.
  explicit TransportCipher(BytesView key);
  // Not copyable: two copies would use the same nonce twice.
  TransportCipher(TransportCipher&&) = default;
  TransportCipher& operator=(TransportCipher&&) = default;

  static constexpr std::size_t kOverhead = 16;  // the authentication tag

  Bytes encrypt(BytesView plaintext);
  Bytes decrypt(BytesView ciphertext);

 private:
  Bytes next_nonce();

  Bytes key_;
  std::uint64_t counter_ = 0;
};

struct TransportCiphers {
  TransportCipher send;
  TransportCipher receive;
};

// Chaining key, cipher key and transcript hash that both sides evolve in step.
class SymmetricState {
 public:
  explicit SymmetricState(BytesView prologue);

  void mix_hash(BytesView data);
  void mix_key(BytesView secret);
  Bytes encrypt_and_hash(BytesView plaintext);
  Bytes decrypt_and_hash(BytesView ciphertext);

  struct Keys {
    Bytes initiator_to_responder;
    Bytes responder_to_initiator;
  };
  Keys split() const;

 private:
  Bytes chaining_key_;
  Bytes key_;
  Digest256 hash_;
  std::uint32_t counter_ = 0;
};

// The client's side: client_hello, read_server_hello, client_finish, transport; in this order.
class NoiseInitiator {
 public:
  // `ephemeral` is fresh for every handshake; only tests pass one.
  explicit NoiseInitiator(const KeyPair& noise_static,
                          const KeyPair& ephemeral = KeyPair::generate());

  Bytes client_hello();

  // What the server claims. Only a chain that certifies the key proves it: call
  // verify_certificate_chain before client_finish, which reveals who we are.
  struct ServerProof {
    PublicKey static_key;
    Bytes certificate_chain;
  };
  ServerProof read_server_hello(BytesView message);

  Bytes client_finish(BytesView client_payload);
  TransportCiphers transport() const;

 private:
  KeyPair static_;
  KeyPair ephemeral_;
  PublicKey peer_ephemeral_{};
  SymmetricState state_;
};

// The server's side: read_client_hello, server_hello, read_client_finish, transport.
class NoiseResponder {
 public:
  explicit NoiseResponder(const KeyPair& noise_static,
                          const KeyPair& ephemeral = KeyPair::generate());

  void read_client_hello(BytesView message);
  Bytes server_hello(BytesView certificate_chain);

  struct ClientProof {
    PublicKey static_key;
    Bytes payload;  // serialised ClientPayload
  };
  ClientProof read_client_finish(BytesView message);
  TransportCiphers transport() const;

 private:
  KeyPair static_;
  KeyPair ephemeral_;
  PublicKey peer_ephemeral_{};
  SymmetricState state_;
};

}  // namespace wasync
