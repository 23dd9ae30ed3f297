// Which of several instances runs an account's connection: claimedBy, claimedAt and leaseUntil of
// its document. A claim lasts for a while and is renewed; whoever stops renewing loses it to the
// first that asks. Hosts' clocks must agree to within some seconds.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "firestore/client.h"
#include "inbox/ids.h"

namespace wasync::firestore {

struct LeaseClaim {
  bool ours = false;
  std::string holder{};  // who has it now
  UnixSeconds until{};
};

// Claims the account for `instance`, or renews its claim. An account that Firestore does not know
// yet is nobody's, and ours without a trace. Throws FailedRequest, and what credentials throw.
LeaseClaim claim_lease(Client& client, const AccountId& account, const std::string& instance,
                       std::chrono::seconds duration, UnixSeconds now = UnixSeconds::now());

// Lets others have it at once. No effect when it is not this instance's.
void release_lease(Client& client, const AccountId& account, const std::string& instance);

}  // namespace wasync::firestore
