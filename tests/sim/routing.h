// The server between devices: which of them gets what of a companion's message, receipts back
// to who wrote, and word of devices that come and go. Phones are elsewhere (client_messages.h).
// Facts: attributes as whatsmeow message.go and receipt.go read them, stanzas as Baileys'
// relayMessage and sendRetryRequest write them.
#pragma once

#include <cstdint>

#include "wire/node.h"

namespace wasync::sim {

class World;
struct Companion;

// Queues each <enc> for the companion it is for, of this user or another, with the attributes
// under which the server passes it on.
void route_message(World& from, Companion& sender, const Node& message);

// Queues the receipt for the companions of who wrote the message; one that asks for a retry,
// for the writing device alone. False when it is no companion's to answer.
bool route_receipt(World& from, Companion& sender, const Node& receipt);

enum class DeviceChange { kAdded, kRemoved };
// Tells everybody else's companions, and the user's other ones, to write to it, or no longer.
void announce_device(World& user, std::uint16_t number, DeviceChange change);

// The companion is no more; its connection has been told.
void unlink(World& user, std::uint16_t number);

}  // namespace wasync::sim
