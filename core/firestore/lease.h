// Which of several instances may do something with an account that only one may do: three fields of
// its document. A claim lasts for a while and can be renewed; whoever does not renew it loses it to
// the first that asks. Hosts' clocks must agree to within some seconds.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "firestore/client.h"
#include "inbox/ids.h"

namespace wasync::firestore {

// The fields of one kind of lease, as the Inbox contract names them.
struct LeaseFields {
  const char* holder;
  const char* acquired_at;
  const char* until;
};
// Who runs the account's connection; and who fills its threads by the clock.
inline constexpr LeaseFields kConnectionLease{"claimedBy", "claimedAt", "leaseUntil"};
inline constexpr LeaseFields kAutoBackfillLease{
    "autoBackfillLeaseHolder", "autoBackfillLeaseAcquiredAt", "autoBackfillLeaseUntil"};

struct LeaseClaim {
  bool ours = false;
  std::string holder{};  // who has it now
  UnixSeconds until{};
};

// Claims the account for `instance`, or renews its claim. An account that Firestore does not know
// yet is nobody's, and ours without a trace. Throws FailedRequest, and what credentials throw.
LeaseClaim claim_lease(Client& client, const LeaseFields& lease, const AccountId& account,
                       const std::string& instance, std::chrono::seconds duration,
                       UnixSeconds now = UnixSeconds::now());

// Lets others have it at once. No effect when it is not this instance's.
void release_lease(Client& client, const LeaseFields& lease, const AccountId& account,
                   const std::string& instance);

}  // namespace wasync::firestore
