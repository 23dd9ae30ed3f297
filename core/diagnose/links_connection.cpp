#include <algorithm>

#include "diagnose/link.h"

namespace wasync::diagnosis {
namespace {

// WhatsApp answers a ping every half a minute, and the listener notes that every minute.
constexpr std::int64_t kQuietSeconds = 15 * 60;

const Holder* holder_of(const Sight& sight) {
  return seen(sight.account.holder);
}

// A listener that was killed leaves its lease to run out.
bool is_of_this_host(const Observations& all, const std::string& instance) {
  if (!all.instance_id.empty() && instance == all.instance_id) return true;
  const std::string prefix = all.hostname + "-";
  return !all.hostname.empty() && instance.starts_with(prefix) &&
         instance.find_first_not_of("0123456789", prefix.size()) == std::string::npos;
}

// A clone of this machine, or of its state directory, may have our instance's id. What is random in
// the life of each process tells the two apart.
bool is_of_a_clone(const Sight& sight, const AccountDocument& document) {
  const auto& here = sight.account.lease_life;
  return here && !document.claimed_life.empty() && document.claimed_life != *here;
}

Link nobody_listens(const Sight& sight) {
  const Account& account = sight.stored->account;
  return broken(CheckId::kHolder, Cause::kNotConnected, Finding::kNobodyListens,
                {{"last_connected_at", account.last_connected_at},
                 {"last_stanza", sight.stored->last_stanza},
                 {"reason", account.last_disconnect_reason}});
}

Link held_elsewhere(CheckId id, Finding finding, const AccountDocument& document) {
  return broken(id, Cause::kHeldElsewhere, finding,
                {{"instance", document.claimed_by}, {"until", document.lease_until}});
}

}  // namespace

const Listening* listening_of(const Sight& sight) {
  const Holder* holder = holder_of(sight);
  return holder != nullptr && holder->listening ? &*holder->listening : nullptr;
}

const AccountDocument* lease_of_another(const Sight& sight) {
  const AccountDocument* document = document_of(sight);
  if (document == nullptr || document->claimed_by.empty()) return nullptr;
  if (document->lease_until <= sight.all.now) return nullptr;
  if (is_of_a_clone(sight, *document)) return document;
  if (const Listening* listening = listening_of(sight))
    return listening->instance == document->claimed_by ? nullptr : document;
  return is_of_this_host(sight.all, document->claimed_by) ? nullptr : document;
}

std::optional<Link> holder_link(const Sight& sight) {
  if (sight.stored == nullptr) return std::nullopt;
  if (const auto* why = std::get_if<NotLooked>(&sight.account.holder))
    return not_looked(CheckId::kHolder, *why);
  const Holder& holder = *holder_of(sight);
  if (!holder.pid) {
    if (const auto* lease = lease_of_another(sight))
      return held_elsewhere(CheckId::kHolder, Finding::kHeldElsewhere, *lease);
    return nobody_listens(sight);
  }
  const auto pid = static_cast<std::int64_t>(*holder.pid);
  if (holder.listening)
    return ok(CheckId::kHolder, Finding::kListening,
              {{"instance", holder.listening->instance}, {"pid", pid}});
  if (!holder.silent.empty())
    return broken(CheckId::kHolder, Cause::kNotConnected, Finding::kHolderSilent,
                  {{"pid", pid}, {"error", holder.silent}});
  return ok(CheckId::kHolder, Finding::kHeldByCommand, {{"pid", pid}});
}

std::optional<Link> connection_link(const Sight& sight) {
  const Holder* holder = holder_of(sight);
  if (sight.stored == nullptr || holder == nullptr || !holder->pid) return std::nullopt;
  const Account& account = sight.stored->account;
  if (!holder->listening) {
    if (account.status == AccountStatus::kConnected)
      return ok(CheckId::kConnection, Finding::kConnectedOnce,
                {{"since", account.last_connected_at}});
    return std::nullopt;
  }
  const Listening& now = *holder->listening;
  const UnixSeconds last_message = std::max(now.last_message, account.last_realtime_message_at);
  const Facts facts{{"since", now.connected_since},
                    {"last_message", last_message},
                    {"last_traffic", now.last_server_traffic},
                    {"last_stanza", std::max(now.last_stanza, sight.stored->last_stanza)},
                    {"status", now.status},
                    {"reason", now.trouble}};
  if (!now.connected_since.known())
    return broken(CheckId::kConnection, Cause::kNotConnected,
                  now.trouble.empty() ? Finding::kConnecting : Finding::kNotConnected, facts);
  if (now.last_server_traffic.known() &&
      now.last_server_traffic.value + kQuietSeconds < sight.all.now.value)
    return broken(CheckId::kConnection, Cause::kNotConnected, Finding::kNothingHeard, facts);
  return ok(CheckId::kConnection, Finding::kConnected, facts);
}

std::optional<Link> lease_link(const Sight& sight) {
  const AccountDocument* document = document_of(sight);
  if (document == nullptr) return std::nullopt;
  if (const auto* lease = lease_of_another(sight))
    return held_elsewhere(CheckId::kLease, Finding::kLeaseElsewhere, *lease);
  if (document->claimed_by.empty() || document->lease_until <= sight.all.now)
    return ok(CheckId::kLease, Finding::kLeaseNobody);
  return ok(CheckId::kLease, Finding::kLeaseHere,
            {{"instance", document->claimed_by}, {"until", document->lease_until}});
}

}  // namespace wasync::diagnosis
