#include "session/receive/phone_heard.h"

#include <algorithm>

#include "session/receive/incoming_message.h"

namespace wasync {
namespace {

constexpr std::int64_t kWorthAWrite_s = 60;
constexpr std::int64_t kDay_s = 86'400;

}  // namespace

bool is_from_own_phone(const Node& stanza, const Device& device) {
  if (stanza.tag != "message" && stanza.tag != "receipt") return false;
  const auto from = stanza.jid("from");
  if (!from) return false;
  return is_own_phone(is_many(*from) ? stanza.jid("participant").value_or(Jid{}) : *from, device);
}

void PhoneHeard::hear(const Node& stanza, const Device& device, UnixSeconds now) {
  if (!is_from_own_phone(stanza, device)) return;
  const UnixSeconds sent = stanza.time("t");
  // One that does not say when it was sent may have waited for days.
  if (!sent.known() && stanza.has("offline")) return;
  const UnixSeconds heard = sent.known() ? std::min(sent, now) : now;
  // What is days ahead was stored before the clock was set back.
  newest_ = newest_.value > now.value + kDay_s ? heard : std::max(newest_, heard);
}

bool PhoneHeard::is_due() const {
  return newest_ < stored_ || newest_.value >= stored_.value + kWorthAWrite_s;
}

void PhoneHeard::store(Database& database) const {
  if (newest_ != stored_) store_phone_heard_at(database, newest_);
}

}  // namespace wasync
