// A linked account in a real file, and people who write to it.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/sqlite.h"
#include "inbox/account.h"
#include "inbox/schema.h"
#include "inbox/store.h"
#include "proto/adv.pb.h"
#include "proto/message.pb.h"
#include "scratch_dir.h"
#include "session/device/device.h"
#include "session/device/schema.h"
#include "session/receive/message_stanza.h"
#include "signal/cipher.h"
#include "signal/padding.h"
#include "signal/schema.h"
#include "unit/signal/device.h"
#include "wire/node.h"

namespace wasync::test {

inline Jid jid(std::string_view text) {
  const auto parsed = Jid::parse(text);
  REQUIRE(parsed);
  return *parsed;
}

inline constexpr std::string_view kOwnPhone = "40700000001@s.whatsapp.net";
inline constexpr std::string_view kOwnLid = "9001@lid";
// Somebody who writes to it.
inline constexpr std::string_view kAna = "40722000000@s.whatsapp.net";
inline constexpr std::string_view kAnaLid = "555@lid";

struct LinkedAccount {
  ScratchDir scratch;
  std::filesystem::path file = scratch.path() / "wa-sync.db";
  Database db{file};
  SignalStore store{db};
  DeviceKeys keys = DeviceKeys::generate();
  wasync::Device device{.noise = keys.noise,
                        .jid = jid("40700000001:7@s.whatsapp.net"),
                        .lid = jid("9001:7@lid"),
                        .platform = "android",
                        .signed_identity = {1, 2, 3},
                        .paired_at = {1'700'000'000},
                        .full_history_requested = true};

  LinkedAccount() {
    migrate_inbox(db);
    migrate(db, signal_tables());
    migrate(db, session_tables());
    Transaction transaction(db, "test");
    replace_device(store, device, keys);
    put_account(db, {.id = account_id_for("+40700000001"),
                     .phone = "+40700000001",
                     .jid = device.jid,
                     .lid = device.lid,
                     .status = AccountStatus::kConnecting});
    transaction.commit();
  }

  // The phone that vouched for us has this identity.
  void is_signed_by(const PublicKey& phone) {
    pb::SignedDeviceIdentity identity;
    identity.set_account_signature_key(to_string(BytesView(phone)));
    device.signed_identity = to_bytes(identity.SerializeAsString());
  }
  PreKeyBundle bundle() {
    Transaction transaction(db, "test");
    const LocalIdentity local = store.local_identity();
    const auto one_time = store.generate_pre_keys(1);
    transaction.commit();
    return {.registration_id = local.registration_id,
            .identity = local.key.public_key,
            .signed_pre_key = store.signed_pre_key(),
            .pre_key = one_time[0]};
  }
  std::int64_t number(std::string_view static_sql) {
    auto query = db.prepare(static_sql);
    REQUIRE(query.step());
    return query.integer(0);
  }
  // Everything Signal remembers, to see that nothing changed.
  std::string signal_state() {
    std::string all;
    for (const char* query :
         {"SELECT name || device || quote(record) FROM signal_sessions ORDER BY 1",
          "SELECT group_id || name || device || quote(record) FROM signal_sender_keys ORDER BY 1",
          "SELECT name || device || quote(public_key) FROM signal_identities ORDER BY 1",
          "SELECT id || quote(private_key) || state FROM signal_pre_keys ORDER BY 1"}) {
      auto row = db.prepare(query);
      while (row.step()) all.append(row.text_view(0)).append("\n");
    }
    return all;
  }
};

// Takes in one message at a time, as StanzaReceiver does bursts.
struct Receiver {
  LinkedAccount& account;
  MessageCounts counts{};

  StanzaOutcome receive(const Node& stanza) {
    StanzaGroup group(account.store, account.device);
    take_message(stanza, group, counts);
    group.commit();
    return std::move(group.outcome);
  }
};

inline pb::Message text_message(const std::string& text) {
  pb::Message message;
  message.set_conversation(text);
  return message;
}

// A device that writes to the account.
class Writer {
 public:
  explicit Writer(LinkedAccount& account) : account_(account) {}

  // <enc> of a pairwise message; the first one begins the session.
  Node enc(const pb::Message& content) { return enc_bytes(content.SerializeAsString()); }
  Node enc_bytes(const std::string& content) {
    if (!session_) begin_session();
    Transaction transaction(*self_.database, "test");
    const auto sealed = self_.cipher->encrypt(account_address(), pad(as_bytes(content)));
    REQUIRE(sealed);
    transaction.commit();
    return Node("enc", {{"type", std::string(name(sealed->type))}, {"v", "2"}}, sealed->bytes);
  }
  void begin_session() {
    const PreKeyBundle bundle = account_.bundle();
    Transaction transaction(*self_.database, "test");
    REQUIRE_FALSE(self_.cipher->process_bundle(account_address(), bundle));
    transaction.commit();
    session_ = true;
  }

  // What lets the account read this device's messages to the group.
  pb::Message sender_key(const Jid& group) {
    Transaction transaction(*self_.database, "test");
    const Bytes distribution = self_.cipher->create_sender_key_distribution(group, self_.address);
    transaction.commit();
    pb::Message message;
    auto& key = *message.mutable_sender_key_distribution_message();
    key.set_group_id(group.to_string());
    key.set_axolotl_sender_key_distribution_message(to_string(BytesView(distribution)));
    return message;
  }
  Node group_enc(const Jid& group, const pb::Message& content) {
    Transaction transaction(*self_.database, "test");
    const auto sealed = self_.cipher->group_encrypt(group, self_.address,
                                                    pad(as_bytes(content.SerializeAsString())));
    REQUIRE(sealed);
    transaction.commit();
    return Node("enc", {{"type", "skmsg"}, {"v", "2"}}, *sealed);
  }
  PublicKey identity() const { return self_.store->local_identity().key.public_key; }

 private:
  static SignalAddress account_address() { return {.name = "account", .device = 7}; }

  LinkedAccount& account_;
  Device self_{"writer"};
  bool session_ = false;
};

inline Node message_stanza(std::string id, Node::Attributes attributes, std::vector<Node> parts) {
  Node stanza("message", std::move(attributes), std::move(parts));
  stanza.set("id", std::move(id));
  if (!stanza.has("t")) stanza.set("t", std::string("1700000000"));
  return stanza;
}

}  // namespace wasync::test
