#include <algorithm>

#include "base/clock.h"
#include "base/error.h"
#include "proto/app_state.pb.h"
#include "proto/message.pb.h"
#include "proto/peer_message.pb.h"
#include "sim/app_state.h"
#include "sim/dataset.h"
#include "sim/phone.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

// When the phone made these entries, Unix milliseconds: fixed, like everything in a dataset.
constexpr std::int64_t kMadeAt_ms = 1'766'000'000'000;

template <typename Fill>
AppStateChange change(std::vector<std::string> index, std::int32_t version, Fill&& fill) {
  pb::SyncActionValue value;
  value.set_timestamp(kMadeAt_ms);
  fill(value);
  return {
      .index = std::move(index), .version = version, .value = to_bytes(value.SerializeAsString())};
}

std::string wrong(std::string mac) {
  mac.at(0) = static_cast<char>(mac.at(0) ^ 1);
  return mac;
}

pb::ExternalBlobReference put_blob(World& world, BytesView content) {
  SealedBlob blob = seal(content, kAppStatePurpose, world.faults);
  pb::ExternalBlobReference reference;
  reference.set_media_key(to_string(blob.media_key));
  reference.set_file_sha256(std::string(as_text(blob.sha256)));
  reference.set_file_enc_sha256(std::string(as_text(blob.enc_sha256)));
  reference.set_file_size_bytes(blob.content.size());
  reference.set_direct_path(world.media.put(std::move(blob.content)));
  return reference;
}

// A reference to the snapshot's blob.
Bytes seal_snapshot(World& world, const std::string& collection) {
  Bytes content = world.app_state.snapshot(collection);
  if (world.faults.on("bad-app-state-mac") && world.faults.value("bad-app-state-mac") != "patch") {
    pb::SyncdSnapshot snapshot;
    snapshot.ParseFromString(to_string(content));
    snapshot.set_mac(wrong(snapshot.mac()));
    content = to_bytes(snapshot.SerializeAsString());
  }
  return to_bytes(put_blob(world, content).SerializeAsString());
}

// A patch as it is handed out.
Bytes hand_out(World& world, const Bytes& made) {
  pb::SyncdPatch patch;
  patch.ParseFromString(to_string(made));
  if (world.faults.on("bad-app-state-mac")) patch.set_patch_mac(wrong(patch.patch_mac()));
  if (world.faults.value("app-state-patches") == "external") {
    pb::SyncdMutations mutations;
    mutations.mutable_mutations()->Swap(patch.mutable_mutations());
    *patch.mutable_external_mutations() = put_blob(world, as_bytes(mutations.SerializeAsString()));
  }
  return to_bytes(patch.SerializeAsString());
}

}  // namespace

AppStateChange contact_change(const std::string& jid, const std::string& name,
                              const std::string& lid_jid) {
  return change({"contact", jid}, 2, [&](pb::SyncActionValue& value) {
    auto* contact = value.mutable_contact_action();
    contact->set_full_name(name);
    contact->set_first_name(name.substr(0, name.find(' ')));
    if (!lid_jid.empty()) contact->set_lid_jid(lid_jid);
    contact->set_save_on_primary_addressbook(true);
  });
}

void AppState::fill(const Dataset& dataset) {
  apply("critical_block", {change({"setting_pushName"}, 1, [&](pb::SyncActionValue& value) {
          value.mutable_push_name_setting()->set_name(dataset.owner.push_name);
        })});
  std::vector<AppStateChange> contacts;
  for (const Person& person : dataset.people)
    if (!person.saved_name.empty())
      contacts.push_back(contact_change(person.phone_jid(), person.saved_name,
                                        person.mapping_told ? person.lid_jid() : std::string()));
  if (!contacts.empty()) apply("critical_unblock_low", contacts);

  std::vector<AppStateChange> low;
  std::vector<AppStateChange> high;
  for (const Chat& chat : dataset.chats) {
    if (chat.malformed) continue;
    if (chat.archived)
      low.push_back(change({"archive", chat.jid}, 3, [](pb::SyncActionValue& value) {
        value.mutable_archive_chat_action()->set_archived(true);
      }));
    if (chat.pinned)
      low.push_back(change({"pin_v1", chat.jid}, 5, [](pb::SyncActionValue& value) {
        value.mutable_pin_action()->set_pinned(true);
      }));
    if (chat.muted)
      high.push_back(change({"mute", chat.jid}, 2, [](pb::SyncActionValue& value) {
        value.mutable_mute_action()->set_muted(true);
        value.mutable_mute_action()->set_mute_end_timestamp(-1);
      }));
  }
  if (!low.empty()) apply("regular_low", low);
  if (!high.empty()) apply("regular_high", high);
}

