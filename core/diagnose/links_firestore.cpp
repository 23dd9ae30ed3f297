#include "diagnose/link.h"

namespace wasync::diagnosis {
namespace {

// Sending a history takes long, and a conversation may wait behind it for minutes.
constexpr std::int64_t kTooOld_s = 3600;

bool is_being_sent(const Sight& sight) {
  const Listening* listening = listening_of(sight);
  return listening != nullptr && listening->uploads && sight.stored != nullptr &&
         sight.stored->totals.unsent > 0;
}

// Another account of this host with the same phone. Only the first of the two reports it.
const AccountId* linked_twice(const Sight& sight) {
  bool behind = false;
  for (const AccountObservation& each : sight.all.accounts) {
    const auto* other = seen(each.stored);
    if (behind && other != nullptr && other->linked && sight.stored->linked &&
        other->account.phone == sight.stored->account.phone)
      return &each.id;
    behind |= &each == &sight.account;
  }
  return nullptr;
}

}  // namespace

const AccountDocument* document_of(const Sight& sight) {
  const auto* answer = seen(sight.account.firestore.document);
  return answer != nullptr ? std::get_if<AccountDocument>(answer) : nullptr;
}

// New messages always wait for a moment. It is a fault if something keeps them from going, or if
// they wait too long and we do not know why.
std::optional<Link> upload_queue_link(const Sight& sight) {
  if (!sight.firestore() || sight.stored == nullptr) return std::nullopt;
  const InboxTotals& totals = sight.stored->totals;
  const Listening* listening = listening_of(sight);
  const UnixSeconds since = sight.stored->unsent_since;
  const Facts facts{{"queued", totals.unsent},
                    {"oldest", since},
                    {"set_aside", totals.set_aside},
                    {"error", listening != nullptr ? listening->upload_trouble : ""},
                    {"refusal", sight.stored->refusal}};
  const auto stuck = [&](Finding finding) {
    return broken(CheckId::kUploadQueue, Cause::kNotUploaded, finding, facts);
  };
  if (totals.unsent > 0) {
    if (listening != nullptr && !listening->uploads) return stuck(Finding::kListenerSendsNothing);
    if (listening != nullptr && !listening->upload_trouble.empty())
      return stuck(Finding::kQueueStuck);
    if (listening != nullptr && since.known() && since.value + kTooOld_s < sight.all.now.value)
      return stuck(Finding::kQueueOld);
  }
  if (totals.set_aside > 0)
    return stuck(sight.stored->retried_in_vain ? Finding::kSetAsideAgain : Finding::kSetAside);
  return ok(CheckId::kUploadQueue, totals.unsent > 0 ? Finding::kQueueMoving : Finding::kQueueEmpty,
            facts);
}

std::optional<Link> firestore_link(const Sight& sight) {
  if (!sight.firestore()) return std::nullopt;
  const InFirestore& found = sight.account.firestore;
  Facts facts{{"project", sight.configuration->project},
              {"took_ms", static_cast<std::int64_t>(found.document_took.count())}};
  if (const auto* why = std::get_if<NotLooked>(&found.document)) {
    facts.push_back({"error", why->why});
    return unknown(CheckId::kFirestore, Cause::kFirestoreUnreachable,
                   Finding::kFirestoreUnreachable, std::move(facts));
  }
  const auto* refusal = std::get_if<Refusal>(&std::get<1>(found.document));
  if (refusal == nullptr)
    return ok(CheckId::kFirestore, Finding::kFirestoreReachable, std::move(facts));
  facts.push_back({"error", refusal->message});
  if (refusal->unreachable)
    return unknown(CheckId::kFirestore, Cause::kFirestoreUnreachable,
                   Finding::kFirestoreUnreachable, std::move(facts));
  return broken(CheckId::kFirestore, Cause::kQueryFails, Finding::kFirestoreRefuses,
                std::move(facts));
}

std::optional<Link> account_document_link(const Sight& sight) {
  const AccountDocument* document = document_of(sight);
  if (document == nullptr) return std::nullopt;
  const Facts facts{{"status", document->status}};
  const bool shown = document->exists && document->status == name(AccountStatus::kConnected);
  // The uploader gathers changes of this document for some seconds.
  if (!shown && is_being_sent(sight))
    return broken(CheckId::kAccountDocument, Cause::kNotConnected, Finding::kDocumentOnItsWay,
                  facts);
  if (!document->exists)
    return broken(CheckId::kAccountDocument, Cause::kNotUploaded, Finding::kDocumentMissing, facts);
  if (!shown)
    return broken(CheckId::kAccountDocument, Cause::kNotConnected, Finding::kDocumentStatus, facts);
  return ok(CheckId::kAccountDocument, Finding::kDocumentConnected, facts);
}

// The app shows the conversations of every connected account, so it shows those of such a phone
// twice.
std::optional<Link> same_phone_link(const Sight& sight) {
  if (sight.stored == nullptr) return std::nullopt;
  if (const AccountId* other = linked_twice(sight))
    return broken(CheckId::kSamePhone, Cause::kConfiguration, Finding::kSamePhoneHere,
                  {{"other", other->str()}, {"account", sight.account.id.str()}});
  const auto* others = seen(sight.account.firestore.same_phone);
  if (others == nullptr)
    return sight.firestore() ? std::nullopt
                             : std::optional(ok(CheckId::kSamePhone, Finding::kOneAccountOfPhone));
  for (const SameAccount& other : *others)
    if (other.status == name(AccountStatus::kConnected))
      return broken(CheckId::kSamePhone, Cause::kConfiguration, Finding::kSamePhone,
                    {{"other", other.id}, {"account", sight.account.id.str()}});
  return ok(CheckId::kSamePhone, Finding::kOneAccountOfPhone);
}

}  // namespace wasync::diagnosis
