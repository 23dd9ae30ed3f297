// What a check can find. The command line has the words for each, in every language
// (cli/diagnose_words.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/phrase.h"

namespace wasync::diagnosis {

// Checks in the order of the pipeline. Names are stable: scripts read them.
enum class CheckId {
  kConfig,
  kClock,
  kStateDir,
  kFile,
  kAccount,
  kPhone,
  kHolder,
  kConnection,
  kLive,
  kHistory,
  kThreads,
  kBackfill,
  kUploadQueue,
  kFirestore,
  kAccountDocument,
  kLease,
  kInboxQuery,
  kHidden,
  kWithoutLastMessageAt,
  kMangledIds,
  kDuplicates,
  kSamePhone,
};
std::string_view name(CheckId check);  // "upload_queue"

enum class CheckState {
  kOk,
  kBroken,   // the first link of its account that is
  kSkipped,  // says nothing by itself: an earlier link is broken
  kUnknown,  // the probe could not look
};
std::string_view name(CheckState state);  // "broken"

enum class Finding {
  // config
  kSqliteInbox,
  kFirestoreInbox,
  kConfigUnusable,
  kEmulatorBesideCredentials,
  kInboxElsewhere,
  kFirestoreNotConfigured,
  // clock
  kClockRight,
  kClockAhead,
  kClockBehind,
  // state_dir
  kStateDir,
  kStateDirMissing,
  kNoSpace,
  // file
  kFileSound,
  kFileDamaged,
  // account
  kNoAccount,
  kPaired,
  kRestored,
  kUnlinked,
  kLoggedOut,
  kRestoredLoggedOut,
  // phone
  kPhoneHeard,
  kPhoneNotHeard,
  kPhoneSilent,
  // holder
  kListening,
  kHeldByCommand,
  kNobodyListens,
  kHolderSilent,
  kHeldElsewhere,
  // connection
  kConnected,
  kConnectedOnce,
  kConnecting,
  kNotConnected,
  kNothingHeard,
  // live
  kLiveAnswers,
  kLiveLogsIn,
  kLiveNotConnected,
  kLiveConnectionSilent,
  kLiveSilent,
  kLiveUnreachable,
  kLiveUntrusted,
  kLiveLoggedOut,
  kLiveBanned,
  kLiveOutdated,
  kLiveReplaced,
  kLiveRefused,
  kLiveNotLinked,
  kLiveHeldHere,
  kLiveHeldElsewhere,
  kLiveLeaseUnknown,
  kLiveOldListener,
  // history
  kHistoryHere,
  kHistoryRecent,
  kHistoryWithoutLarge,
  kNoHistory,
  kNoHistoryOfThisLink,
  kHistoryAwaited,
  kHistoryArriving,
  kHistoryStalled,
  kHistoryTried,
  kHistoryPartsLost,
  // threads
  kThreads,
  kThreadsAwaited,
  kThreadsLeftOut,
  kNoConversations,
  kOldMessagesMissing,
  kMostlyPlaceholders,
  // backfill
  kNeverFilled,
  kFilling,
  kFilled,
  kFilledRests,
  kFillingFailed,
  // upload_queue
  kQueueEmpty,
  kQueueMoving,
  kListenerSendsNothing,
  kQueueStuck,
  kQueueOld,
  kSetAside,
  kSetAsideAgain,
  // firestore
  kFirestoreReachable,
  kFirestoreUnreachable,
  kFirestoreRefuses,
  // account_document
  kDocumentConnected,
  kDocumentOnItsWay,
  kDocumentMissing,
  kDocumentStatus,
  // lease
  kLeaseHere,
  kLeaseNobody,
  kLeaseElsewhere,
  // inbox_query
  kWouldShow,
  kWouldShowInPart,
  kQueryWorks,
  kQueryReadInPart,
  kIndexMissing,
  kQueryRefused,
  kQueryUnreachable,
  // hidden
  kNothingHidden,
  kSomeHidden,
  kAllHidden,
  // without_last_message_at
  kAllHaveTimes,
  kWithoutTime,
  kWithoutTimeForGood,
  // mangled_ids
  kNoMangledIds,
  kMangledIds,
  // duplicates
  kNoDuplicates,
  kDuplicates,
  // same_phone
  kOneAccountOfPhone,
  kSamePhone,
  kSamePhoneHere,
  // any
  kNotLooked,
  kCount,  // how many there are
};

// A count, a time, a text that a stranger may have written, or one of ours. Names are stable:
// scripts read them, and ours in English.
using FactValue = std::variant<std::int64_t, UnixSeconds, std::string, Words>;
struct Fact {
  std::string_view name;  // of static storage duration
  FactValue value;
};
using Facts = std::vector<Fact>;

struct Check {
  CheckId id{};
  CheckState state = CheckState::kOk;
  Finding finding{};
  Facts facts{};
};

}  // namespace wasync::diagnosis
