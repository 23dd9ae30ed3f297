#include "session/app_state/patch.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/crypto.h"
#include "base/error.h"
#include "session/app_state/keys.h"

namespace wasync {
namespace {

constexpr std::size_t kMacSize = 32;
constexpr std::size_t kIvSize = 16;
constexpr std::size_t kMaxIndexSize = 8'192;
constexpr int kMostMutations = 500'000;
constexpr std::uint64_t kMaxVersion = std::uint64_t{1} << 53;

[[noreturn]] void fail(std::string_view collection, const std::string& what) {
  throw Error(ErrorCode::kProtocol, "app state " + std::string(collection) + ": " + what);
}

Bytes big_endian(std::uint64_t value) {
  Bytes bytes;
  append_big_endian(bytes, value, 8);
  return bytes;
}

// One part's way from sealed records to mutations, with the hash kept up as it goes.
class Opening {
 public:
  Opening(std::string_view collection, const CollectionState& before, ValueMacBefore value_before,
          KeyRing& keys)
      : collection_(collection), value_before_(std::move(value_before)), keys_(keys) {
    opened_.state.hash = before.hash;
  }

  void set_version(std::uint64_t version) {
    if (version == 0 || version > kMaxVersion) fail(collection_, "an impossible version");
    opened_.state.version = version;
  }
  void check_count(int count) const {
    if (count > kMostMutations) fail(collection_, "more entries than allowed");
  }
  const MutationKeys& key(const std::string& id) {
    const MutationKeys* found = keys_.find(as_bytes(id));
    if (found == nullptr) fail(collection_, "sealed with a key that we do not have");
    return *found;
  }

  void add(const pb::SyncdRecord& record, bool removed);
  void check_state(const MutationKeys& main, const std::string& mac) const;
  void check_patch(const MutationKeys& main, const pb::SyncdPatch& patch) const;
  Opened take() { return std::move(opened_); }

 private:
  void decrypt(const pb::SyncdRecord& record, Mutation& mutation);
  void update_hash(const Mutation& mutation);

