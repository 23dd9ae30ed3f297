#include "base/error.h"
#include "diagnose/link.h"

namespace wasync::diagnosis {
namespace {

Finding finding_of(const Unanswered& why, bool by_listener) {
  switch (why.code) {
    case ErrorCode::kLoggedOut: return Finding::kLiveLoggedOut;
    case ErrorCode::kBanned: return Finding::kLiveBanned;
    case ErrorCode::kClientOutdated: return Finding::kLiveOutdated;
    case ErrorCode::kReplaced: return Finding::kLiveReplaced;
    case ErrorCode::kServerRefused: return Finding::kLiveRefused;
    case ErrorCode::kServerUntrusted: return Finding::kLiveUntrusted;
    case ErrorCode::kTimeout:
      return by_listener ? Finding::kLiveConnectionSilent : Finding::kLiveSilent;
    default: return by_listener ? Finding::kLiveNotConnected : Finding::kLiveUnreachable;
  }
}

// The cause is kNone if another check says why.
Link not_asked(const Sight& sight, NotAsked why) {
  Facts facts;
  switch (why) {
    case NotAsked::kNotLinked:
      return unknown(CheckId::kLive, Cause::kNone, Finding::kLiveNotLinked);
    case NotAsked::kLeaseUnknown:
      return unknown(CheckId::kLive, Cause::kNone, Finding::kLiveLeaseUnknown);
    case NotAsked::kHeldElsewhere:
      if (const auto* document = document_of(sight)) {
        facts = {{"instance", document->claimed_by}, {"until", document->lease_until}};
        return unknown(CheckId::kLive, Cause::kNone, Finding::kLiveHeldElsewhere, facts);
      }
      break;
    case NotAsked::kHeldHere: return unknown(CheckId::kLive, Cause::kOther, Finding::kLiveHeldHere);
    case NotAsked::kOldListener: break;
  }
  return unknown(CheckId::kLive, Cause::kOther, Finding::kLiveOldListener);
}

}  // namespace

std::optional<Link> live_link(const Sight& sight) {
  if (!sight.account.live) return std::nullopt;
  const Live& live = *sight.account.live;
  if (const auto* why = std::get_if<NotLooked>(&live.answer))
    return not_looked(CheckId::kLive, *why);
  if (const auto* why = std::get_if<NotAsked>(&live.answer)) return not_asked(sight, *why);
  if (const auto* answered = std::get_if<Answered>(&live.answer))
    return ok(CheckId::kLive, live.by_listener ? Finding::kLiveAnswers : Finding::kLiveLogsIn,
              {{"took_ms", static_cast<std::int64_t>(answered->round_trip.count())},
               {"server_time", live.server_time}});
  const Unanswered& why = std::get<Unanswered>(live.answer);
  // Stands in a sentence, which ends it.
  const auto all_in = [&](Language language) {
    const std::string& hint = why.hint.in(language);
    const std::string clause = hint.substr(0, hint.find_last_not_of('.') + 1);
    return why.message.in(language) + (clause.empty() ? "" : ". ") + clause;
  };
  const Words all(all_in(Language::kEnglish), all_in(Language::kRomanian));
  return broken(CheckId::kLive, Cause::kNotConnected, finding_of(why, live.by_listener),
                {{"error", why.message}, {"why", all}});
}

bool overrules_connection(const Link& live) {
  if (live.check.id != CheckId::kLive || live.check.state != CheckState::kBroken) return false;
  switch (live.check.finding) {
    case Finding::kLiveNotConnected:
    case Finding::kLiveConnectionSilent: return false;
    default: return true;
  }
}

}  // namespace wasync::diagnosis
