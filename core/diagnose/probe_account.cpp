#include <algorithm>
#include <set>
#include <system_error>

#include "base/error.h"
#include "base/sqlite.h"
#include "diagnose/probes.h"
#include "inbox/dirty.h"
#include "inbox/mend.h"
#include "inbox/queries.h"
#include "inbox/schema.h"
#include "inbox/set_aside.h"
#include "proto/peer_message.pb.h"
#include "session/backfill/backfill_plan.h"
#include "session/device/device.h"
#include "session/device/schema.h"
#include "session/receive/rhythm.h"

namespace wasync::diagnosis {
namespace {

void check_age(TablesAge age) {
  if (age == TablesAge::kOlder)
    throw Error(ErrorCode::kStore,
                Phrase{"the account's file was written by an older wa-sync",
                       "fișierul contului a fost scris de un wa-sync mai vechi"},
                Phrase{"Bring it up to date, which is quick: wa-sync accounts list",
                       "Adu-l la zi, ceea ce durează puțin: wa-sync accounts list"});
  if (age == TablesAge::kNewer)
    throw Error(ErrorCode::kStoreTooNew,
                Phrase{"the account's file was written by a newer wa-sync",
                       "fișierul contului a fost scris de un wa-sync mai nou"},
                Phrase{"Use that one, or upgrade this one.",
                       "Folosește-l pe acela sau actualizează-l pe acesta."});
}

// Other chunks say nothing about the conversations.
bool tells_of_conversations(int type) {
  return type == pb::HISTORY_SYNC_INITIAL_BOOTSTRAP || type == pb::HISTORY_SYNC_RECENT ||
         type == pb::HISTORY_SYNC_FULL || type == pb::HISTORY_SYNC_NO_HISTORY;
}

StoredHistory history_of(Database& database, bool full_requested) {
  const HistoryQueue queue(database);
  StoredHistory out{.queue = queue.counts(), .last_error = queue.last_error()};
  HistoryProgress progress(full_requested);
  for (const FinishedChunk& chunk : queue.finished()) {
    progress.chunk_done(chunk.type, static_cast<std::uint32_t>(chunk.progress));
    out.any |= tells_of_conversations(chunk.type);
  }
  out.verdict = progress.verdict();
  return out;
}

// Those that the app asks for, as in Firestore: the cost does not grow with the number of threads.
void look_at_threads(Database& database, StoredAccount& out) {
  std::set<std::string> phones;
  std::int64_t most_too_large = 0;
  for (const ThreadListing& thread :
       list_threads(database, {.limit = kInboxQueryLimit, .include_hidden = true})) {
    add_to(out.inbox, thread.hidden_because, thread.placeholder);
    const bool is_again =
        !thread.hidden_because && !thread.phone.empty() && !phones.insert(thread.phone).second;
    if (is_again || (thread.jid.is_lid() && is_unmerged(database, thread.jid)))
      ++out.inbox.same_phone;
    out.too_large += thread.too_large;
    if (thread.too_large > most_too_large) {
      most_too_large = thread.too_large;
      out.too_large_in = thread.thread.str();
    }
    if (can_be_filled(thread) && thread.messages > 0 && !thread.history_exhausted &&
        !thread.last_backfill_at.known())
      ++out.never_asked;
  }
  if (out.inbox.threads == static_cast<std::int64_t>(kInboxQueryLimit))
    out.inbox.not_read = std::max<std::int64_t>(0, out.totals.threads - out.inbox.threads);
}

}  // namespace

void add_to(InboxSight& sight, const std::optional<HiddenBecause>& hidden, bool placeholder) {
  ++sight.threads;
  if (hidden) {
    ++sight.hidden[*hidden];
    return;
  }
  ++sight.shown;
  if (placeholder) ++sight.shown_placeholders;
}

StateDirectory probe_state_dir(const std::filesystem::path& path, bool exists) {
  StateDirectory out{.path = path, .exists = exists};
  if (!exists) return out;
  std::error_code error;
  const auto space = std::filesystem::space(path, error);
  if (error)
    throw Error(ErrorCode::kIo, Phrase{"cannot look at {}: {}", "{} nu se poate citi: {}"}.with(
                                    path.string(), error.message()));
  out.free_bytes = static_cast<std::int64_t>(space.available);
  return out;
}

StoredAccount probe_account(const std::filesystem::path& file, UnixSeconds now) {
  Database database(file, Database::Mode::kReadOnly);
  database.execute("BEGIN");  // reads everything as of one moment
  check_age(tables_age(database, inbox_tables()));
  check_age(tables_age(database, session_tables()));
  auto account = read_account(database);
  if (!account)
    throw Error(ErrorCode::kNotPaired,
                Phrase{"this account file has no account", "în acest fișier nu este niciun cont"},
                Phrase{"Run: wa-sync pair", "Rulează: wa-sync pair"});
  StoredAccount out{.account = *std::move(account)};
  if (const auto device = load_device(database)) {
    out.linked = true;
    out.paired_at = device->paired_at;
    out.full_history_requested = device->full_history_requested;
    out.history_awaited = device->history_awaited;
    out.phone_heard_at = device->phone_heard_at;
    out.restored_at = device->restored_at;
  }
  out.last_stanza = load_rhythm(database).heard_at;
  out.history = history_of(database, out.full_history_requested);
  out.totals = inbox_totals(database);
  out.left_out = left_out_counts(database);
  out.undecryptable = count_undecryptable(database, now);
  out.upload_target = upload_target(database);
  out.unsent_since = unsent_since(database);
  out.refusal = a_refusal(database);
  if (!out.refusal.empty()) out.retried_in_vain = retried_in_vain(database);
  look_at_threads(database, out);
  return out;
}

FileHealth probe_file(const std::filesystem::path& file) {
  Database database(file, Database::Mode::kReadOnly);
  auto check = database.prepare("PRAGMA quick_check(1)");
  return check.step() && check.text_view(0) == "ok" ? FileHealth::kSound : FileHealth::kDamaged;
}

}  // namespace wasync::diagnosis
