// Why the Inbox is empty, or incomplete: a pure function of what was seen.
//
// Every account's checks stand in the order in which a conversation travels: phone, connection,
// history, this host, Firestore, the app's query, its rules. The first broken one is the cause. The
// user sees the later ones too, but they say nothing by themselves.
//
// While all else is in order, old messages count as missing (cause 14) if
//   - no history came with this pairing, and there are conversations that backfill could fill and
//     has never asked about; or
//   - we gave up parts of the history; or
//   - more than half of the conversations that the app shows have no message at all.
// A phone always has more than it sends after pairing: that alone is no fault.
#pragma once

#include <optional>
#include <vector>

#include "diagnose/finding.h"
#include "diagnose/observation.h"

namespace wasync::diagnosis {

enum class Verdict {
  kHealthy,
  kBlind,       // a probe could not look, and we know of nothing broken
  kIncomplete,  // the app shows something, and something is missing
  kStale,       // nothing new gets to the app
  kEmpty,       // the app shows nothing
};
std::string_view name(Verdict verdict);  // "HEALTHY"; the worst one is last

// Exit codes, as the command line's contract lists them.
enum class Cause : int {
  kNone = 0,
  kOther = 1,  // a probe could not look, or a file is damaged, or a disk is full
  kFirestoreUnreachable = 5,
  kNoAccount = 10,
  kNotConnected = 11,
  kNoHistory = 12,
  kHistoryArriving = 13,
  kOldMessagesMissing = 14,
  kNotUploaded = 15,
  kQueryFails = 16,
  kAllHidden = 17,
  kHeldElsewhere = 18,
  kConfiguration = 19,
};
std::string_view name(Cause cause);  // "no_history"; empty for kNone

// The verdict, and the one check that decides it: its finding also says why, and what to do.
struct Judgement {
  Verdict verdict = Verdict::kHealthy;
  Cause cause = Cause::kNone;
  // Nothing: there is nothing to say or do.
  std::optional<Check> decisive{};
  std::optional<std::int64_t> shown{};  // conversations; nothing: not known
  std::int64_t not_read = 0;            // the app may show these too
  // The advice needs the phone, and we last heard of it then (unknown: never). Nothing: the advice
  // needs no phone, or the phone is on.
  std::optional<UnixSeconds> silent_phone{};
};

struct AccountDiagnosis {
  AccountId id;
  std::string phone{};  // empty: not known
  std::string name{};
  Judgement judgement{};
  std::vector<Check> checks{};
};

struct Diagnosis {
  Judgement judgement{};  // of the worst account
  // The account that the decisive check is about; nothing: all of them, or none.
  std::optional<AccountId> about{};
  std::vector<Check> checks{};  // those about no single account
  std::vector<AccountDiagnosis> accounts{};
  std::int64_t firestore_reads = 0;
};

// Accounts in the order in which they were observed.
Diagnosis diagnose(const Observations& seen);

}  // namespace wasync::diagnosis
