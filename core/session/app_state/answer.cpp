#include "session/app_state/answer.h"

#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/sqlite.h"
#include "inbox/store.h"
#include "session/app_state/action.h"
#include "session/app_state/keys.h"

namespace wasync {
namespace {

// More than any server gives at once.
constexpr std::size_t kMostPatches = 10'000;

template <typename Message>
Message parse_as(BytesView bytes, const char* what) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw Error(ErrorCode::kProtocol, std::string("app state: ") + what + " is malformed");
  }
  return message;
}

class Intake {
 public:
  Intake(Database& database, std::string_view name) : database_(database), name_(name) {}

  // False: keys are missing.
  bool snapshot(const pb::SyncdSnapshot& snapshot);
  bool patch(const pb::SyncdPatch& patch, bool from_scratch);
  TakenIn result() { return std::move(result_); }

 private:
  bool has_keys(const std::vector<Bytes>& ids);
  void apply(InboxWriter& inbox, const Mutation& mutation);

  Database& database_;
  std::string_view name_;
  KeyRing keys_{database_};
  TakenIn result_;
};

bool Intake::has_keys(const std::vector<Bytes>& ids) {
  for (const Bytes& id : ids) {
    if (keys_.find(id) == nullptr) result_.missing_keys.push_back(id);
  }
  return result_.missing_keys.empty();
}

void Intake::apply(InboxWriter& inbox, const Mutation& mutation) {
  ++(apply_mutation(mutation, inbox, database_) ? result_.applied : result_.ignored);
}

bool Intake::snapshot(const pb::SyncdSnapshot& snapshot) {
  if (!has_keys(key_ids(snapshot))) return false;
  const Opened opened = open_snapshot(name_, snapshot, keys_);
  Transaction transaction(database_, "app state");
  InboxWriter inbox(database_);
  const Replaced replaced = replace_collection(database_, name_, opened, inbox);
  result_.applied += replaced.applied;
  result_.ignored += replaced.ignored;
  inbox.flush();
  transaction.commit();
  return true;
}

bool Intake::patch(const pb::SyncdPatch& patch, bool from_scratch) {
  const CollectionState before = from_scratch ? CollectionState{} : state_of(database_, name_);
  if (!from_scratch && version_after(patch, before) <= before.version) return true;
  if (!has_keys(key_ids(patch))) return false;
  const auto before_patch = [&](BytesView index_mac) {
    return from_scratch ? std::nullopt : value_mac(database_, name_, index_mac);
  };
  const Opened opened = open_patch(name_, patch, before, before_patch, keys_);
  Transaction transaction(database_, "app state");
  InboxWriter inbox(database_);
  if (from_scratch) erase_value_macs(database_, name_);
  for (const Mutation& mutation : opened.mutations) {
    if (mutation.removed) {
      erase_value_mac(database_, name_, mutation.index_mac);
    } else {
      put_value_mac(database_, name_, mutation.index_mac, mutation.value_mac, mutation.index);
    }
  }
  for (const Mutation& mutation : opened.mutations) {
    // Sealed anew with another key, an index has another MAC, and the former one is removed.
    if (mutation.removed && has_index(database_, name_, mutation.index)) continue;
    apply(inbox, mutation);
  }
  store_state(database_, name_, opened.state);
  inbox.flush();
  transaction.commit();
  return true;
}

}  // namespace

Replaced replace_collection(Database& database, std::string_view name, const Opened& opened,
                            InboxWriter& inbox) {
  Replaced counts;
  const auto take = [&](const Mutation& mutation) {
    ++(apply_mutation(mutation, inbox, database) ? counts.applied : counts.ignored);
  };
  const std::vector<std::string> before = indexes_of(database, name);
  erase_value_macs(database, name);
  for (const Mutation& mutation : opened.mutations) {
    put_value_mac(database, name, mutation.index_mac, mutation.value_mac, mutation.index);
    take(mutation);
  }
  for (const std::string& index : std::unordered_set<std::string>(before.begin(), before.end())) {
    if (!has_index(database, name, index)) take({.removed = true, .index = index});
  }
  store_state(database, name, opened.state);
  return counts;
}

Node collection_request(std::string_view name, std::uint64_t version, bool from_scratch) {
  // With a snapshot whatsmeow states no version and Baileys a 0.
  Node collection("collection",
                  {{"name", std::string(name)},
                   {"version", std::to_string(from_scratch ? 0 : version)},
                   {"return_snapshot", std::string(from_scratch ? "true" : "false")}});
  Node sync("sync", {}, std::vector<Node>{std::move(collection)});
  return Node("iq", {{"to", server_jid()}, {"type", "set"}, {"xmlns", "w:sync:app:state"}},
              std::vector<Node>{std::move(sync)});
}

bool take_announcement(Database& database, const Node& notification) {
  bool news = false;
  for (const Node* collection : notification.children_named("collection")) {
    const std::uint64_t version = collection->number("version").value_or(0);
    news = announce_version(database, collection->text("name"), version) || news;
  }
  return news;
}

bool CollectionAnswer::needs_download() const {
  if (snapshot) return true;
  for (const pb::SyncdPatch& patch : patches) {
    if (patch.has_external_mutations()) return true;
  }
  return false;
}

CollectionAnswer parse_answer(const Node& iq, std::string_view name) {
  const Node* sync = iq.child("sync");
  const Node* collection = sync != nullptr ? sync->child("collection") : nullptr;
  if (collection == nullptr || collection->text("name") != name) {
    throw Error(ErrorCode::kProtocol, "WhatsApp answered with another app state than asked for");
  }
  if (collection->text("type") == "error") {
    const Node* error = collection->child("error");
    throw Error(ErrorCode::kServerRefused,
                "WhatsApp does not give out app state " + std::string(name) + " (" +
                    std::to_string(error != nullptr ? error->number("code").value_or(0) : 0) + ")");
  }
  CollectionAnswer answer;
  answer.more = collection->text("has_more_patches") == "true";
  if (const Node* snapshot = collection->child("snapshot");
      snapshot && !snapshot->bytes().empty()) {
    answer.snapshot = parse_as<pb::ExternalBlobReference>(snapshot->bytes(), "a snapshot");
  }
  // Some servers leave out the list around them (Baileys).
  const Node* list = collection->child("patches");
  for (const Node* patch : (list != nullptr ? list : collection)->children_named("patch")) {
    if (answer.patches.size() == kMostPatches) {
      throw Error(ErrorCode::kProtocol, "app state: more patches than allowed");
    }
    answer.patches.push_back(parse_as<pb::SyncdPatch>(patch->bytes(), "a patch"));
  }
  return answer;
}

TakenIn take_in_answer(Database& database, std::string_view name, CollectionAnswer answer,
                       bool from_scratch, const Download& download) {
  Intake intake(database, name);
  if (answer.snapshot) {
    if (!from_scratch) {
      throw Error(ErrorCode::kProtocol, "app state: a snapshot that nobody asked for");
    }
    const Bytes bytes = download(*answer.snapshot);
    if (!intake.snapshot(parse_as<pb::SyncdSnapshot>(bytes, "a snapshot"))) return intake.result();
    from_scratch = false;
  }
  for (pb::SyncdPatch& patch : answer.patches) {
    if (patch.has_external_mutations()) {
      const Bytes bytes = download(patch.external_mutations());
      auto mutations = parse_as<pb::SyncdMutations>(bytes, "a patch");
      patch.mutable_mutations()->Swap(mutations.mutable_mutations());
    }
    if (!intake.patch(patch, std::exchange(from_scratch, false))) break;
  }
  return intake.result();
}

}  // namespace wasync
