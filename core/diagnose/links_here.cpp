#include "base/free_space.h"
#include "base/http.h"
#include "diagnose/link.h"

namespace wasync::diagnosis {
namespace {

// How far our clock is ahead of Google's, or of WhatsApp's, or of what they told the listener.
std::optional<std::chrono::seconds> clock_skew_in(const AccountObservation& account) {
  if (account.firestore.clock_skew) return account.firestore.clock_skew;
  if (account.live && account.live->server_time.known())
    return std::chrono::seconds(account.live->at.value - account.live->server_time.value);
  const auto* holder = seen(account.holder);
  if (holder == nullptr || !holder->listening || holder->listening->clock_ahead.count() == 0)
    return std::nullopt;
  return holder->listening->clock_ahead;
}

}  // namespace

Link not_looked(CheckId id, const NotLooked& why) {
  return unknown(id, Cause::kOther, Finding::kNotLooked, {{"why", why.why}, {"hint", why.hint}});
}

Link configuration_link(const Observations& all) {
  if (const auto* why = std::get_if<NotLooked>(&all.configuration))
    return not_looked(CheckId::kConfig, *why);
  const auto& found = std::get<1>(all.configuration);
  if (const auto* unusable = std::get_if<Unusable>(&found))
    return broken(CheckId::kConfig, Cause::kConfiguration, Finding::kConfigUnusable,
                  {{"error", unusable->what}, {"hint", unusable->hint}});
  const auto& configuration = std::get<Configuration>(found);
  if (!configuration.beside_emulator.empty())
    return broken(CheckId::kConfig, Cause::kConfiguration, Finding::kEmulatorBesideCredentials,
                  {{"variable", configuration.beside_emulator}});
  if (configuration.target.empty()) return ok(CheckId::kConfig, Finding::kSqliteInbox);
  return ok(CheckId::kConfig, Finding::kFirestoreInbox, {{"project", configuration.project}});
}

// A wrong clock matters: it dates the tokens that we sign, ends leases, and orders messages.
std::optional<Link> clock_link(const Observations& all) {
  for (const AccountObservation& each : all.accounts) {
    const auto skew = clock_skew_in(each);
    if (!skew) continue;
    const std::chrono::seconds ahead = *skew;
    const Facts facts{
        {"ahead_s", std::int64_t{ahead.count()}},
        {"minutes", std::int64_t{std::chrono::round<std::chrono::minutes>(abs(ahead)).count()}}};
    if (abs(ahead) < kClockTolerance) return ok(CheckId::kClock, Finding::kClockRight, facts);
    return broken(CheckId::kClock, Cause::kConfiguration,
                  ahead.count() > 0 ? Finding::kClockAhead : Finding::kClockBehind, facts);
  }
  return std::nullopt;
}

Link state_dir_link(const Observations& all) {
  if (const auto* why = std::get_if<NotLooked>(&all.state_dir))
    return not_looked(CheckId::kStateDir, *why);
  const auto& directory = std::get<StateDirectory>(all.state_dir);
  const Facts facts{{"path", directory.path.string()}, {"free_bytes", directory.free_bytes}};
  if (!directory.exists) return ok(CheckId::kStateDir, Finding::kStateDirMissing, facts);
  if (std::cmp_less(directory.free_bytes, kLeastFreeBytes))
    return broken(CheckId::kStateDir, Cause::kOther, Finding::kNoSpace, facts);
  return ok(CheckId::kStateDir, Finding::kStateDir, facts);
}

// An operator's shell often lacks what the service's unit file sets.
std::optional<Link> target_link(const Sight& sight) {
  if (sight.stored == nullptr || sight.configuration == nullptr) return std::nullopt;
  const std::string& stored = sight.stored->upload_target;
  const Configuration& now = *sight.configuration;
  if (stored.empty() || stored == now.target || now.sqlite_chosen) return std::nullopt;
  const Finding finding =
      now.target.empty() ? Finding::kFirestoreNotConfigured : Finding::kInboxElsewhere;
  return broken(CheckId::kConfig, Cause::kConfiguration, finding,
                {{"target", stored}, {"configured", now.target}});
}

std::optional<Link> file_link(const Sight& sight) {
  const auto* health = seen(sight.account.file);
  if (health != nullptr && *health == FileHealth::kDamaged)
    return broken(CheckId::kFile, Cause::kOther, Finding::kFileDamaged,
                  {{"account", sight.account.id.str()}});
  if (const auto* why = std::get_if<NotLooked>(&sight.account.stored))
    return not_looked(CheckId::kFile, *why);
  // Checking a large file takes long. Without an answer yet, say nothing: the file was readable.
  if (health == nullptr) return std::nullopt;
  return ok(CheckId::kFile, Finding::kFileSound);
}

std::optional<Link> account_link(const Sight& sight) {
  if (sight.stored == nullptr) return std::nullopt;
  const StoredAccount& stored = *sight.stored;
  Facts facts{{"phone", stored.account.phone},
              {"paired_at", stored.paired_at},
              {"reason", stored.account.last_disconnect_reason}};
  if (!stored.linked)
    return broken(CheckId::kAccount, Cause::kNoAccount, Finding::kUnlinked, facts);
  const bool restored = stored.restored_at.known();
  if (restored) facts.push_back({"restored_at", stored.restored_at});
  if (stored.account.status == AccountStatus::kLoggedOut)
    return broken(CheckId::kAccount, Cause::kNotConnected,
                  restored ? Finding::kRestoredLoggedOut : Finding::kLoggedOut, facts);
  return ok(CheckId::kAccount, restored ? Finding::kRestored : Finding::kPaired, facts);
}

}  // namespace wasync::diagnosis
