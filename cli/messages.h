// Everything the program tells a person, in English and Romanian: the one catalogue.
// What scripts read (--json, error codes) is never translated.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wasync {

enum class Language { kEnglish, kRomanian };

// From LC_ALL, LC_MESSAGES or LANG, the first that is set; English unless it is Romanian.
Language language_of_locale();

enum class Text {
  // errors
  kHintLabel,
  kServerKeyAlone,
  kServerKeyAloneHint,
  kBadServerKey,
  kBadServerKeyHint,
  kBadPhone,
  kBadPhoneHint,
  kCodeNeedsPhone,
  kCodeNeedsPhoneHint,
  kPhoneOfAnother,
  kPhoneOfAnotherHint,
  kNoAccount,
  kNoAccountHint,
  kNoSuchAccount,
  kAmbiguousAccount,
  kWhichAccount,
  kChooseAccountHint,
  kNoSuchThread,
  kNoSuchThreadHint,
  kAmbiguousThread,
  kAmbiguousThreadHint,
  kUnexpected,
  // column titles
  kColumnPhone,
  kColumnName,
  kColumnStatus,
  kColumnLastConnection,
  kColumnThreads,
  kColumnMessages,
  kColumnUnsent,
  kColumnAccount,
  kColumnTime,
  kColumnUnread,
  kColumnLastMessage,
  kColumnHidden,
  // listings
  kNever,
  kUpdatingFile,
  kAppStateDamaged,
  kMessagesAwaited,
  kEmptyNoHistory,
  kEmptyNoHistoryDo,
  kEmptyHistoryArriving,
  kEmptyHistoryArrivingDo,
  kEmptyDryRun,
  kEmptyNoChats,
  kEmptyNoChatsDo,
  kEmptyAllHidden,
  kEmptyAllHiddenDo,
  kEmptyDiagnose,
  kEmptyNoMatch,
  kMoreThreads,
  kAppHidesAccount,
  kEmptyInFirestore,
  kPlaceholder,
  kThreadEmpty,
  kThreadEmptyDo,
  kOlderMessages,
  // one conversation
  kMe,
  kImage,
  kVideo,
  kAudio,
  kDocument,
  kSticker,
  kLocation,
  kContactCard,
  kPoll,
  kWaitingForMessage,
  kOtherContent,
  kDeleted,
  kEdited,
  kReplyTo,
  kTruncated,
  // pairing
  kScanGuide,
  kCodeGuide,
  kCodeReplaced,
  kSecondsLeft,
  kWaitingForNextQr,
  kQrLooksBroken,
  kQrNoRoom,
  kQrNoRoomDo,
  kQrWritten,
  kPairedAs,
  kWaitingForHistory,
  kHistoryFull,
  kHistoryRecent,
  kHistoryFirst,
  kHistoryNames,
  kDone,
  kDryRun,
  kDryRunDo,
  kSummaryAccount,
  kSummaryThreads,
  kSummaryMessages,
  kSummaryContacts,
  kSummaryOldest,
  kSummarySent,
  kSummaryQueued,
  kUploadBar,
  kUploadWaits,
  kUploadSetAside,
  kUploadUnfinished,
  kUploadUnfinishedDo,
  kNextLabel,
  kNextList,
  kNextShow,
  kNoHistoryCame,
  kNoHistoryCameDo,
  kStillArriving,
  kChunksFailed,
  kPartsDamaged,
  kChunkFailed,
  kReconnecting,
  kConnecting,
  kResumed,
  kStops,
  kInterrupted,
  kInterruptedHint,
  // unlinking
  kPurgeNeedsYes,
  kPurgeNeedsYesHint,
  kPurgeQuestion,
  kPurgeDeclined,
  kPurgeDeclinedHint,
  kUnlinked,
  kUnlinkedBefore,
  kInboxNotTold,
  kInboxKept,
  kPurged,
  kUnpairInterruptedHint,
  // backfill
  kBackfillNoThreads,
  kBackfillNoThreadsDo,
  kBackfillAsking,
  kBackfillReconnecting,
  kBackfillDone,
  kBackfillExhausted,
  kBackfillNoAnchor,
  kBackfillNoAnswer,
  kBackfillSkipped,
  kBackfillErrors,
  kBackfillErrorsDo,
  kBackfillAgain,
  // diagnose --fix
  kFixNeeded,
  kRepairsTitle,
  kRepairsMore,
  kRepairsNone,
  kRepairsLeft,
  kRepairsNotLooked,
  kRepairsReads,
  kRepairsQuestion,
  kRepairsQuestionOne,
  kRepairsDeclined,
  kRepairsNothingDone,
  kRepairRetry,
  kRepairSetTime,
  kRepairRedirect,
  kRepairLeftMangled,
  kRepairLeftNoMessage,
  kRepairLeftTime,
  kRepairLeftPerson,
  kRepairLeftNoThread,
  kRepairDone,
  kRepairDoneCopied,
  kRepairSent,
  kRepairQueued,
  kRepairAlready,
  kRepairFailed,
  kCount,  // how many there are
};

// The text with its placeholders ({} or {0}) unfilled.
std::string_view text(Language language, Text which);

template <typename... Values>
std::string say(Language language, Text which, const Values&... values) {
  return fmt::format(fmt::runtime(text(language, which)), values...);
}

// What to do about an error of this kind, for errors that bring no hint of their own and
// for languages other than that of the code's hints; empty when there is nothing to advise.
std::string_view hint_for(Language language, ErrorCode code);

enum class Noun {
  kConversation,
  kMessage,
  kContact,
  kChunk,
  kDocument,
  kSecond,
  kMinute,
  kHour,
  kDay,
};
// "1 conversation", "1,234 conversations"; "20 de conversații".
std::string counted(Language language, Noun noun, std::int64_t count);
// With the language's thousands separator.
std::string grouped(Language language, std::int64_t number);

}  // namespace wasync
