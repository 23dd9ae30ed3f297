#include "sim/iq_keys.h"

#include <algorithm>

#include "base/error.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

BytesView content_of(const Node& parent, std::string_view tag, std::size_t length) {
  const Node* child = parent.child(tag);
  if (child == nullptr || child->bytes().size() != length)
    throw Error(ErrorCode::kProtocol,
                "<" + std::string(tag) + "> is missing or has a wrong length");
  return child->bytes();
}

PreKey parse_pre_key(const Node& node) {
  return {.id = static_cast<std::uint32_t>(read_big_endian(content_of(node, "id", 3))),
          .public_key = public_key_from(content_of(node, "value", 32))};
}

SignedPreKey parse_signed_pre_key(const Node& node, const PublicKey& identity) {
  const PreKey key = parse_pre_key(node);
  SignedPreKey signed_key{.id = key.id, .public_key = key.public_key, .signature = {}};
  const BytesView signature = content_of(node, "signature", 64);
  std::copy(signature.begin(), signature.end(), signed_key.signature.begin());
  if (!xeddsa_verify(identity, with_type_byte(key.public_key), signature))
    throw Error(ErrorCode::kProtocol, "the signed pre-key's signature does not verify");
  return signed_key;
}

void upload(Companion& companion, const Node& iq) {
  if (read_big_endian(content_of(iq, "registration", 4)) != companion.registration_id)
    throw Error(ErrorCode::kProtocol, "the registration id is not the registered one");
  if (content_of(iq, "type", 1)[0] != kCurve25519Type)
    throw Error(ErrorCode::kProtocol, "unknown key type");
  if (public_key_from(content_of(iq, "identity", 32)) != companion.identity)
    throw Error(ErrorCode::kProtocol, "the identity is not the registered one");
  const Node* list = iq.child("list");
  const Node* skey = iq.child("skey");
  if (list == nullptr || skey == nullptr) throw Error(ErrorCode::kProtocol, "no keys");
  const SignedPreKey signed_key = parse_signed_pre_key(*skey, companion.identity);
  std::deque<PreKey> keys;
  for (const Node* key : list->children_named("key")) keys.push_back(parse_pre_key(*key));
  if (keys.empty()) throw Error(ErrorCode::kProtocol, "no keys");
  companion.offer(signed_key);
  for (const PreKey& key : keys) {
    companion.offer(key);
    const bool known = std::any_of(companion.pre_keys.begin(), companion.pre_keys.end(),
                                   [&](const PreKey& other) { return other.id == key.id; });
    if (!known) companion.pre_keys.push_back(key);
  }
  companion.keys_uploaded = true;
}

Bytes big_endian(std::uint64_t value, std::size_t width) {
  Bytes bytes;
  append_big_endian(bytes, value, width);
  return bytes;
}

Node digest(const Companion& companion) {
  std::vector<Node> ids;
  for (const PreKey& key : companion.pre_keys) ids.push_back(Node("id", {}, big_endian(key.id, 3)));
  Node list("list");
  list.content = std::move(ids);
  Node node("digest");
  node.content = std::vector<Node>{
      Node("registration", {}, big_endian(companion.registration_id, 4)),
      Node("type", {}, Bytes{kCurve25519Type}), Node("identity", {}, to_bytes(companion.identity)),
      pre_key_node("skey", companion.signed_pre_key.id, companion.signed_pre_key.public_key,
                   companion.signed_pre_key.signature),
      std::move(list)};
  return node;
}

// The bundle of one device that the client wants to write to.
Node bundle_of(World& world, const Jid& jid) {
  World* owner = world.service.user(jid.user);
  PreKeyBundle bundle;
  if (owner != nullptr && jid.device != 0) {
    const auto found = owner->companions.find(jid.device);
    const auto taken =
        found == owner->companions.end() ? std::nullopt : owner->take_bundle(*found->second);
    if (!taken) {
      Node user("user", {{"jid", jid}});
      user.content =
          std::vector<Node>{Node("error", {{"code", "404"}, {"text", "item-not-found"}})};
      return user;
    }
    bundle = *taken;
  } else {
    bundle = owner == &world ? phone_bundle(world) : world.party_of(jid.user).bundle();
  }
  std::vector<Node> children{Node("registration", {}, big_endian(bundle.registration_id, 4)),
                             Node("type", {}, Bytes{kCurve25519Type}),
                             Node("identity", {}, to_bytes(bundle.identity))};
  if (bundle.pre_key)
    children.push_back(pre_key_node("key", bundle.pre_key->id, bundle.pre_key->public_key, {}));
  children.push_back(pre_key_node("skey", bundle.signed_pre_key.id,
                                  bundle.signed_pre_key.public_key,
                                  bundle.signed_pre_key.signature));
  Node user("user", {{"jid", jid}});
  user.content = std::move(children);
  return user;
}

Node bundles(World& world, const Node& asked) {
  std::vector<Node> users;
  for (const Node* user : asked.children_named("user"))
    if (const auto jid = user->jid("jid")) users.push_back(bundle_of(world, *jid));
  Node list("list");
  list.content = std::move(users);
  return list;
}

// Signed by another identity, as somebody else's keys are.
PreKeyBundle of_another_identity(PreKeyBundle bundle) {
  const KeyPair other = KeyPair::generate();
  bundle.identity = other.public_key;
  bundle.signed_pre_key.signature =
      xeddsa_sign(other.private_key, with_type_byte(bundle.signed_pre_key.public_key));
  return bundle;
}

}  // namespace

PreKeyBundle phone_bundle(World& world) {
  PreKeyBundle bundle = world.phone().bundle();
  return world.faults.value("phone-identity") == "other" ? of_another_identity(bundle) : bundle;
}

Node pre_key_node(const std::string& tag, std::uint32_t id, BytesView public_key,
                  BytesView signature) {
  std::vector<Node> children{Node("id", {}, big_endian(id, 3)),
                             Node("value", {}, to_bytes(public_key))};
  if (!signature.empty()) children.push_back(Node("signature", {}, to_bytes(signature)));
  Node node(tag);
  node.content = std::move(children);
  return node;
}

Node answer_keys(World& world, Companion& companion, const Node& iq, Node result) {
  if (iq.child("count") != nullptr) {
    result.content =
        std::vector<Node>{Node("count", {{"value", std::to_string(companion.pre_keys.size())}})};
  } else if (iq.child("digest") != nullptr) {
    if (!companion.keys_uploaded) throw Error(ErrorCode::kProtocol, "no keys were uploaded");
    result.content = std::vector<Node>{digest(companion)};
  } else if (const Node* rotate = iq.child("rotate")) {
    const Node* skey = rotate->child("skey");
    if (skey == nullptr) throw Error(ErrorCode::kProtocol, "no key to rotate to");
    companion.offer(parse_signed_pre_key(*skey, companion.identity));
  } else if (const Node* asked = iq.child("key")) {
    result.content = std::vector<Node>{bundles(world, *asked)};
  } else if (iq.text("type") == "set") {
    upload(companion, iq);
    if (world.faults.on("few-pre-keys"))
      companion.pre_keys.resize(std::min<std::size_t>(
          companion.pre_keys.size(),
          static_cast<std::size_t>(std::max(0, world.faults.number("few-pre-keys", 1)))));
  } else {
    throw Error(ErrorCode::kProtocol, "unknown query about keys");
  }
  return result;
}

}  // namespace wasync::sim
