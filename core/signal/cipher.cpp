// Messages with one device; groups are in group_cipher.cpp.
#include "signal/cipher.h"

#include <signal/curve.h>
#include <signal/protocol.h>
#include <signal/ratchet.h>
#include <signal/session_builder.h>
#include <signal/session_cipher.h>
#include <signal/session_pre_key.h>
#include <signal/session_record.h>
#include <signal/session_state.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/sqlite.h"
#include "signal/library.h"
#include "signal/store.h"

namespace wasync {
namespace {

using SessionCipher = std::unique_ptr<session_cipher, FreeWith<session_cipher_free>>;
using SessionBuilder = std::unique_ptr<session_builder, FreeWith<session_builder_free>>;

// Peers skip 2,000 keys of a chain at most (libsignal's session_cipher.c).
constexpr std::uint32_t kLeastSkipped = 800;

// A parsed message that is "invalid" is one that no session state could authenticate.
SignalFailure decrypt_failure(int result) {
  return result == SG_ERR_INVALID_MESSAGE ? SignalFailure::kBadMac : failure_of(result);
}

PublicKey public_key_of(const ec_public_key* key) {
  int result = 0;
  const auto bytes = made_by<SignalBuffer>(result, ec_public_key_serialize, key);
  require_success(result);
  return public_key_from(BytesView(copy_of(bytes.get())).subspan(1));
}

SignalRef<ec_public_key> library_key(SignalLibrary& library, const PublicKey& key) {
  int result = 0;
  const Bytes bytes = with_type_byte(key);
  auto made = made_by<SignalRef<ec_public_key>>(result, curve_decode_point, bytes.data(),
                                                bytes.size(), library.context());
  require_success(result);
  return made;
}

SignalRef<session_record> load_record(SignalLibrary& library,
                                      const signal_protocol_address& address) {
  session_record* raw = nullptr;
  const int result = library.run([&] {
    return signal_protocol_session_load_session(library.store_context(), &raw, &address);
  });
  require_success(result);
  return SignalRef<session_record>(raw);
}

// The envelope of a pre-key message is not authenticated once its session exists: only the
// session's own identity key is. Somebody on the way could otherwise make us record another.
bool identity_matches_session(SignalLibrary& library, const signal_protocol_address& address,
                              const pre_key_signal_message* message) {
  const auto record = load_record(library, address);
  const ec_public_key* in_session =
      session_state_get_remote_identity_key(session_record_get_state(record.get()));
  const ec_public_key* in_envelope = pre_key_signal_message_get_identity_key(message);
  return in_session != nullptr && ec_public_key_compare(in_session, in_envelope) == 0;
}

// Also an archived state of a session can decrypt, or become the one we encrypt with; libsignal
// asks about the identity only when a session begins.
bool is_of_known_identity(SignalLibrary& library, const SignalAddress& peer) {
  const auto record = load_record(library, borrowed(peer));
  const ec_public_key* key =
      session_state_get_remote_identity_key(session_record_get_state(record.get()));
  return key != nullptr && library.store().identity(peer) == public_key_of(key);
}

bool is_refused(SignalLibrary& library, const SignalAddress& peer) {
  return library.policy() == IdentityPolicy::kRefuseChanges && !is_of_known_identity(library, peer);
}

struct Outcome {
  std::optional<SignalFailure> failure;
  SignalBuffer plaintext;
};

Outcome decrypt_pre_key_message(SignalLibrary& library, session_cipher* cipher,
                                const signal_protocol_address& address, BytesView ciphertext) {
  int result = 0;
  const auto message = made_by<SignalRef<pre_key_signal_message>>(
      result, pre_key_signal_message_deserialize, ciphertext.data(), ciphertext.size(),
      library.context());
  if (!message) return {parse_failure(result), nullptr};
  signal_buffer* raw = nullptr;
  result = library.run([&] {
    return session_cipher_decrypt_pre_key_signal_message(cipher, message.get(), nullptr, &raw);
  });
  if (result < 0) return {decrypt_failure(result), nullptr};
  SignalBuffer plaintext(raw);
  if (!identity_matches_session(library, address, message.get())) {
    return {SignalFailure::kInvalidMessage, nullptr};
  }
  return {std::nullopt, std::move(plaintext)};
}

void skip_keys(session_state* state, std::uint64_t count) {
  if (session_state_has_sender_chain(state) == 0) return;
  SignalRef<ratchet_chain_key> key(session_state_get_sender_chain_key(state));
  signal_type_ref(reinterpret_cast<signal_type_base*>(key.get()));
  for (; count > 0; --count) {
    ratchet_chain_key* next = nullptr;
    require_success(ratchet_chain_key_create_next(key.get(), &next));
    key.reset(next);
  }
  require_success(session_state_set_sender_chain_key(state, key.get()));
}

Outcome decrypt_message(SignalLibrary& library, session_cipher* cipher, BytesView ciphertext) {
  int result = 0;
  const auto message = made_by<SignalRef<signal_message>>(
      result, signal_message_deserialize, ciphertext.data(), ciphertext.size(), library.context());
  if (!message) return {parse_failure(result), nullptr};
  signal_buffer* raw = nullptr;
  result = library.run(
      [&] { return session_cipher_decrypt_signal_message(cipher, message.get(), nullptr, &raw); });
  if (result < 0) return {decrypt_failure(result), nullptr};
  return {std::nullopt, SignalBuffer(raw)};
}

SessionCipher new_session_cipher(SignalLibrary& library, const signal_protocol_address& address) {
  int result = 0;
  auto cipher = made_by<SessionCipher>(result, session_cipher_create, library.store_context(),
                                       &address, library.context());
  require_success(result);
  return cipher;
}

}  // namespace

std::string_view name(SignalFailure failure) {
  switch (failure) {
    case SignalFailure::kNoSession: return "no_session";
    case SignalFailure::kBadMac: return "bad_mac";
    case SignalFailure::kDuplicate: return "duplicate";
    case SignalFailure::kInvalidKeyId: return "invalid_key_id";
    case SignalFailure::kInvalidKey: return "invalid_key";
    case SignalFailure::kUntrustedIdentity: return "untrusted_identity";
    case SignalFailure::kInvalidMessage: return "invalid_message";
    case SignalFailure::kInvalidVersion: return "invalid_version";
  }
  return "unknown";
}

std::string_view name(EncType type) {
  return type == EncType::kPreKeyMessage ? "pkmsg" : "msg";
}

std::optional<EncType> enc_type_from(std::string_view text) {
  for (const EncType type : {EncType::kPreKeyMessage, EncType::kMessage}) {
    if (text == name(type)) return type;
  }
  return std::nullopt;
}

SignalCipher::SignalCipher(SignalStore& store, IdentityPolicy policy)
    : library_(std::make_unique<SignalLibrary>(store, policy)) {}

SignalCipher::~SignalCipher() = default;

Decrypted SignalCipher::decrypt(const SignalAddress& sender, EncType type, BytesView ciphertext) {
  library_->store().require_transaction();
  library_->take_identity_changed();
  const signal_protocol_address address = borrowed(sender);
  const auto cipher = new_session_cipher(*library_, address);

  Savepoint savepoint(library_->store().database());
  Outcome outcome = type == EncType::kPreKeyMessage
                        ? decrypt_pre_key_message(*library_, cipher.get(), address, ciphertext)
                        : decrypt_message(*library_, cipher.get(), ciphertext);
  if (!outcome.failure && is_refused(*library_, sender)) {
    library_->note_identity_changed();
    outcome.failure = SignalFailure::kUntrustedIdentity;
  }
  Decrypted decrypted;
  decrypted.failure = outcome.failure;
  if (!outcome.failure) {
    decrypted.plaintext = copy_of(outcome.plaintext.get());
    savepoint.keep();
  }
  // Anyone can write another identity into a message that does not decrypt. So a change counts only
  // when the message decrypted, or when the policy refused the change itself.
  const bool changed = library_->take_identity_changed();
  decrypted.identity_changed =
      changed && (!outcome.failure || outcome.failure == SignalFailure::kUntrustedIdentity);
  return decrypted;
}

std::optional<Ciphertext> SignalCipher::encrypt(const SignalAddress& recipient,
                                                BytesView plaintext) {
  library_->store().require_transaction();
  if (!library_->store().has_session(recipient) || is_refused(*library_, recipient)) {
    return std::nullopt;
  }
  const signal_protocol_address address = borrowed(recipient);
  const auto cipher = new_session_cipher(*library_, address);

  Savepoint savepoint(library_->store().database());
  ciphertext_message* raw = nullptr;
  require_success(library_->run([&] {
    return session_cipher_encrypt(cipher.get(), plaintext.data(), plaintext.size(), &raw);
  }));
  const SignalRef<ciphertext_message> message(raw);
  Ciphertext ciphertext;
  ciphertext.type = ciphertext_message_get_type(message.get()) == CIPHERTEXT_PREKEY_TYPE
                        ? EncType::kPreKeyMessage
                        : EncType::kMessage;
  ciphertext.bytes = copy_of(ciphertext_message_get_serialized(message.get()));
  savepoint.keep();
  return ciphertext;
}

std::optional<SignalFailure> SignalCipher::process_bundle(const SignalAddress& peer,
                                                          const PreKeyBundle& bundle) {
  library_->store().require_transaction();
  const signal_protocol_address address = borrowed(peer);
  const auto identity = library_key(*library_, bundle.identity);
  const auto signed_pre_key = library_key(*library_, bundle.signed_pre_key.public_key);
  SignalRef<ec_public_key> pre_key;
  if (bundle.pre_key) pre_key = library_key(*library_, bundle.pre_key->public_key);

  int result = 0;
  const auto library_bundle = made_by<SignalRef<session_pre_key_bundle>>(
      result, session_pre_key_bundle_create, bundle.registration_id, int{peer.device},
      bundle.pre_key ? bundle.pre_key->id : 0, pre_key.get(), bundle.signed_pre_key.id,
      signed_pre_key.get(), bundle.signed_pre_key.signature.data(),
      bundle.signed_pre_key.signature.size(), identity.get());
  require_success(result);
  const auto builder = made_by<SessionBuilder>(
      result, session_builder_create, library_->store_context(), &address, library_->context());
  require_success(result);

  Savepoint savepoint(library_->store().database());
  result = library_->run(
      [&] { return session_builder_process_pre_key_bundle(builder.get(), library_bundle.get()); });
  if (result < 0) return failure_of(result);
  savepoint.keep();
  return std::nullopt;
}

void SignalCipher::skip_sending_keys(const SignalAddress& peer) {
  library_->store().require_transaction();
  if (!library_->store().has_session(peer)) return;
  // The same backup may be put back twice.
  const std::uint64_t count = kLeastSkipped + random_below(kLeastSkipped);
  const signal_protocol_address address = borrowed(peer);
  const auto record = load_record(*library_, address);
  skip_keys(session_record_get_state(record.get()), count);
  for (auto* node = session_record_get_previous_states_head(record.get()); node != nullptr;
       node = session_record_get_previous_states_next(node)) {
    skip_keys(session_record_get_previous_states_element(node), count);
  }
  require_success(library_->run([&] {
    return signal_protocol_session_store_session(library_->store_context(), &address, record.get());
  }));
}

std::optional<std::uint32_t> SignalCipher::remote_registration_id(const SignalAddress& peer) {
  if (!library_->store().has_session(peer)) return std::nullopt;
  const auto record = load_record(*library_, borrowed(peer));
  return session_state_get_remote_registration_id(session_record_get_state(record.get()));
}

std::optional<PublicKey> SignalCipher::session_base_key(const SignalAddress& peer) {
  if (!library_->store().has_session(peer)) return std::nullopt;
  const auto record = load_record(*library_, borrowed(peer));
  const ec_public_key* key =
      session_state_get_alice_base_key(session_record_get_state(record.get()));
  if (key == nullptr) return std::nullopt;
  return public_key_of(key);
}

}  // namespace wasync