pb::Message app_state_key_share(const World& world) {
  pb::Message message;
  pb::ProtocolMessage& protocol = *message.mutable_protocol_message();
  protocol.set_type(pb::ProtocolMessage::PROTOCOL_APP_STATE_SYNC_KEY_SHARE);
  auto* key = protocol.mutable_app_state_sync_key_share()->add_keys();
  key->mutable_key_id()->set_key_id(to_string(world.app_state.key_id()));
  key->mutable_key_data()->set_key_data(to_string(world.app_state.key_data()));
  key->mutable_key_data()->mutable_fingerprint()->set_raw_id(1);
  key->mutable_key_data()->mutable_fingerprint()->add_device_indexes(0);
  key->mutable_key_data()->set_timestamp(kMadeAt_ms);
  return message;
}

void share_app_state_keys(World& world, Companion& companion) {
  send_from_phone(world, companion, app_state_key_share(world), {{"category", "peer"}});
}

Node answer_app_state(World& world, const Node& iq, Node result) {
  const Node* sync = iq.child("sync");
  if (sync == nullptr) throw Error(ErrorCode::kProtocol, "no app-state query");
  std::vector<Node> collections;
  for (const Node* asked : sync->children_named("collection")) {
    const std::string name = asked->text("name");
    const std::uint64_t newest = world.app_state.version(name);
    std::uint64_t known = asked->number("version").value_or(0);
    const bool wants_snapshot = asked->text("return_snapshot") == "true";
    const bool only_patches = world.faults.on("app-state-patches");
    Journal::add(world.journal.app_state_queries,
                 {.collection = name, .version = known, .snapshot = wants_snapshot});
    Node collection("collection", {{"name", name}});
    std::vector<Node> children;
    // A client without a state is given a snapshot, as a blob; inline mode gives it every
    // patch instead, for clients that cannot fetch blobs from here.
    if (wants_snapshot && newest > 0 && !world.options.history_inline && !only_patches) {
      children.push_back(Node("snapshot", {}, seal_snapshot(world, name)));
      known = newest;
    }
    std::vector<Node> patches;
    bool more = false;
    for (const Bytes& patch : world.app_state.patches_after(name, known)) {
      more = only_patches && !patches.empty();
      if (more) break;
      patches.push_back(Node("patch", {}, hand_out(world, patch)));
    }
    collection.set("version", std::to_string(newest));
    collection.set("has_more_patches", std::string(more ? "true" : "false"));
    if (!patches.empty()) {
      Node list("patches");
      list.content = std::move(patches);
      children.push_back(std::move(list));
    }
    if (!children.empty()) collection.content = std::move(children);
    collections.push_back(std::move(collection));
  }
  Node answer("sync");
  answer.content = std::move(collections);
  result.content = std::vector<Node>{std::move(answer)};
  return result;
}

void notify_app_state(World& world, const std::string& collection) {
  for (const auto& [number, companion] : world.companions) {
    Node notification("notification", {{"from", server_jid()},
                                       {"type", "server_sync"},
                                       {"id", world.next_stanza_id()},
                                       {"t", std::to_string(UnixSeconds::now().value)}});
    notification.content = std::vector<Node>{Node(
        "collection",
        {{"name", collection}, {"version", std::to_string(world.app_state.version(collection))}})};
    world.deliver(*companion, std::move(notification));
  }
}

}  // namespace wasync::sim
