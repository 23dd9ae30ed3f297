#include "sim/app_state.h"

#include <openssl/hmac.h>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/curve25519.h"
#include "base/error.h"
#include "proto/app_state.pb.h"
#include "sim/dataset.h"

namespace wasync::sim {
namespace {

constexpr std::size_t kMacLength = 32;

// HMAC-SHA-512, cut to 32 bytes: only the MACs of values are made so.
Bytes value_mac_of(BytesView key, BytesView data) {
  Bytes mac(EVP_MAX_MD_SIZE);
  unsigned length = 0;
  if (HMAC(EVP_sha512(), key.data(), static_cast<int>(key.size()), data.data(), data.size(),
           mac.data(), &length) == nullptr)
    throw Error(ErrorCode::kCrypto, "HMAC failed");
  mac.resize(kMacLength);
  return mac;
}

Bytes big_endian(std::uint64_t value) {
  Bytes bytes;
  append_big_endian(bytes, value, 8);
  return bytes;
}

Bytes copy_of(const Digest256& digest) {
  return {digest.begin(), digest.end()};
}

void combine(std::array<std::uint8_t, 128>& words, BytesView value_mac, bool subtract) {
  const Bytes expanded = hkdf_sha256(value_mac, {}, as_bytes("WhatsApp Patch Integrity"), 128);
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const unsigned ours = words[i] | (static_cast<unsigned>(words[i + 1]) << 8);
    const unsigned theirs = expanded[i] | (static_cast<unsigned>(expanded[i + 1]) << 8);
    const unsigned sum = subtract ? ours - theirs : ours + theirs;
    words[i] = static_cast<std::uint8_t>(sum & 0xFF);
    words[i + 1] = static_cast<std::uint8_t>((sum >> 8) & 0xFF);
  }
}

BytesView mac_at_end(BytesView blob) {
  return blob.subspan(blob.size() - kMacLength);
}

}  // namespace

AppStateKeys AppStateKeys::expand(BytesView key_data) {
  const Bytes all = hkdf_sha256(key_data, {}, as_bytes("WhatsApp Mutation Keys"), 160);
  const auto part = [&](std::size_t i) { return to_bytes(BytesView(all).subspan(i * 32, 32)); };
  return {part(0), part(1), part(2), part(3), part(4)};
}

void LtHash::add(BytesView value_mac) {
  combine(words_, value_mac, false);
}

void LtHash::subtract(BytesView value_mac) {
  combine(words_, value_mac, true);
}

AppState::AppState()
    : key_id_(concat({Bytes{0, 0}, random_bytes(4)})),
      key_data_(random_bytes(32)),
      keys_(AppStateKeys::expand(key_data_)) {}

pb::SyncdMutation AppState::seal_change(Collection& collection, const AppStateChange& change) {
  const std::string index =
      nlohmann::json(change.index).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const bool set = !change.value.empty();
  const auto operation =
      set ? pb::SyncdMutation::OPERATION_SET : pb::SyncdMutation::OPERATION_REMOVE;
  pb::SyncActionData data;
  data.set_index(index);
  data.mutable_value()->ParseFromString(to_string(change.value));
  data.set_padding("");
  data.set_version(change.version);

  const Bytes iv = random_bytes(16);
  Bytes sealed =
      concat({iv, aes_cbc_encrypt(keys_.value_encryption, iv, as_bytes(data.SerializeAsString()))});
  // The MAC covers the operation and the key's id, and ends with their length.
  const Bytes associated = concat({Bytes{static_cast<std::uint8_t>(set ? 1 : 2)}, key_id_});
  append(sealed, value_mac_of(keys_.value_mac,
                              concat({associated, sealed, big_endian(associated.size())})));
  const Bytes index_mac = copy_of(hmac_sha256(keys_.index, as_bytes(index)));

  const auto previous = collection.records.find(index_mac);
  if (previous != collection.records.end()) {
    collection.hash.subtract(mac_at_end(previous->second.value_blob));
    collection.records.erase(previous);
  }
  if (set) {
    collection.hash.add(mac_at_end(sealed));
    collection.records.emplace(index_mac,
                               Record{index_mac, sealed, to_bytes(data.SerializeAsString())});
  }
  pb::SyncdMutation mutation;
  mutation.set_operation(operation);
  mutation.mutable_record()->mutable_index()->set_blob(to_string(index_mac));
  mutation.mutable_record()->mutable_value()->set_blob(to_string(sealed));
  mutation.mutable_record()->mutable_key_id()->set_id(to_string(key_id_));
  return mutation;
}

