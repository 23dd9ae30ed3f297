// Why the Inbox is empty, or incomplete: a pure function of what was seen.
//
// Every account's checks stand in the order in which a conversation travels: phone, connection,
// history, this host, Firestore, the app's query, its rules. The first broken one is the cause.
// What comes behind it is shown, but says nothing by itself.
//
// Old messages are taken to be missing (cause 14), while all else is in order, where
//   - no history came with this link, and there are conversations that backfill could fill and has
//     never been asked about;
//   - parts of the history were given up;
//   - more than half of the conversations that the app shows have no message at all.
// A phone always has more than it sends when it is linked: that alone is no fault.
#pragma once

#include <optional>
#include <vector>

#include "diagnose/finding.h"
#include "diagnose/observation.h"

namespace wasync::diagnosis {

enum class Verdict {
  kHealthy,
  kBlind,       // could not be looked at, and nothing is known to be broken
  kIncomplete,  // something is shown, something is missing
  kStale,       // nothing new gets to it
  kEmpty,
};
std::string_view name(Verdict verdict);  // "HEALTHY"; in the order of how bad they are

// Exit codes, as the command line's contract lists them.
enum class Cause : int {
  kNone = 0,
  kOther = 1,  // could not be looked at, or a damaged file, a full disk
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

// The one check that decides: what it found also says why, and what to do.
struct Judgement {
  Verdict verdict = Verdict::kHealthy;
  Cause cause = Cause::kNone;
  // Nothing: there is nothing to be said or done.
  std::optional<Check> decisive{};
  std::optional<std::int64_t> shown{};  // conversations; nothing: not known
  std::int64_t not_read = 0;            // that may be shown as well
  // What is to be done needs the phone, and it was last heard of then (unknown: never); nothing: no
  // phone is needed, or it is on.
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
  // Which of the accounts the decisive check is about; nothing: all of them, or none.
  std::optional<AccountId> about{};
  std::vector<Check> checks{};  // those that are about no account
  std::vector<AccountDiagnosis> accounts{};
  std::int64_t firestore_reads = 0;
};

// Accounts in the order in which they were observed.
Diagnosis diagnose(const Observations& seen);

}  // namespace wasync::diagnosis