  std::string_view collection_;
  ValueMacBefore value_before_;
  KeyRing& keys_;
  Opened opened_;
  // What this part has done to an index so far; an empty MAC: removed.
  std::map<Bytes, Bytes> changed_;
};

void Opening::add(const pb::SyncdRecord& record, bool removed) {
  Mutation mutation{.removed = removed, .index_mac = to_bytes(record.index().blob())};
  decrypt(record, mutation);
  update_hash(mutation);
  opened_.mutations.push_back(std::move(mutation));
}

void Opening::decrypt(const pb::SyncdRecord& record, Mutation& mutation) {
  const BytesView blob = as_bytes(record.value().blob());
  if (mutation.index_mac.size() != kMacSize || blob.size() < kIvSize + kMacSize) {
    fail(collection_, "a malformed entry");
  }
  const BytesView sealed = blob.first(blob.size() - kMacSize);
  mutation.value_mac = to_bytes(blob.last(kMacSize));
  const MutationKeys& keys = key(record.key_id().id());

  // What is authenticated beside the value comes first, its length last.
  Bytes covered{static_cast<std::uint8_t>(mutation.removed ? 2 : 1)};
  append(covered, as_bytes(record.key_id().id()));
  const Bytes length = big_endian(covered.size());
  append(covered, sealed);
  append(covered, length);
  const auto mac = hmac_sha512(keys.value_mac, covered);
  if (!equal_constant_time(BytesView(mac).first(kMacSize), mutation.value_mac)) {
    fail(collection_, "the MAC of a value is wrong");
  }
  const auto plain =
      aes_cbc_decrypt(keys.value_encryption, sealed.first(kIvSize), sealed.subspan(kIvSize));
  pb::SyncActionData data;
  if (!plain || !data.ParseFromArray(plain->data(), static_cast<int>(plain->size()))) {
    fail(collection_, "a value is malformed");
  }
  if (!equal_constant_time(hmac_sha256(keys.index, as_bytes(data.index())), mutation.index_mac)) {
    fail(collection_, "the MAC of an index is wrong");
  }
  if (data.index().size() > kMaxIndexSize) fail(collection_, "an index is larger than allowed");
  mutation.index = data.index();
  mutation.value = std::move(*data.mutable_value());
}

void Opening::update_hash(const Mutation& mutation) {
  LtHash& hash = opened_.state.hash;
  const auto [place, first_change] = changed_.try_emplace(mutation.index_mac);
  if (first_change) place->second = value_before_(mutation.index_mac).value_or(Bytes{});
  if (!place->second.empty()) hash.subtract(place->second);
  if (!mutation.removed) hash.add(mutation.value_mac);
  place->second = mutation.removed ? Bytes{} : mutation.value_mac;
}

void Opening::check_state(const MutationKeys& main, const std::string& mac) const {
  const Digest256 expected = hmac_sha256(
      main.snapshot_mac, concat({opened_.state.hash.bytes(), big_endian(opened_.state.version),
                                 as_bytes(collection_)}));
  if (!equal_constant_time(expected, as_bytes(mac))) {
    fail(collection_, "what we have does not add up to the state's MAC");
  }
}

void Opening::check_patch(const MutationKeys& main, const pb::SyncdPatch& patch) const {
  HmacSha256Stream mac(main.patch_mac);
  mac.update(as_bytes(patch.snapshot_mac()));
  for (const Mutation& mutation : opened_.mutations) mac.update(mutation.value_mac);
  mac.update(big_endian(opened_.state.version));
  mac.update(as_bytes(collection_));
  if (!equal_constant_time(mac.finish(), as_bytes(patch.patch_mac()))) {
    fail(collection_, "the MAC of a patch is wrong");
  }
}

std::vector<Bytes> as_list(const std::set<std::string>& ids) {
  std::vector<Bytes> list;
  list.reserve(ids.size());
  for (const std::string& id : ids) list.push_back(to_bytes(id));
  return list;
}

}  // namespace

std::vector<Bytes> key_ids(const pb::SyncdSnapshot& snapshot) {
  std::set<std::string> ids{snapshot.key_id().id()};
  for (const auto& record : snapshot.records()) ids.insert(record.key_id().id());
  return as_list(ids);
}

std::vector<Bytes> key_ids(const pb::SyncdPatch& patch) {
  std::set<std::string> ids{patch.key_id().id()};
  for (const auto& mutation : patch.mutations()) ids.insert(mutation.record().key_id().id());
  return as_list(ids);
}

std::uint64_t version_after(const pb::SyncdPatch& patch, const CollectionState& before) {
  return patch.version().has_version() ? patch.version().version() : before.version + 1;
}

Opened open_snapshot(std::string_view collection, const pb::SyncdSnapshot& snapshot,
                     KeyRing& keys) {
  Opening opening(
      collection, {}, [](BytesView) { return std::nullopt; }, keys);
  opening.set_version(snapshot.version().version());
  opening.check_count(snapshot.records_size());
  for (const auto& record : snapshot.records()) opening.add(record, false);
  opening.check_state(opening.key(snapshot.key_id().id()), snapshot.mac());
  return opening.take();
}

Opened open_patch(std::string_view collection, const pb::SyncdPatch& patch,
                  const CollectionState& before, const ValueMacBefore& value_mac_before,
                  KeyRing& keys) {
  Opening opening(collection, before, value_mac_before, keys);
  const std::uint64_t version = version_after(patch, before);
  opening.set_version(version);
  if (version <= before.version) fail(collection, "a patch that leads backwards");
  opening.check_count(patch.mutations_size());
  for (const auto& mutation : patch.mutations()) {
    opening.add(mutation.record(), mutation.operation() == pb::SyncdMutation::OPERATION_REMOVE);
  }
  const MutationKeys& main = opening.key(patch.key_id().id());
  opening.check_patch(main, patch);
  opening.check_state(main, patch.snapshot_mac());
  return opening.take();
}

}  // namespace wasync
