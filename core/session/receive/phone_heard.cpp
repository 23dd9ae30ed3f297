#include "session/receive/phone_heard.h"

#include <algorithm>

#include "session/receive/incoming_message.h"

namespace wasync {
namespace {

constexpr std::int64_t kWorthAWrite_s = 60;

}  // namespace

bool is_from_own_phone(const Node& stanza, const Device& device) {
  if (stanza.tag != "message" && stanza.tag != "receipt") return false;
  const auto from = stanza.jid("from");
  if (!from) return false;
  const Jid by = is_many(*from) ? stanza.jid("participant").value_or(Jid{}) : *from;
  return by.device == 0 && is_own_user(by, device);
}

void PhoneHeard::hear(const Node& stanza, const Device& device, UnixSeconds now) {
  if (!is_from_own_phone(stanza, device)) return;
  const UnixSeconds sent = stanza.time("t");
  // One that does not say when it was sent may have waited for days.
  if (!sent.known() && stanza.has("offline")) return;
  newest_ = std::max(newest_, sent.known() ? std::min(sent, now) : now);
}

bool PhoneHeard::is_due() const {
  return newest_.value >= stored_.value + kWorthAWrite_s;
}

void PhoneHeard::store(Database& database) const {
  store_phone_heard_at(database, newest_);
}

}  // namespace wasync
