#include "session/signal_peer.h"

#include <optional>

#include "inbox/queries.h"
#include "signal/store.h"

namespace wasync {
namespace {

std::optional<Jid> lid_of(SignalStore& store, const Device& device, const Jid& sender,
                          const Jid& alternative) {
  if (alternative.is_lid()) return alternative;
  if (!device.lid.empty() && sender.bare() == device.jid.bare()) return device.lid;
  return lid_for_phone(store.database(), sender);
}

}  // namespace

SignalAddress signal_peer(SignalStore& store, const Device& device, const Jid& sender,
                          const Jid& alternative) {
  const SignalAddress direct = SignalAddress::from(sender);
  if (!phone_of(sender)) return direct;
  const auto lid = lid_of(store, device, sender, alternative);
  if (!lid) return direct;
  Jid by_lid = *lid;
  by_lid.device = sender.device;
  const SignalAddress address = SignalAddress::from(by_lid);
  if (!store.sessions_of(direct.name).empty()) store.move_user(direct.name, address.name);
  return address;
}

}  // namespace wasync
