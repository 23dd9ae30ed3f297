#include "session/receive/signal_peer.h"

#include <optional>

#include "inbox/queries.h"
#include "session/receive/incoming_message.h"
#include "signal/store.h"

namespace wasync {
namespace {

std::optional<Jid> lid_of(SignalStore& store, const Device& device, const Jid& sender,
                          const Jid& alternative) {
  if (!device.lid.empty() && sender.bare() == device.jid.bare()) return device.lid;
  if (alternative.is_lid()) return alternative;
  return lid_for_phone(store.database(), sender);
}

std::optional<Jid> phone_of_lid(SignalStore& store, const Device& device, const Jid& sender,
                                const Jid& alternative) {
  if (!device.lid.empty() && sender.bare() == device.lid.bare()) return device.jid.bare();
  if (phone_of(alternative)) return alternative;
  const auto phone = phone_for_lid(store.database(), sender);
  if (!phone) return std::nullopt;
  return Jid{.user = phone->substr(1), .server = std::string(jid_server::kUser)};
}

bool is_unknown(SignalStore& store, const std::string& name) {
  return store.sessions_of(name).empty() && !store.identity({.name = name, .device = 0});
}

SignalAddress address_of(SignalStore& store, const Device& device, const Jid& sender,
                         const Jid& alternative) {
  SignalAddress direct = SignalAddress::from(sender);
  if (sender.is_lid()) {
    if (!is_unknown(store, direct.name)) return direct;
    if (const auto phone = phone_of_lid(store, device, sender, alternative)) {
      store.move_user(SignalAddress::from(*phone).name, direct.name);
    }
    return direct;
  }
  if (!phone_of(sender)) return direct;
  const auto lid = lid_of(store, device, sender, alternative);
  if (!lid) return direct;
  Jid by_lid = *lid;
  by_lid.device = sender.device;
  SignalAddress address = SignalAddress::from(by_lid);
  store.move_user(direct.name, address.name);
  return address;
}

}  // namespace

bool claims_own_phone(const Jid& sender, const Device& device) {
  return sender.device == 0 && is_own_user(sender, device);
}

SignalAddress signal_peer(SignalStore& store, const Device& device, const Jid& sender,
                          const Jid& alternative) {
  SignalAddress address = address_of(store, device, sender, alternative);
  if (claims_own_phone(sender, device)) {
    if (const auto identity = device.phone_identity()) store.pin_identity(address, *identity);
  }
  return address;
}

}  // namespace wasync
