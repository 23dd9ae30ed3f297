// Messages and retry receipts that come from a companion: what the addressed device makes of
// them.
#pragma once

#include "wire/node.h"

namespace wasync::sim {

class World;
struct Companion;

// Decrypts what is for the phone or a known contact; the phone answers requests of its
// companions (older history, resends).
void receive_client_message(World& world, Companion& companion, const Node& message);

// The companion could not decrypt a stanza: its sender begins a new session and the stanza is
// sent again when the simulator still has its plaintext.
void receive_retry_receipt(World& world, Companion& companion, const Node& receipt);

}  // namespace wasync::sim
