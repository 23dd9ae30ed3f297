#include "signal/address.h"

namespace wasync {
namespace {

// The domain an address is in: implied by the server where there is one for it, else what the
// JID itself carries.
unsigned domain_of(const Jid& jid) {
  if (jid.is(jid_server::kUser)) return 0;
  if (jid.is(jid_server::kLid)) return 1;
  if (jid.is(jid_server::kHosted)) return 128;
  if (jid.is(jid_server::kHostedLid)) return 129;
  return jid.agent;
}

}  // namespace

SignalAddress SignalAddress::from(const Jid& jid) {
  SignalAddress address{.name = jid.user, .device = jid.device};
  if (const unsigned domain = domain_of(jid); domain != 0) {
    address.name += '_';
    address.name += std::to_string(domain);
  }
  return address;
}

}  // namespace wasync
