#include "sim/client_messages.h"

#include "sim/world.h"

namespace wasync::sim {

void receive_client_message(World& world, Companion& companion, const Node& message) {
  (void)world;
  (void)companion;
  (void)message;
}

void receive_retry_receipt(World& world, Companion& companion, const Node& receipt) {
  (void)companion;
  Journal::add(world.journal.complaints, "retry receipt: " + receipt.describe());
}

}  // namespace wasync::sim
