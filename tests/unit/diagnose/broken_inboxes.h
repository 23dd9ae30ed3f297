// Inboxes in which one thing is broken, and what is to be found in each.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "unit/diagnose/sights.h"

namespace wasync::test {

using namespace wasync::diagnosis;

// One thing broken in an Inbox that is otherwise in order.
struct Row {
  const char* what;
  std::function<void(Observations&)> breaking;
  Verdict verdict;
  Cause cause;
  Finding finding;
};

inline void nothing_here(StoredAccount& stored) {
  stored.totals = {};
  stored.inbox = {};
  stored.never_asked = 0;
}

inline void no_history(StoredAccount& stored) {
  stored.history = {};
  stored.account.last_history_result = {};
}

inline void set_configuration(Observations& seen, Configuration configuration) {
  seen.configuration = std::variant<Configuration, Unusable>(std::move(configuration));
}

// WhatsApp refuses, or does not answer, where nobody listens.
inline Row refused_live(const char* what, ErrorCode code, Finding finding) {
  return {what,
          [code](Observations& o) {
            holder_in(o) = {};
            set_live(o, Unanswered{.code = code, .message = "it said so", .hint = "do that"});
          },
          Verdict::kStale, Cause::kNotConnected, finding};
}

inline const std::vector<Row>& rows_live() {
  static const std::vector<Row> rows = {
      refused_live("removed by the phone", ErrorCode::kLoggedOut, Finding::kLiveLoggedOut),
      refused_live("banned", ErrorCode::kBanned, Finding::kLiveBanned),
      refused_live("outdated", ErrorCode::kClientOutdated, Finding::kLiveOutdated),
      refused_live("replaced", ErrorCode::kReplaced, Finding::kLiveReplaced),
      refused_live("refused", ErrorCode::kServerRefused, Finding::kLiveRefused),
      refused_live("not WhatsApp", ErrorCode::kServerUntrusted, Finding::kLiveUntrusted),
      refused_live("out of reach", ErrorCode::kNetwork, Finding::kLiveUnreachable),
      refused_live("silent", ErrorCode::kTimeout, Finding::kLiveSilent),
      {"silent to the listener",
       [](Observations& o) { set_live(o, Unanswered{.code = ErrorCode::kTimeout}, true); },
       Verdict::kStale, Cause::kNotConnected, Finding::kLiveConnectionSilent},
      {"the listener has just lost its connection",
       [](Observations& o) {
         set_live(o, Unanswered{.code = ErrorCode::kNetwork, .message = "reset"}, true);
       },
       Verdict::kStale, Cause::kNotConnected, Finding::kLiveNotConnected},
      {"a command has the account",
       [](Observations& o) {
         holder_in(o).listening.reset();
         set_live(o, NotAsked::kHeldHere);
       },
       Verdict::kBlind, Cause::kOther, Finding::kLiveHeldHere},
      {"a listener of an older version",
       [](Observations& o) { set_live(o, NotAsked::kOldListener, true); }, Verdict::kBlind,
       Cause::kOther, Finding::kLiveOldListener},
      {"no time to ask", [](Observations& o) { set_live(o, NotLooked{}); }, Verdict::kBlind,
       Cause::kOther, Finding::kNotLooked},
  };
  return rows;
}

inline const std::vector<Row>& rows_anywhere() {
  static const std::vector<Row> rows = {
      {"nobody paired", [](Observations& o) { o.accounts.clear(); }, Verdict::kEmpty,
       Cause::kNoAccount, Finding::kNoAccount},
      {"unlinked", [](Observations& o) { stored_in(o).linked = false; }, Verdict::kStale,
       Cause::kNoAccount, Finding::kUnlinked},
      {"logged out",
       [](Observations& o) { stored_in(o).account.status = AccountStatus::kLoggedOut; },
       Verdict::kStale, Cause::kNotConnected, Finding::kLoggedOut},
      {"logged out, of a restored backup",
       [](Observations& o) {
         stored_in(o).account.status = AccountStatus::kLoggedOut;
         stored_in(o).restored_at = stored_in(o).paired_at;
       },
       Verdict::kStale, Cause::kNotConnected, Finding::kRestoredLoggedOut},
      {"nobody listens", [](Observations& o) { holder_in(o) = {}; }, Verdict::kStale,
       Cause::kNotConnected, Finding::kNobodyListens},
      {"a listener that hangs",
       [](Observations& o) {
         holder_in(o).listening.reset();
         holder_in(o).silent = "no answer";
       },
       Verdict::kStale, Cause::kNotConnected, Finding::kHolderSilent},
      {"a listener that connects",
       [](Observations& o) { holder_in(o).listening->connected_since = {}; }, Verdict::kStale,
       Cause::kNotConnected, Finding::kConnecting},
      {"a listener that cannot connect",
       [](Observations& o) {
         holder_in(o).listening->connected_since = {};
         holder_in(o).listening->trouble = "Connection refused";
       },
       Verdict::kStale, Cause::kNotConnected, Finding::kNotConnected},
      {"a connection that is dead",
       [](Observations& o) { holder_in(o).listening->last_server_traffic = ago(3600); },
       Verdict::kStale, Cause::kNotConnected, Finding::kNothingHeard},
      {"just paired",
       [](Observations& o) {
         no_history(stored_in(o));
         stored_in(o).history_awaited = true;
         stored_in(o).paired_at = ago(30);
       },
       Verdict::kIncomplete, Cause::kHistoryArriving, Finding::kHistoryAwaited},
      {"chunks wait",
       [](Observations& o) {
         stored_in(o).history.queue.waiting = 2;
         stored_in(o).account.last_history_sync_at = ago(20);
       },
       Verdict::kIncomplete, Cause::kHistoryArriving, Finding::kHistoryArriving},
      {"the phone stopped half way",
       [](Observations& o) {
         stored_in(o).history.verdict = HistoryProgress::Verdict::kAwaiting;
         stored_in(o).history_awaited = true;
       },
       Verdict::kIncomplete, Cause::kHistoryArriving, Finding::kHistoryStalled},
      {"history was only tried",
       [](Observations& o) { stored_in(o).account.last_history_result.dry_run = true; },
       Verdict::kIncomplete, Cause::kConfiguration, Finding::kHistoryTried},
      {"parts of the history are lost",
       [](Observations& o) { stored_in(o).history.queue.failed = 1; }, Verdict::kIncomplete,
       Cause::kOldMessagesMissing, Finding::kHistoryPartsLost},
      {"threads of new messages alone", [](Observations& o) { no_history(stored_in(o)); },
       Verdict::kIncomplete, Cause::kOldMessagesMissing, Finding::kOldMessagesMissing},
      {"placeholders for the most part",
       [](Observations& o) { stored_in(o).inbox.shown_placeholders = 7; }, Verdict::kIncomplete,
       Cause::kOldMessagesMissing, Finding::kMostlyPlaceholders},
      {"a damaged file", [](Observations& o) { o.accounts.front().file = FileHealth::kDamaged; },
       Verdict::kBlind, Cause::kOther, Finding::kFileDamaged},
      {"an unreadable file",
       [](Observations& o) { o.accounts.front().stored = NotLooked{.why = "denied"}; },
       Verdict::kBlind, Cause::kOther, Finding::kNotLooked},
      {"a full disk",
       [](Observations& o) { std::get<StateDirectory>(o.state_dir).free_bytes = 4096; },
       Verdict::kStale, Cause::kOther, Finding::kNoSpace},
      {"an unreadable state directory",
       [](Observations& o) {
         o.accounts.clear();
         o.state_dir = NotLooked{.why = "denied"};
       },
       Verdict::kBlind, Cause::kOther, Finding::kNotLooked},
      {"the same phone, linked twice",
       [](Observations& o) {
         o.accounts.push_back(o.accounts.front());
         o.accounts.back().id = account_id_for("+40711111111");
       },
       Verdict::kIncomplete, Cause::kConfiguration, Finding::kSamePhoneHere},
      {"credentials that are none",
       [](Observations& o) {
         o.configuration = std::variant<Configuration, Unusable>(Unusable{.what = "no key"});
       },
       Verdict::kBlind, Cause::kConfiguration, Finding::kConfigUnusable},
  };
  return rows;
}

inline const std::vector<Row>& rows_of_sqlite() {
  static const std::vector<Row> rows = {
      {"no history, no message",
       [](Observations& o) {
         no_history(stored_in(o));
         nothing_here(stored_in(o));
       },
       Verdict::kEmpty, Cause::kNoHistory, Finding::kNoHistory},
      {"everything hidden",
       [](Observations& o) {
         stored_in(o).inbox = {.threads = 3, .hidden = {{HiddenBecause::kArchived, 3}}};
       },
       Verdict::kEmpty, Cause::kAllHidden, Finding::kAllHidden},
      {"the account is in a Firestore that is not configured",
       [](Observations& o) { stored_in(o).upload_target = kTarget; }, Verdict::kBlind,
       Cause::kConfiguration, Finding::kFirestoreNotConfigured},
  };
  return rows;
}

inline const std::vector<Row>& rows_of_firestore() {
  static const std::vector<Row> rows = {
      {"no history, no message",
       [](Observations& o) {
         no_history(stored_in(o));
         nothing_here(stored_in(o));
         o.accounts.front().firestore.query = std::variant<InboxSight, Refusal>(InboxSight{});
       },
       Verdict::kEmpty, Cause::kNoHistory, Finding::kNoHistory},
      {"a listener without Firestore",
       [](Observations& o) {
         holder_in(o).listening->uploads = false;
         stored_in(o).totals.unsent = 20;
       },
       Verdict::kStale, Cause::kNotUploaded, Finding::kListenerSendsNothing},
      {"Firestore takes nothing",
       [](Observations& o) {
         holder_in(o).listening->upload_trouble = "Quota exceeded.";
         stored_in(o).totals.unsent = 20;
       },
       Verdict::kStale, Cause::kNotUploaded, Finding::kQueueStuck},
      {"nobody knows why nothing gets to Firestore",
       [](Observations& o) {
         stored_in(o).totals.unsent = 20;
         stored_in(o).unsent_since = ago(2 * 3600);
       },
       Verdict::kStale, Cause::kNotUploaded, Finding::kQueueOld},
      {"a clock that is ahead",
       [](Observations& o) {
         refuse_document(o, {.message = "invalid_grant"}, std::chrono::minutes(10));
       },
       Verdict::kStale, Cause::kConfiguration, Finding::kClockAhead},
      {"a clock that is behind",
       [](Observations& o) { o.accounts.front().firestore.clock_skew = -std::chrono::minutes(3); },
       Verdict::kStale, Cause::kConfiguration, Finding::kClockBehind},
      {"a document is refused", [](Observations& o) { stored_in(o).totals.set_aside = 1; },
       Verdict::kIncomplete, Cause::kNotUploaded, Finding::kSetAside},
      {"a document is refused again",
       [](Observations& o) {
         stored_in(o).totals.set_aside = 1;
         stored_in(o).retried_in_vain = true;
       },
       Verdict::kIncomplete, Cause::kNotUploaded, Finding::kSetAsideAgain},
      {"no network",
       [](Observations& o) { refuse_document(o, {.unreachable = true, .message = "refused"}); },
       Verdict::kBlind, Cause::kFirestoreUnreachable, Finding::kFirestoreUnreachable},
      {"Firestore hangs", [](Observations& o) { o.accounts.front().firestore = {}; },
       Verdict::kBlind, Cause::kFirestoreUnreachable, Finding::kFirestoreUnreachable},
      {"permission denied", [](Observations& o) { refuse_document(o, {.message = "denied"}); },
       Verdict::kBlind, Cause::kQueryFails, Finding::kFirestoreRefuses},
      {"no document", [](Observations& o) { document_in(o) = {}; }, Verdict::kEmpty,
       Cause::kNotUploaded, Finding::kDocumentMissing},
      {"another status", [](Observations& o) { document_in(o).status = "needs_qr"; },
       Verdict::kEmpty, Cause::kNotConnected, Finding::kDocumentStatus},
      {"a status that is on its way",
       [](Observations& o) {
         document_in(o).status = "disconnected";
         stored_in(o).totals.unsent = 1;
       },
       Verdict::kEmpty, Cause::kNotConnected, Finding::kDocumentOnItsWay},
      {"another host runs it",
       [](Observations& o) {
         holder_in(o) = {};
         document_in(o).claimed_by = "other-1";
       },
       Verdict::kBlind, Cause::kHeldElsewhere, Finding::kHeldElsewhere},
      {"the machine that this one was cloned from runs it",
       [](Observations& o) {
         holder_in(o) = {};
         o.accounts.front().lease_life = "ours";
         document_in(o).claimed_life = "theirs";
       },
       Verdict::kBlind, Cause::kHeldElsewhere, Finding::kHeldElsewhere},
      {"so does a clone with a listener of the same name",
       [](Observations& o) {
         o.accounts.front().lease_life = "";  // the file is a copy
         document_in(o).claimed_life = "theirs";
       },
       Verdict::kBlind, Cause::kHeldElsewhere, Finding::kLeaseElsewhere},
      {"two hosts run it", [](Observations& o) { document_in(o).claimed_by = "other-1"; },
       Verdict::kBlind, Cause::kHeldElsewhere, Finding::kLeaseElsewhere},
      {"a lease that has run out",
       [](Observations& o) {
         holder_in(o) = {};
         document_in(o).claimed_by = "other-1";
         document_in(o).lease_until = ago(1);
       },
       Verdict::kStale, Cause::kNotConnected, Finding::kNobodyListens},
      {"the index is missing",
       [](Observations& o) {
         refuse_query(o, {.message = "needs an index", .create_index_link = "https://console."});
       },
       Verdict::kEmpty, Cause::kQueryFails, Finding::kIndexMissing},
      {"the query is refused", [](Observations& o) { refuse_query(o, {.message = "denied"}); },
       Verdict::kBlind, Cause::kQueryFails, Finding::kQueryRefused},
      {"the query hangs", [](Observations& o) { o.accounts.front().firestore.query = NotLooked{}; },
       Verdict::kBlind, Cause::kFirestoreUnreachable, Finding::kQueryUnreachable},
      {"everything hidden",
       [](Observations& o) {
         o.accounts.front().firestore.query = std::variant<InboxSight, Refusal>(
             InboxSight{.threads = 3, .hidden = {{HiddenBecause::kHidden, 3}}});
       },
       Verdict::kEmpty, Cause::kAllHidden, Finding::kAllHidden},
      {"threads without lastMessageAt",
       [](Observations& o) {
         o.accounts.front().firestore.without_last_message_at = std::int64_t{2};
       },
       Verdict::kIncomplete, Cause::kAllHidden, Finding::kWithoutTime},
      {"threads that nothing gives a time",
       [](Observations& o) {
         o.accounts.front().firestore.without_last_message_at = std::int64_t{2};
         o.accounts.front().firestore.without_for_good = std::int64_t{2};
       },
       Verdict::kIncomplete, Cause::kAllHidden, Finding::kWithoutTimeForGood},
      {"some of them are new since it was looked",
       [](Observations& o) {
         o.accounts.front().firestore.without_last_message_at = std::int64_t{3};
         o.accounts.front().firestore.without_for_good = std::int64_t{2};
       },
       Verdict::kIncomplete, Cause::kAllHidden, Finding::kWithoutTime},
      {"the same phone under another id",
       [](Observations& o) {
         o.accounts.front().firestore.same_phone =
             std::vector<SameAccount>{{.id = "account_dev_1", .status = "connected"}};
       },
       Verdict::kIncomplete, Cause::kConfiguration, Finding::kSamePhone},
      {"another project than that of the account",
       [](Observations& o) { stored_in(o).upload_target = "projects/old"; }, Verdict::kBlind,
       Cause::kConfiguration, Finding::kInboxElsewhere},
      {"an emulator and credentials",
       [](Observations& o) {
         set_configuration(o, {.target = kTarget,
                               .project = "superparty",
                               .beside_emulator = "GOOGLE_APPLICATION_CREDENTIALS"});
       },
       Verdict::kIncomplete, Cause::kConfiguration, Finding::kEmulatorBesideCredentials},
  };
  return rows;
}

}  // namespace wasync::test
