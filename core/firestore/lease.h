// A lease says which of several instances may do something that only one may do with an account. It
// is three fields of the account's document. A claim lasts for a while. An instance that does not
// renew it loses it to the first one that asks. Hosts' clocks must agree to within some seconds.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "firestore/client.h"
#include "inbox/ids.h"

namespace wasync::firestore {

// The fields of one kind of lease, as the Inbox contract names them; `life` is of our own.
struct LeaseFields {
  const char* holder;
  const char* acquired_at;
  const char* until;
  const char* life;
};
// Which instance runs the account's connection, and which one runs its scheduled backfill.
inline constexpr LeaseFields kConnectionLease{"claimedBy", "claimedAt", "leaseUntil",
                                              "claimedLife"};
inline constexpr LeaseFields kAutoBackfillLease{"autoBackfillLeaseHolder",
                                                "autoBackfillLeaseAcquiredAt",
                                                "autoBackfillLeaseUntil", "autoBackfillLeaseLife"};

// Who asks. A cloned virtual machine has the same instance id; what is random in the life of each
// process separates the two.
struct LeaseOwner {
  std::string instance;
  std::string life{};    // empty: the id alone decides
  std::string former{};  // the life before this one, when it is over for sure; else empty
};

struct LeaseClaim {
  bool ours = false;
  std::string holder{};  // who has it now
  std::string life{};    // empty: of one that writes none
  UnixSeconds until{};
};

// Claims the account for `owner`, or renews its claim. An account without a document has no
// holder: the claim succeeds, and writes nothing. Throws FailedRequest, and what credentials throw.
LeaseClaim claim_lease(Client& client, const LeaseFields& lease, const AccountId& account,
                       const LeaseOwner& owner, std::chrono::seconds duration,
                       UnixSeconds now = UnixSeconds::now());

// Gives the lease back, so that others need not wait. No effect when another instance has it.
void release_lease(Client& client, const LeaseFields& lease, const AccountId& account,
                   const LeaseOwner& owner);

}  // namespace wasync::firestore
