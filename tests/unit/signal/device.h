// A device of its own for Signal's tests: a real SQLite file in a scratch directory.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/bytes.h"
#include "base/sqlite.h"
#include "scratch_dir.h"
#include "signal/cipher.h"
#include "signal/store.h"

namespace wasync::test {

struct Device {
  ScratchDir directory;
  SignalAddress address;
  std::unique_ptr<Database> database;
  std::unique_ptr<SignalStore> store;
  std::unique_ptr<SignalCipher> cipher;

  explicit Device(const std::string& user, IdentityPolicy policy = IdentityPolicy::kAcceptChanges)
      : address{.name = user, .device = 0} {
    open(policy);
    Transaction transaction(*database, "test");
    store->create_local_identity();
    transaction.commit();
  }

  void open(IdentityPolicy policy = IdentityPolicy::kAcceptChanges) {
    cipher.reset();
    store.reset();
    database.reset();
    database = std::make_unique<Database>(directory.path() / "device.db");
    store = std::make_unique<SignalStore>(*database);
    cipher = std::make_unique<SignalCipher>(*store, policy);
  }

  // What the server would hand out, with one fresh one-time pre-key.
  PreKeyBundle bundle(bool with_pre_key = true) {
    Transaction transaction(*database, "test");
    const LocalIdentity local = store->local_identity();
    PreKeyBundle bundle{.registration_id = local.registration_id,
                        .identity = local.key.public_key,
                        .signed_pre_key = store->signed_pre_key(),
                        .pre_key = {}};
    if (with_pre_key) {
      const auto keys = store->generate_pre_keys(1);
      store->mark_uploaded(keys);
      bundle.pre_key = keys[0];
    }
    transaction.commit();
    return bundle;
  }

  void begin_session_with(Device& peer, bool with_pre_key = true) {
    const PreKeyBundle peer_bundle = peer.bundle(with_pre_key);
    Transaction transaction(*database, "test");
    if (cipher->process_bundle(peer.address, peer_bundle)) throw std::runtime_error("bundle");
    transaction.commit();
  }

  Ciphertext encrypt(const Device& to, std::string_view text) {
    Transaction transaction(*database, "test");
    auto ciphertext = cipher->encrypt(to.address, as_bytes(text));
    if (!ciphertext) throw std::runtime_error("no session");
    transaction.commit();
    return *ciphertext;
  }

  // Commits whatever the outcome, so that a failure which wrote something would show.
  Decrypted decrypt(const Device& from, const Ciphertext& ciphertext) {
    Transaction transaction(*database, "test");
    auto decrypted = cipher->decrypt(from.address, ciphertext.type, ciphertext.bytes);
    transaction.commit();
    return decrypted;
  }

  // The text, or "!" and the failure's name.
  std::string read(const Device& from, const Ciphertext& ciphertext) {
    return text_of(decrypt(from, ciphertext));
  }

  static std::string text_of(const Decrypted& decrypted) {
    if (decrypted) return to_string(*decrypted.plaintext);
    return "!" + std::string(name(decrypted.failure.value()));
  }

  // Every row of Signal's tables, to see that nothing changed.
  std::string contents() {
    std::string all;
    for (const char* query :
         {"SELECT quote(private_key) || next_pre_key_id || signed_pre_key_id FROM signal_local",
          "SELECT id || quote(private_key) || state FROM signal_pre_keys ORDER BY id",
          "SELECT id || quote(private_key) FROM signal_signed_pre_keys ORDER BY id",
          "SELECT name || device || quote(public_key) || changes FROM signal_identities ORDER BY 1",
          "SELECT name || device || quote(record) FROM signal_sessions ORDER BY 1",
          "SELECT group_id || name || device || quote(record) FROM signal_sender_keys ORDER BY "
          "1"}) {
      auto row = database->prepare(query);
      while (row.step()) all.append(row.text_view(0)).append("\n");
    }
    return all;
  }
};

}  // namespace wasync::test
