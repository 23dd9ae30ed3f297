#include "cli/backfill_settings.h"

#include <chrono>
#include <string>

#include "base/error.h"
#include "base/number.h"
#include "cli/env.h"

namespace wasync {
namespace {

std::size_t number_from_environment(const char* variable, std::size_t otherwise,
                                    std::size_t least = 1, std::size_t most = 1'000'000) {
  const std::string given = env(variable);
  if (given.empty()) return otherwise;
  const auto number = parse_number<std::size_t>(given);
  if (!number || *number < least || *number > most)
    throw Error(ErrorCode::kConfig,
                Phrase{"{}: \"{}\" is not a whole number from {} to {}",
                       "{}: „{}” nu este un număr întreg de la {} la {}"}
                    .with(variable, given, least, most),
                Phrase{"Correct the variable or unset it.", "Corectează variabila sau șterge-o."});
  return *number;
}

constexpr std::size_t kHour_ms = 3'600'000;

void milliseconds_from_environment(const char* variable, std::chrono::milliseconds& time,
                                   std::size_t least = 1, std::size_t most = 31 * 24 * kHour_ms) {
  const auto otherwise = static_cast<std::size_t>(time.count());
  time = std::chrono::milliseconds(number_from_environment(variable, otherwise, least, most));
}

}  // namespace

std::size_t backfill_threads() {
  return number_from_environment("WHATSAPP_BACKFILL_THREADS", 50);
}

std::size_t backfill_count() {
  return number_from_environment("WHATSAPP_BACKFILL_COUNT", 100);
}

// Of the shortest times: a tick costs something, and a backfill ends before its lease does. Of the
// longest lease: others take a longer one for a wrong clock's.
AutoBackfillOptions auto_backfill() {
  AutoBackfillOptions out;
  out.enabled = !env_says_no("AUTO_BACKFILL_ENABLED");
  milliseconds_from_environment("AUTO_BACKFILL_INTERVAL_MS", out.interval, 100);
  milliseconds_from_environment("AUTO_BACKFILL_COOLDOWN_SUCCESS_MS", out.success_cooldown);
  milliseconds_from_environment("AUTO_BACKFILL_ATTEMPT_BACKOFF_MS", out.attempt_backoff);
  milliseconds_from_environment("AUTO_BACKFILL_LEASE_MS", out.lease, 10'000, kHour_ms);
  out.most_per_tick =
      number_from_environment("AUTO_BACKFILL_MAX_ACCOUNTS_PER_TICK", out.most_per_tick);
  out.most_at_once = number_from_environment("AUTO_BACKFILL_MAX_CONCURRENCY", out.most_at_once);
  const auto per_thread = static_cast<std::size_t>(out.per_thread);
  out.per_thread = static_cast<std::int64_t>(
      number_from_environment("WHATSAPP_BACKFILL_MESSAGES_PER_THREAD", per_thread));
  return out;
}

}  // namespace wasync
