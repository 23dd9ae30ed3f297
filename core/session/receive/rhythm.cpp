#include "session/receive/rhythm.h"

#include <algorithm>

#include "base/sqlite.h"
#include "session/receive/stanza_receiver.h"

namespace wasync {
namespace {

constexpr std::int64_t kWeek_s = 7LL * 86'400;
constexpr int kMostDoublings = 5;

}  // namespace

void Rhythm::hear(UnixSeconds sent, UnixSeconds now) {
  // What is ahead was stored before the clock was set back.
  if (heard_at.value > now.value + kMostPatience.count()) *this = {};
  if (!week_began.known()) week_began = sent;
  if (sent <= heard_at) return;
  if (sent.value - week_began.value >= kWeek_s) {
    longest_before = longest;
    longest = std::chrono::seconds(0);
    week_began = sent;
  }
  if (heard_at.known())
    longest = std::max(longest, std::chrono::seconds(sent.value - heard_at.value));
  heard_at = sent;
}

std::optional<UnixSeconds> use_sent_at(const Node& stanza, UnixSeconds now) {
  if (!StanzaReceiver::takes(stanza)) return std::nullopt;
  const UnixSeconds sent = stanza.time("t");
  if (sent.known()) return std::min(sent, now);
  if (stanza.has("offline")) return std::nullopt;
  return now;
}

std::chrono::seconds patience(const Rhythm& rhythm, int in_vain) {
  const auto usual = std::max(rhythm.longest, rhythm.longest_before);
  const auto once = std::clamp(usual + usual / 2, kLeastPatience, kMostPatience);
  return once * (1 << std::clamp(in_vain, 0, kMostDoublings));
}

bool has_fallen_silent(const Rhythm& rhythm, UnixSeconds login, int in_vain, UnixSeconds now) {
  const UnixSeconds since = std::max(rhythm.heard_at, login);
  return login.known() &&
         std::chrono::seconds(now.value - since.value) >= patience(rhythm, in_vain);
}

Rhythm load_rhythm(Database& database) {
  auto query = database.prepare("SELECT heard_at, week_began, longest, longest_before FROM rhythm");
  if (!query.step()) return {};
  return {.heard_at = {query.integer(0)},
          .week_began = {query.integer(1)},
          .longest = std::chrono::seconds(query.integer(2)),
          .longest_before = std::chrono::seconds(query.integer(3))};
}

void store_rhythm(Database& database, const Rhythm& rhythm) {
  database
      .prepare(
          "INSERT OR REPLACE INTO rhythm (only_row, heard_at, week_began, longest, longest_before)"
          " VALUES (1, ?, ?, ?, ?)")
      .bind(rhythm.heard_at)
      .bind(rhythm.week_began)
      .bind(rhythm.longest.count())
      .bind(rhythm.longest_before.count())
      .run();
}

}  // namespace wasync
