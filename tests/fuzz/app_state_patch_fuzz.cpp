// Whatever comes as app state: what does not add up is refused with Error(kProtocol); what does is
// opened whole, and means something or nothing to an inbox, without failing.
//
// The first byte says what follows: 0 a snapshot, 1 a patch, as they come; 2 and 3 the same with
// their values unsealed: those are sealed here, so that what stands behind the MACs is reached.
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/crypto.h"
#include "base/error.h"
#include "base/sqlite.h"
#include "inbox/account.h"
#include "inbox/schema.h"
#include "inbox/store.h"
#include "proto/app_state.pb.h"
#include "session/app_state/action.h"
#include "session/app_state/keys.h"
#include "session/app_state/patch.h"

using namespace wasync;

namespace {

constexpr std::string_view kCollection = "regular_low";
constexpr std::uint64_t kNow = 1'760'000'000;

const Bytes& key() {
  static const Bytes key(32, 7);
  return key;
}

void require(bool ok) {
  if (!ok) std::abort();
}

Bytes big_endian(std::uint64_t value) {
  Bytes bytes;
  append_big_endian(bytes, value, 8);
  return bytes;
}

std::string text(BytesView bytes) {
  return std::string(as_text(bytes));
}

// Does what the phone does, for values of any content.
class Sealing {
 public:
  void seal(pb::SyncdRecord& record, bool removed) {
    const std::string plain = record.value().blob();
    pb::SyncActionData data;
    opens_ = data.ParseFromString(plain) && data.index().size() <= 8'192 && opens_;
    record.mutable_key_id()->set_id("key");
    const Bytes iv(16, 1);
    Bytes sealed = concat({iv, aes_cbc_encrypt(keys_.value_encryption, iv, as_bytes(plain))});
    const Bytes covered =
        concat({Bytes{static_cast<std::uint8_t>(removed ? 2 : 1)}, as_bytes("key")});
    const auto mac =
        hmac_sha512(keys_.value_mac, concat({covered, sealed, big_endian(covered.size())}));
    const BytesView value_mac = BytesView(mac).first(32);
    append(sealed, value_mac);
    append(value_macs_, value_mac);
    record.mutable_value()->set_blob(text(sealed));
    const std::string index_mac = text(hmac_sha256(keys_.index, as_bytes(data.index())));
    record.mutable_index()->set_blob(index_mac);
    if (const auto before = in_force_.find(index_mac); before != in_force_.end()) {
      hash_.subtract(before->second);
      in_force_.erase(before);
    }
    if (removed) return;
    hash_.add(value_mac);
    in_force_[index_mac] = to_bytes(value_mac);
  }
  std::string state_mac(std::uint64_t version) const {
    return text(hmac_sha256(keys_.snapshot_mac,
                            concat({hash_.bytes(), big_endian(version), as_bytes(kCollection)})));
  }
  std::string patch_mac(std::uint64_t version) const {
    return text(hmac_sha256(keys_.patch_mac, concat({as_bytes(state_mac(version)), value_macs_,
                                                     big_endian(version), as_bytes(kCollection)})));
  }
  bool opens() const { return opens_; }

 private:
  const MutationKeys keys_ = MutationKeys::derive(key());
  LtHash hash_;
  Bytes value_macs_;
  std::map<std::string, Bytes> in_force_;
  bool opens_ = true;
};

// Both return whether it must open.
bool seal(pb::SyncdSnapshot& snapshot) {
  Sealing sealing;
  for (auto& record : *snapshot.mutable_records()) sealing.seal(record, false);
  snapshot.mutable_version()->set_version(1 + snapshot.version().version() % 1'000);
  snapshot.mutable_key_id()->set_id("key");
  snapshot.set_mac(sealing.state_mac(snapshot.version().version()));
  return sealing.opens();
}

bool seal(pb::SyncdPatch& patch) {
  Sealing sealing;
  for (auto& mutation : *patch.mutable_mutations()) {
    sealing.seal(*mutation.mutable_record(),
                 mutation.operation() == pb::SyncdMutation::OPERATION_REMOVE);
  }
  patch.mutable_version()->set_version(1 + patch.version().version() % 1'000);
  patch.mutable_key_id()->set_id("key");
  patch.set_snapshot_mac(sealing.state_mac(patch.version().version()));
  patch.set_patch_mac(sealing.patch_mac(patch.version().version()));
  return sealing.opens();
}

// Every key that is named at all is ours.
std::optional<Bytes> load(BytesView id) {
  return id.empty() ? std::nullopt : std::optional(key());
}

Opened open(const pb::SyncdSnapshot& snapshot) {
  KeyRing keys(load);
  return open_snapshot(kCollection, snapshot, keys);
}

Opened open(const pb::SyncdPatch& patch) {
  KeyRing keys(load);
  return open_patch(
      kCollection, patch, {}, [](BytesView) { return std::nullopt; }, keys);
}

struct Scratch {
  std::filesystem::path path;
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "app-state-XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

Database& inbox_database() {
  static const Scratch scratch;
  static Database database(scratch.path / "wa-sync.db");
  static const bool made = [] {
    migrate_inbox(database);
    Transaction transaction(database, "fuzz");
    put_account(database, {.id = account_id_for("+40700000001"), .phone = "+40700000001"});
    transaction.commit();
    return true;
  }();
  require(made);
  return database;
}

// The transaction is never committed: each input meets the same inbox.
void apply(const std::vector<Mutation>& mutations) {
  Database& database = inbox_database();
  const Transaction transaction(database, "fuzz");
  InboxWriter inbox(database, {kNow});
  for (const Mutation& mutation : mutations) apply_mutation(mutation, inbox, database);
  inbox.flush();
}

template <typename Part>
void check(BytesView bytes, bool to_be_sealed) {
  Part part;
  if (!part.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  const bool must_open = to_be_sealed && seal(part);
  Opened opened;
  try {
    opened = open(part);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::kProtocol && !must_open);
    return;
  }
  require(opened.state.version > 0);
  apply(opened.mutations);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView rest(data + 1, size - 1);
  const bool to_be_sealed = (data[0] & 2) != 0;
  if ((data[0] & 1) == 0) {
    check<pb::SyncdSnapshot>(rest, to_be_sealed);
  } else {
    check<pb::SyncdPatch>(rest, to_be_sealed);
  }
  return 0;
}
