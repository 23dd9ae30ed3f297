// Keeps the server supplied with our one-time pre-keys, without which strangers cannot
// begin an encrypted conversation with us.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

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

// Asks the server how many it has left and uploads a batch when they are few. The new
// keys are committed before they are sent. Throws Error kNetwork, kTimeout or
// kServerRefused; what was not confirmed is uploaded again next time.
boost::asio::awaitable<void> replenish_pre_keys(std::shared_ptr<Stream> stream, SignalStore& store);

}  // namespace wasync
