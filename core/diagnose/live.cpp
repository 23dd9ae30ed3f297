#include "diagnose/live.h"

#include "diagnose/link.h"

namespace wasync::diagnosis {
namespace {

// Whether another host may be connected as this account. Only Firestore could tell.
std::optional<NotAsked> may_be_elsewhere(const Sight& sight) {
  if (sight.configuration == nullptr) return NotAsked::kLeaseUnknown;
  // The account's leases are in the Firestore that it was uploaded to, whatever is configured now.
  const std::string& target = sight.stored->upload_target;
  if (!target.empty() && target != sight.configuration->target) return NotAsked::kLeaseUnknown;
  if (!sight.firestore()) return std::nullopt;
  if (document_of(sight) == nullptr) return NotAsked::kLeaseUnknown;
  if (lease_of_another(sight) != nullptr) return NotAsked::kHeldElsewhere;
  return std::nullopt;
}

}  // namespace

std::variant<NotLooked, NotAsked, LiveWay> way_to_live(const Observations& all,
                                                       const AccountObservation& account) {
  if (const auto* why = std::get_if<NotLooked>(&account.holder)) return *why;
  const Holder& holder = *seen(account.holder);
  if (holder.listening) return LiveWay::kListener;
  if (holder.pid) return NotAsked::kHeldHere;
  if (const auto* why = std::get_if<NotLooked>(&account.stored)) return *why;
  const StoredAccount& stored = *seen(account.stored);
  if (!stored.linked || stored.account.status == AccountStatus::kLoggedOut)
    return NotAsked::kNotLinked;
  if (const auto why = may_be_elsewhere(sight_of(all, account))) return *why;
  return LiveWay::kLogin;
}

}  // namespace wasync::diagnosis
