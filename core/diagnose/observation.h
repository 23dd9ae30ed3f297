// What the probes have seen of an Inbox: plain values, so that the verdict over them is a pure
// function (verdict.h). Each may be missing; then the reason is there.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "firestore/failure.h"
#include "inbox/account.h"
#include "inbox/history_queue.h"
#include "inbox/ids.h"
#include "inbox/left_out.h"
#include "inbox/queries.h"
#include "inbox/visibility.h"
#include "session/link/history_progress.h"
#include "session/receive/awaited_messages.h"

namespace wasync::diagnosis {

struct NotLooked {
  Words why{};  // a clause for people; empty: no answer came in time
  Words hint{};
};

// Starts as "not looked": a probe that never answers leaves it so.
template <typename T>
using Seen = std::variant<NotLooked, T>;
template <typename T>
const T* seen(const Seen<T>& what) {
  return std::get_if<T>(&what);
}

struct Configuration {
  bool sqlite_chosen = false;  // by --inbox sqlite; else because there is no project
  std::string target{};        // of Firestore, as the account's file names it; empty: SQLite alone
  std::string project{};
  // An emulator is set, and also this variable, which names credentials of the real service.
  std::string beside_emulator{};
};
struct Unusable {  // the configuration contradicts itself
  Words what{};
  Words hint{};
};

struct StateDirectory {
  std::filesystem::path path{};
  bool exists = false;
  std::int64_t free_bytes = 0;  // for us
};

// An account's conversations as the app would show them, and those that it hides.
struct InboxSight {
  std::int64_t threads = 0;  // that the app's query returns
  std::int64_t shown = 0;
  std::int64_t shown_placeholders = 0;  // of those, without any message
  std::map<HiddenBecause, std::int64_t> hidden{};
  std::int64_t same_phone = 0;  // shown ones beyond the first of their phone
  std::int64_t not_read = 0;    // the query returns these too, but to read all costs too much
};

struct StoredHistory {
  bool any = false;  // this pairing brought conversations, or the word that there are none
  HistoryProgress::Verdict verdict = HistoryProgress::Verdict::kAwaiting;
  HistoryQueueCounts queue{};
  std::string last_error{};  // of a chunk that waits or that we gave up
};

// What an account's file says.
struct StoredAccount {
  Account account;
  bool linked = false;  // it has a device
  UnixSeconds paired_at{};
  bool full_history_requested = false;
  bool history_awaited = false;
  StoredHistory history{};
  InboxTotals totals{};
  Undecryptable undecryptable{};
  LeftOutCounts left_out{};
  // Of the threads that the app's query returns, as `inbox` is: messages of history that could not
  // be taken in, the conversation that has most of them, and threads that a backfill could fill and
  // has never been asked about.
  std::int64_t too_large = 0;
  std::string too_large_in{};
  std::int64_t never_asked = 0;
  InboxSight inbox{};
  std::string upload_target{};
  UnixSeconds unsent_since{};    // of what waits longest; unknown: nothing waits, or not known
  std::string refusal{};         // of a row that was set aside
  bool retried_in_vain = false;  // all of those were offered again, and refused again
  UnixSeconds phone_heard_at{};  // unknown: not since it was linked
  UnixSeconds last_stanza{};     // when the newest one of any use was sent
  UnixSeconds restored_at{};     // the file was seen to be a restored backup; unknown: never
};

enum class FileHealth { kSound, kDamaged };

// What a running `listen` tells over the control socket.
struct Listening {
  std::string instance{};
  std::string status{};
  UnixSeconds connected_since{};  // unknown while there is no connection
  UnixSeconds last_message{};
  UnixSeconds last_server_traffic{};
  UnixSeconds last_stanza{};  // when the newest one of any use was sent
  std::string trouble{};      // why it is not connected; empty: it does not say
  bool uploads = false;       // it sends to a Firestore
  std::int64_t queued = 0;
  std::string upload_trouble{};  // why nothing goes out at present
  UnixSeconds phone_heard_at{};  // may be newer than the file's
  // By how much this host's clock is ahead of what servers told; zero: it is right, or none did.
  std::chrono::seconds clock_ahead{0};
};

// Which process has the account on this host.
struct Holder {
  std::optional<int> pid{};  // nothing: no process; 0: an unknown one
  std::optional<Listening> listening{};
  std::string silent{};  // why the process that should have answered did not
};

// Firestore did not do what we asked.
struct Refusal {
  bool unreachable = false;  // no answer, or only that it cannot do it now
  Words message{};
  std::string create_index_link{};
};

struct AccountDocument {
  bool exists = false;
  std::string status{};
  std::string claimed_by{};
  std::string claimed_life{};  // of that instance's process; empty: one that writes none
  UnixSeconds lease_until{};
};
struct SameAccount {  // of the same phone, under another id
  std::string id{};
  std::string status{};
};

// Each part is what the probe asked for, or the refusal. The probe asks in this order.
struct InFirestore {
  Seen<std::variant<AccountDocument, Refusal>> document{};
  std::chrono::milliseconds document_took{0};
  Seen<std::variant<InboxSight, Refusal>> query{};
  Seen<std::int64_t> without_last_message_at{};
  // How many of those --fix has found that it cannot repair; nothing: it has not looked.
  std::optional<std::int64_t> without_for_good{};
  Seen<std::vector<SameAccount>> same_phone{};
  std::int64_t reads = 0;  // documents that Google counts
  // By how much this host's clock is ahead of Google's.
  std::optional<std::chrono::seconds> clock_skew{};
};

// Why the probe did not ask WhatsApp with an account although the user wanted it.
enum class NotAsked {
  kNotLinked,      // unlinked or logged out
  kHeldHere,       // a process of this host has the account, and we cannot ask it
  kHeldElsewhere,  // another instance has the lease: a login here would end its connection
  kLeaseUnknown,   // another instance may have it: Firestore did not tell
  kOldListener,    // the listener does not know the question
};
struct Answered {
  std::chrono::milliseconds round_trip{0};
};
struct Unanswered {  // or refused
  ErrorCode code = ErrorCode::kInternal;
  Words message{};
  Words hint{};
};
using LiveAnswer = std::variant<NotLooked, NotAsked, Answered, Unanswered>;

// What WhatsApp said when the probe asked.
struct Live {
  LiveAnswer answer{};
  bool by_listener = false;   // over its connection; else by a login of our own
  UnixSeconds server_time{};  // by WhatsApp's clock; unknown: it told none
  UnixSeconds at{};           // the same moment by ours
};

struct AccountObservation {
  AccountId id;
  Seen<StoredAccount> stored{};
  Seen<FileHealth> file{};
  Seen<Holder> holder{};
  // The life (service/lease_life.h) in which a process of this host last had the lease; empty: none
  // is known, or what tells it is a copy. Nothing: the probe has not looked.
  std::optional<std::string> lease_life{};
  InFirestore firestore{};
  std::optional<Live> live{};  // nothing: the user did not want it
};

// How long a listener leaves an account's threads alone.
struct BackfillPace {
  std::chrono::seconds after_success{};
  std::chrono::seconds after_attempt{};
};

struct Observations {
  UnixSeconds now{};
  std::string hostname{};     // a listener of this host is HOSTNAME-PID in leases,
  std::string instance_id{};  // or what INSTANCE_ID says
  // Nothing: listeners start no backfills by themselves. Read from our environment, which need not
  // be theirs.
  std::optional<BackfillPace> scheduled_backfill{};
  Seen<std::variant<Configuration, Unusable>> configuration{};
  Seen<StateDirectory> state_dir{};
  std::vector<AccountObservation> accounts{};
};

}  // namespace wasync::diagnosis
