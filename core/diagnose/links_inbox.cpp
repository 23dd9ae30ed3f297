#include "diagnose/link.h"

namespace wasync::diagnosis {
namespace {

std::int64_t hidden_for(const InboxSight& inbox, HiddenBecause reason) {
  const auto found = inbox.hidden.find(reason);
  return found == inbox.hidden.end() ? 0 : found->second;
}

// "archived 3, broadcast 1"
std::string reasons(const InboxSight& inbox) {
  std::string out;
  for (const auto& [reason, count] : inbox.hidden) {
    if (!out.empty()) out += ", ";
    out += std::string(name(reason)) + " " + std::to_string(count);
  }
  return out;
}

}  // namespace

const InboxSight* inbox_sight(const Sight& sight) {
  if (!sight.firestore()) return sight.stored != nullptr ? &sight.stored->inbox : nullptr;
  const auto* answer = seen(sight.account.firestore.query);
  return answer != nullptr ? std::get_if<InboxSight>(answer) : nullptr;
}

std::optional<Link> inbox_query_link(const Sight& sight) {
  if (const auto* inbox = inbox_sight(sight)) {
    const Facts facts{{"threads", inbox->threads},
                      {"shown", inbox->shown},
                      {"not_read", inbox->not_read},
                      {"reads", sight.account.firestore.reads}};
    const bool in_part = inbox->not_read > 0;
    const Finding there = in_part ? Finding::kQueryReadInPart : Finding::kQueryWorks;
    const Finding here = in_part ? Finding::kWouldShowInPart : Finding::kWouldShow;
    return ok(CheckId::kInboxQuery, sight.firestore() ? there : here, facts);
  }
  if (!sight.firestore() || document_of(sight) == nullptr) return std::nullopt;
  const InFirestore& found = sight.account.firestore;
  if (const auto* why = std::get_if<NotLooked>(&found.query))
    return unknown(CheckId::kInboxQuery, Cause::kFirestoreUnreachable, Finding::kQueryUnreachable,
                   {{"error", why->why}});
  const auto& refusal = std::get<Refusal>(std::get<1>(found.query));
  const Facts facts{{"error", refusal.message}, {"link", refusal.create_index_link}};
  if (refusal.unreachable)
    return unknown(CheckId::kInboxQuery, Cause::kFirestoreUnreachable, Finding::kQueryUnreachable,
                   facts);
  const bool index = !refusal.create_index_link.empty();
  return broken(CheckId::kInboxQuery, Cause::kQueryFails,
                index ? Finding::kIndexMissing : Finding::kQueryRefused, facts);
}

std::optional<Link> hidden_link(const Sight& sight) {
  const InboxSight* inbox = inbox_sight(sight);
  if (inbox == nullptr) return std::nullopt;
  const Facts facts{{"hidden", inbox->threads - inbox->shown},
                    {"shown", inbox->shown},
                    {"reasons", reasons(*inbox)}};
  if (inbox->threads == inbox->shown) return ok(CheckId::kHidden, Finding::kNothingHidden, facts);
  if (inbox->shown > 0) return ok(CheckId::kHidden, Finding::kSomeHidden, facts);
  return broken(CheckId::kHidden, Cause::kAllHidden, Finding::kAllHidden, facts);
}

std::optional<Link> without_time_link(const Sight& sight) {
  const auto* count = seen(sight.account.firestore.without_last_message_at);
  if (count == nullptr || !sight.firestore()) return std::nullopt;
  const Facts facts{{"threads", *count}, {"project", sight.configuration->project}};
  if (*count == 0) return ok(CheckId::kWithoutLastMessageAt, Finding::kAllHaveTimes, facts);
  const bool for_good = sight.account.firestore.without_for_good.value_or(0) >= *count;
  return broken(CheckId::kWithoutLastMessageAt, Cause::kAllHidden,
                for_good ? Finding::kWithoutTimeForGood : Finding::kWithoutTime, facts);
}

std::optional<Link> mangled_ids_link(const Sight& sight) {
  const InboxSight* inbox = inbox_sight(sight);
  if (inbox == nullptr) return std::nullopt;
  const std::int64_t count = hidden_for(*inbox, HiddenBecause::kMangledId);
  return ok(CheckId::kMangledIds, count == 0 ? Finding::kNoMangledIds : Finding::kMangledIds,
            {{"threads", count}});
}

std::optional<Link> duplicates_link(const Sight& sight) {
  const InboxSight* inbox = inbox_sight(sight);
  if (inbox == nullptr) return std::nullopt;
  return ok(CheckId::kDuplicates,
            inbox->same_phone == 0 ? Finding::kNoDuplicates : Finding::kDuplicates,
            {{"threads", inbox->same_phone}});
}

}  // namespace wasync::diagnosis
