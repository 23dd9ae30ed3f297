#include "sim/signal_party.h"

#include "base/error.h"
#include "signal/padding.h"

namespace wasync::sim {
namespace {

std::optional<Bytes> unpadded(const Decrypted& decrypted, std::string& failure) {
  if (!decrypted) {
    failure = decrypted.failure ? std::string(name(*decrypted.failure)) : "unknown";
    return std::nullopt;
  }
  const auto message = unpad(*decrypted.plaintext);
  if (message) return to_bytes(*message);
  failure = "bad padding";
  return std::nullopt;
}

}  // namespace

SignalParty::SignalParty(const std::filesystem::path& file, const KeyPair& identity)
    : identity_(identity), database_(file), store_(database_), cipher_(store_) {
  // Nothing here outlives the process.
  database_.execute("PRAGMA synchronous = OFF");
  Transaction transaction(database_, "test");
  store_.create_local_identity(identity);
  transaction.commit();
}

bool SignalParty::has_session(const Jid& device) const {
  return store_.has_session(SignalAddress::from(device));
}

void SignalParty::begin_session(const Jid& device, const PreKeyBundle& bundle) {
  Transaction transaction(database_, "test");
  if (const auto failure = cipher_.process_bundle(SignalAddress::from(device), bundle))
    throw Error(ErrorCode::kProtocol,
                "no session with the companion: " + std::string(name(*failure)));
  transaction.commit();
}

void SignalParty::forget_session(const Jid& device) {
  Transaction transaction(database_, "test");
  store_.delete_session(SignalAddress::from(device));
  transaction.commit();
}

Ciphertext SignalParty::encrypt_in_session(const Jid& device, BytesView message) {
  Transaction transaction(database_, "test");
  const Bytes padded = pad(message);
  auto ciphertext = cipher_.encrypt(SignalAddress::from(device), padded);
  if (!ciphertext) throw Error(ErrorCode::kInternal, "no session with the companion");
  transaction.commit();
  return std::move(*ciphertext);
}

std::optional<Bytes> SignalParty::decrypt(const Jid& device, EncType type, BytesView ciphertext,
                                          std::string& failure) {
  Transaction transaction(database_, "test");
  const Decrypted decrypted = cipher_.decrypt(SignalAddress::from(device), type, ciphertext);
  if (decrypted) transaction.commit();
  return unpadded(decrypted, failure);
}

std::optional<Bytes> SignalParty::group_decrypt(const Jid& group, const Jid& sender,
                                                BytesView ciphertext, std::string& failure) {
  Transaction transaction(database_, "test");
  const Decrypted decrypted = cipher_.group_decrypt(group, SignalAddress::from(sender), ciphertext);
  if (decrypted) transaction.commit();
  return unpadded(decrypted, failure);
}

void SignalParty::process_sender_key(const Jid& group, const Jid& sender, BytesView distribution) {
  Transaction transaction(database_, "test");
  if (const auto failure =
          cipher_.process_sender_key_distribution(group, SignalAddress::from(sender), distribution))
    throw Error(ErrorCode::kProtocol, "the sender key is unusable: " + std::string(name(*failure)));
  transaction.commit();
}

PreKeyBundle SignalParty::bundle() {
  Transaction transaction(database_, "test");
  PreKeyBundle bundle;
  bundle.registration_id = store_.local_identity().registration_id;
  bundle.identity = identity_.public_key;
  bundle.signed_pre_key = store_.signed_pre_key();
  bundle.pre_key = store_.pre_key_for_peer();
  transaction.commit();
  return bundle;
}

Bytes SignalParty::sender_key_distribution(const Jid& group, const Jid& own) {
  Transaction transaction(database_, "test");
  Bytes bytes = cipher_.create_sender_key_distribution(group, SignalAddress::from(own));
  transaction.commit();
  return bytes;
}

Bytes SignalParty::group_encrypt(const Jid& group, const Jid& own, BytesView message) {
  Transaction transaction(database_, "test");
  const Bytes padded = pad(message);
  auto bytes = cipher_.group_encrypt(group, SignalAddress::from(own), padded);
  if (!bytes) throw Error(ErrorCode::kInternal, "no sender key");
  transaction.commit();
  return std::move(*bytes);
}

}  // namespace wasync::sim
