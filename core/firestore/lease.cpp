#include "firestore/lease.h"

#include "firestore/failure.h"

namespace wasync::firestore {
namespace {

// Any other write of the account's document makes a try fail, also one of our own uploader.
constexpr int kMostTries = 5;
// No lease is longer. One that ends later comes from a host with a wrong clock, and does not count.
constexpr std::chrono::seconds kLongestLease = std::chrono::hours(1);

std::string path_of(const AccountId& account) {
  return "accounts/" + account.str();
}

std::optional<Document> lease_document(Client& client, const LeaseFields& lease,
                                       const AccountId& account) {
  const std::vector<std::string> paths{path_of(account)};
  return client.batch_get(paths, {lease.holder, lease.acquired_at, lease.until, lease.life})
      .front();
}

LeaseClaim claim_in(const Document& document, const LeaseFields& lease, UnixSeconds now) {
  LeaseClaim claim{.holder = std::string(text_of(document.fields, lease.holder)),
                   .life = std::string(text_of(document.fields, lease.life))};
  const auto* until = find<Timestamp>(document.fields, lease.until);
  if (until != nullptr && until->seconds <= now.value + kLongestLease.count())
    claim.until = {until->seconds};
  return claim;
}

bool is_of(const LeaseOwner& owner, const LeaseClaim& claim) {
  return claim.holder == owner.instance && (owner.life.empty() || claim.life.empty() ||
                                            claim.life == owner.life || claim.life == owner.former);
}

bool changed_meanwhile(const FailedRequest& error) {
  return error.failure.kind == FailureKind::kFailedPrecondition ||
         error.failure.kind == FailureKind::kAborted;
}

}  // namespace

LeaseClaim claim_lease(Client& client, const LeaseFields& lease, const AccountId& account,
                       const LeaseOwner& owner, std::chrono::seconds duration, UnixSeconds now) {
  for (int tries = 1;; ++tries) {
    const auto document = lease_document(client, lease, account);
    if (!document) return {.ours = true, .holder = owner.instance, .life = owner.life};
    LeaseClaim claim = claim_in(*document, lease, now);
    const bool renewed = is_of(owner, claim);
    if (!renewed && !claim.holder.empty() && claim.until > now) return claim;
    claim = {.ours = true,
             .holder = owner.instance,
             .life = owner.life,
             .until = {now.value + duration.count()}};
    DocumentWrite write{.path = path_of(account),
                        .fields = {{lease.holder, claim.holder}, {lease.until, claim.until}}};
    if (!claim.life.empty()) write.fields.emplace_back(lease.life, claim.life);
    if (!renewed) write.fields.emplace_back(lease.acquired_at, now);
    try {
      client.commit({&write, 1}, document->updated_at);
      return claim;
    } catch (const FailedRequest& error) {
      if (!changed_meanwhile(error) || tries >= kMostTries) throw;
    }
  }
}

void release_lease(Client& client, const LeaseFields& lease, const AccountId& account,
                   const LeaseOwner& owner) {
  for (int tries = 1;; ++tries) {
    const auto document = lease_document(client, lease, account);
    if (!document || !is_of(owner, claim_in(*document, lease, {}))) return;
    const DocumentWrite write{.path = path_of(account),
                              .removed = {lease.holder, lease.until, lease.life}};
    try {
      return client.commit({&write, 1}, document->updated_at);
    } catch (const FailedRequest& error) {
      if (!changed_meanwhile(error) || tries >= kMostTries) throw;
    }
  }
}

}  // namespace wasync::firestore
