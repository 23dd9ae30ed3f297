#include <algorithm>

#include "diagnose/link.h"

namespace wasync::diagnosis {
namespace {

// WhatsApp logs a linked device out when the phone has been away for about 14 days.
constexpr std::int64_t kLongSilence_s = 12LL * 24 * 3600;
// We take a phone to be on if we have heard of it within this time.
constexpr std::int64_t kOn_s = 3600;

UnixSeconds phone_heard_at(const Sight& sight) {
  const Listening* now = listening_of(sight);
  return std::max(sight.stored->phone_heard_at,
                  now != nullptr ? now->phone_heard_at : UnixSeconds{});
}

// Until when we would have heard the phone. What it sends while no listener runs waits for the next
// login.
UnixSeconds listened_until(const Sight& sight) {
  const Listening* now = listening_of(sight);
  return std::max(sight.stored->account.last_server_traffic_at,
                  now != nullptr ? now->last_server_traffic : UnixSeconds{});
}

}  // namespace

std::optional<Link> phone_link(const Sight& sight) {
  if (sight.stored == nullptr || !sight.stored->linked) return std::nullopt;
  const UnixSeconds heard = phone_heard_at(sight);
  const Facts facts{{"last_heard", heard}};
  if (!heard.known()) return unknown(CheckId::kPhone, Cause::kNone, Finding::kPhoneNotHeard, facts);
  // A phone that its owner does not touch says nothing for weeks and is online all the time: no
  // fault.
  if (listened_until(sight).value - heard.value >= kLongSilence_s)
    return unknown(CheckId::kPhone, Cause::kNone, Finding::kPhoneSilent, facts);
  return ok(CheckId::kPhone, Finding::kPhoneHeard, facts);
}

std::optional<UnixSeconds> silent_phone(const Sight& sight) {
  if (sight.stored == nullptr) return std::nullopt;
  const UnixSeconds heard = phone_heard_at(sight);
  if (heard.known() && heard.value + kOn_s >= sight.all.now.value) return std::nullopt;
  return heard;
}

}  // namespace wasync::diagnosis
