#include "session/connection/pre_keys.h"

#include <algorithm>

#include "base/error.h"
#include "base/sqlite.h"
#include "session/connection/stream.h"
#include "signal/store.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

// Batch sizes and threshold of the official web client (whatsmeow prekeys.go).
constexpr std::size_t kFirstBatch = 812;
constexpr std::size_t kLaterBatch = 50;
constexpr std::uint64_t kFew = 5;
// A key "from the future" was made while the clock was wrong.
constexpr std::int64_t kTolerableFutureS = 86'400;

Node id_node(std::uint32_t id) {
  Bytes bytes;
  append_big_endian(bytes, id, 3);
  return Node("id", {}, std::move(bytes));
}

Node bytes_node(std::string tag, BytesView bytes) {
  return Node(std::move(tag), {}, to_bytes(bytes));
}

Node server_query(std::string type, std::vector<Node> content) {
  return Node("iq", {{"to", server_jid()}, {"type", std::move(type)}, {"xmlns", "encrypt"}},
              std::move(content));
}

bool is_stale(UnixSeconds made_at, std::chrono::seconds lifetime, UnixSeconds now) {
  const std::int64_t age_s = now.value - made_at.value;
  return age_s >= lifetime.count() || age_s < -kTolerableFutureS;
}

Node upload_query(SignalStore& store, const std::vector<PreKey>& keys) {
  const LocalIdentity identity = store.local_identity();
  std::vector<Node> list;
  list.reserve(keys.size());
  for (const PreKey& key : keys) list.push_back(key_node(key));
  std::vector<Node> content;
  content.push_back(registration_node(identity.registration_id));
  content.push_back(key_type_node());
  content.push_back(identity_node(identity.key.public_key));
  content.emplace_back("list", Node::Attributes{}, std::move(list));
  content.push_back(key_node(store.signed_pre_key()));
  return server_query("set", std::move(content));
}

std::optional<BytesView> part(const Node& parent, std::string_view tag, std::size_t size) {
  const Node* child = parent.child(tag);
  if (child == nullptr || child->bytes().size() != size) return std::nullopt;
  return child->bytes();
}

std::optional<PreKey> pre_key_in(const Node& node) {
  const auto id = part(node, "id", 3);
  const auto value = part(node, "value", PublicKey{}.size());
  if (!id || !value) return std::nullopt;
  return PreKey{.id = static_cast<std::uint32_t>(read_big_endian(*id)),
                .public_key = public_key_from(*value)};
}

}  // namespace

Node key_node(const PreKey& key) {
  return Node("key", {}, std::vector<Node>{id_node(key.id), bytes_node("value", key.public_key)});
}

Node key_node(const SignedPreKey& key) {
  return Node("skey", {},
              std::vector<Node>{id_node(key.id), bytes_node("value", key.public_key),
                                bytes_node("signature", key.signature)});
}

Node registration_node(std::uint32_t registration_id) {
  Bytes bytes;
  append_big_endian(bytes, registration_id, 4);
  return Node("registration", {}, std::move(bytes));
}

Node key_type_node() {
  return Node("type", {}, Bytes{kCurve25519Type});
}

Node identity_node(const PublicKey& identity) {
  return bytes_node("identity", identity);
}

std::optional<PreKeyBundle> bundle_in(const Node& parts, const Node& keys) {
  const auto registration = part(parts, "registration", 4);
  const auto identity = part(keys, "identity", PublicKey{}.size());
  const Node* skey = keys.child("skey");
  const auto signed_key = skey != nullptr ? pre_key_in(*skey) : std::nullopt;
  const auto signature =
      skey != nullptr ? part(*skey, "signature", Signature{}.size()) : std::nullopt;
  if (!registration || !identity || !signed_key || !signature) return std::nullopt;
  PreKeyBundle bundle{
      .registration_id = static_cast<std::uint32_t>(read_big_endian(*registration)),
      .identity = public_key_from(*identity),
      .signed_pre_key = {.id = signed_key->id, .public_key = signed_key->public_key},
      .pre_key = std::nullopt};
  std::copy(signature->begin(), signature->end(), bundle.signed_pre_key.signature.begin());
  if (const Node* key = keys.child("key")) bundle.pre_key = pre_key_in(*key);
  return bundle;
}

// Facts: whatsmeow prekeys.go.
asio::awaitable<std::optional<PreKeyBundle>> fetch_pre_keys(std::shared_ptr<Stream> stream,
                                                            Jid device) {
  Node asked("key", {}, std::vector<Node>{Node("user", {{"jid", device}})});
  Node question = server_query("get", std::vector<Node>{std::move(asked)});
  const Node answer = co_await stream->query(std::move(question));
  const Node* list = answer.child("list");
  const Node* user = list != nullptr ? list->child("user") : nullptr;
  if (user == nullptr) co_return std::nullopt;
  co_return bundle_in(*user, *user);
}

asio::awaitable<void> replenish_pre_keys(std::shared_ptr<Stream> stream, SignalStore& store) {
  Node count_query = server_query("get", std::vector<Node>{Node("count")});
  const Node answer = co_await stream->query(std::move(count_query));
  const Node* count = answer.child("count");
  const auto on_server = count != nullptr ? count->number("value") : std::nullopt;
  if (!on_server) {
    throw Error(ErrorCode::kProtocol, Phrase{"WhatsApp did not say how many pre-keys it has",
                                             "WhatsApp nu a spus câte pre-chei are"});
  }
  const std::size_t believed = store.uploaded_pre_key_count();
  if (*on_server >= kFew && believed >= kFew) co_return;

  std::vector<PreKey> keys;
  {
    Transaction transaction(store.database(), "pre-keys made");
    keys = store.pre_keys_to_upload(*on_server == 0 && believed == 0 ? kFirstBatch : kLaterBatch);
    transaction.commit();
  }
  const std::uint32_t signed_id = store.signed_pre_key().id;
  Node upload = upload_query(store, keys);
  co_await stream->query(std::move(upload));
  Transaction transaction(store.database(), "pre-keys uploaded");
  store.mark_uploaded(keys);
  store.mark_signed_pre_key_uploaded(signed_id);
  transaction.commit();
}

// Baileys src/Socket/socket.ts.
asio::awaitable<void> renew_signed_pre_key(std::shared_ptr<Stream> stream, SignalStore& store,
                                           std::chrono::seconds lifetime) {
  if (is_stale(store.signed_pre_key_created_at(), lifetime, UnixSeconds::now())) {
    Transaction transaction(store.database(), "signed pre-key made");
    store.rotate_signed_pre_key();
    transaction.commit();
  }
  if (store.signed_pre_key_on_server()) co_return;
  const SignedPreKey key = store.signed_pre_key();
  Node rotate =
      server_query("set", std::vector<Node>{Node("rotate", {}, std::vector<Node>{key_node(key)})});
  co_await stream->query(std::move(rotate));
  Transaction transaction(store.database(), "signed pre-key told");
  store.mark_signed_pre_key_uploaded(key.id);
  transaction.commit();
}

}  // namespace wasync