Bytes AppState::snapshot_mac(const std::string& name, const Collection& collection) const {
  return copy_of(hmac_sha256(
      keys_.snapshot_mac,
      concat({collection.hash.bytes(), big_endian(collection.version), as_bytes(name)})));
}

void AppState::apply(const std::string& name, const std::vector<AppStateChange>& changes) {
  Collection& collection = collections_[name];
  ++collection.version;
  pb::SyncdPatch patch;
  Bytes macs;
  for (const AppStateChange& change : changes) {
    pb::SyncdMutation mutation = seal_change(collection, change);
    append(macs, mac_at_end(as_bytes(mutation.record().value().blob())));
    *patch.add_mutations() = std::move(mutation);
  }
  const Bytes snapshot = snapshot_mac(name, collection);
  const Digest256 patch_mac = hmac_sha256(
      keys_.patch_mac, concat({snapshot, macs, big_endian(collection.version), as_bytes(name)}));
  patch.mutable_version()->set_version(collection.version);
  patch.set_snapshot_mac(to_string(snapshot));
  patch.set_patch_mac(std::string(as_text(patch_mac)));
  patch.mutable_key_id()->set_id(to_string(key_id_));
  collection.patches.push_back(to_bytes(patch.SerializeAsString()));
}

std::uint64_t AppState::version(const std::string& name) const {
  const auto found = collections_.find(name);
  return found == collections_.end() ? 0 : found->second.version;
}

std::vector<Bytes> AppState::patches_after(const std::string& name, std::uint64_t version) const {
  const auto found = collections_.find(name);
  if (found == collections_.end() || version >= found->second.patches.size()) return {};
  const auto& patches = found->second.patches;
  return {patches.begin() + static_cast<std::ptrdiff_t>(version), patches.end()};
}

Bytes AppState::snapshot(const std::string& name) const {
  const Collection& collection = collections_.at(name);
  pb::SyncdSnapshot snapshot;
  snapshot.mutable_version()->set_version(collection.version);
  for (const auto& [index_mac, record] : collection.records) {
    pb::SyncdRecord* entry = snapshot.add_records();
    entry->mutable_index()->set_blob(to_string(record.index_mac));
    entry->mutable_value()->set_blob(to_string(record.value_blob));
    entry->mutable_key_id()->set_id(to_string(key_id_));
  }
  snapshot.set_mac(to_string(snapshot_mac(name, collection)));
  snapshot.mutable_key_id()->set_id(to_string(key_id_));
  return to_bytes(snapshot.SerializeAsString());
}

Bytes AppState::open_copy(const std::string& name) const {
  const auto found = collections_.find(name);
  if (found == collections_.end()) return {};
  const Collection& collection = found->second;
  pb::SyncdSnapshotRecovery copy;
  copy.set_collection_name(name);
  copy.mutable_version()->set_version(collection.version);
  copy.set_collection_lthash(to_string(BytesView(collection.hash.bytes())));
  for (const auto& [index_mac, record] : collection.records) {
    auto* entry = copy.add_mutation_records();
    entry->mutable_value()->ParseFromString(to_string(record.action));
    entry->set_key_id(to_string(key_id_));
    entry->set_mac(to_string(mac_at_end(record.value_blob)));
  }
  return to_bytes(copy.SerializeAsString());
}

}  // namespace wasync::sim
