// Keeps the server supplied with our pre-keys: the one-time ones, and the signed one. Without them
// strangers cannot begin an encrypted conversation with us.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>

#include "base/jid.h"
#include "signal/pre_key.h"
#include "wire/node.h"

namespace wasync {

class SignalStore;
class Stream;

// <key> and <skey> as uploads and retry receipts carry them.
Node key_node(const PreKey& key);
Node key_node(const SignedPreKey& key);
// The parts that precede them: our registration id, the key type, our identity key.
Node registration_node(std::uint32_t registration_id);
Node key_type_node();
Node identity_node(const PublicKey& identity);

// What they say of another device: `parts` holds the registration id, and `keys` the rest. Nothing
// when something is malformed. The signature is verified when the bundle is used.
std::optional<PreKeyBundle> bundle_in(const Node& parts, const Node& keys);

// Asks the server for what it hands out about the device. Nothing when it has none, or none that we
// can read. Throws Error kNetwork, kTimeout or kServerRefused.
boost::asio::awaitable<std::optional<PreKeyBundle>> fetch_pre_keys(std::shared_ptr<Stream> stream,
                                                                   Jid device);

// Asks the server how many one-time pre-keys it has left and uploads a batch when they are few.
// Commits the new keys before it sends them. Throws Error kNetwork, kTimeout or kServerRefused; the
// next call uploads again what the server did not confirm.
boost::asio::awaitable<void> replenish_pre_keys(std::shared_ptr<Stream> stream, SignalStore& store);

// Replaces the signed pre-key when it is older than `lifetime`. Tells the server about a signed
// pre-key that the server does not know yet, new or from an earlier attempt. Commits the new
// key before it sends it; the old ones still open what was begun with them. Throws like
// replenish_pre_keys.
boost::asio::awaitable<void> renew_signed_pre_key(std::shared_ptr<Stream> stream,
                                                  SignalStore& store,
                                                  std::chrono::seconds lifetime);

}  // namespace wasync
