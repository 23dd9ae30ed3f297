// Observations of an Inbox in which all is well, for tests to break one thing in.
#pragma once

#include "diagnose/observation.h"
#include "diagnose/verdict.h"

namespace wasync::test {

inline constexpr UnixSeconds kLookedAt{1'790'000'000};
inline constexpr UnixSeconds ago(std::int64_t seconds) {
  return {kLookedAt.value - seconds};
}
inline constexpr std::int64_t kMinute_s = 60;
inline constexpr std::int64_t kDay_s = 24 * 3600;

inline diagnosis::InboxSight some_threads() {
  return {.threads = 14,
          .shown = 12,
          .shown_placeholders = 2,
          .hidden = {{HiddenBecause::kArchived, 1}, {HiddenBecause::kPlaceholder, 1}}};
}

inline diagnosis::StoredAccount stored(const std::string& phone = "+40737123397") {
  diagnosis::StoredAccount out{.account = {.id = account_id_for(phone)}};
  out.account.phone = phone;
  out.account.name = "Shop";
  out.account.status = AccountStatus::kConnected;
  out.account.last_connected_at = ago(kDay_s);
  out.account.last_history_sync_at = ago(2 * kDay_s);
  out.account.last_history_result = {.saved = 580, .chunks = 6, .progress = 100};
  out.linked = true;
  out.paired_at = ago(2 * kDay_s);
  out.full_history_requested = true;
  out.history = {.any = true,
                 .verdict = HistoryProgress::Verdict::kComplete,
                 .queue = {.waiting = 0, .failed = 0, .done = 6}};
  out.totals = {.threads = 14, .placeholders = 3, .messages = 580, .contacts = 20};
  out.never_asked = 9;  // a phone always has more
  out.phone_heard_at = ago(3 * 3600);
  out.last_stanza = ago(2 * kMinute_s);
  out.inbox = some_threads();
  return out;
}

inline diagnosis::AccountObservation account(const std::string& phone = "+40737123397") {
  diagnosis::AccountObservation out{.id = account_id_for(phone)};
  out.stored = stored(phone);
  out.file = diagnosis::FileHealth::kSound;
  out.holder = diagnosis::Holder{.pid = 4711,
                                 .listening = diagnosis::Listening{
                                     .instance = "host-4711",
                                     .status = "connected",
                                     .connected_since = ago(kDay_s),
                                     .last_message = ago(5 * kMinute_s),
                                     .last_server_traffic = ago(20),
                                     .last_stanza = ago(2 * kMinute_s),
                                 }};
  return out;
}

inline diagnosis::Observations healthy() {
  using Found = std::variant<diagnosis::Configuration, diagnosis::Unusable>;
  diagnosis::Observations seen{.now = kLookedAt, .hostname = "host"};
  seen.configuration = Found(diagnosis::Configuration{});
  seen.state_dir = diagnosis::StateDirectory{
      .path = "/var/lib/wa-sync", .exists = true, .free_bytes = 20LL << 30};
  seen.accounts.push_back(account());
  return seen;
}

inline constexpr const char* kTarget = "projects/superparty/databases/(default)/documents";

inline diagnosis::Observations healthy_in_firestore() {
  using Found = std::variant<diagnosis::Configuration, diagnosis::Unusable>;
  using Document = std::variant<diagnosis::AccountDocument, diagnosis::Refusal>;
  using Query = std::variant<diagnosis::InboxSight, diagnosis::Refusal>;
  diagnosis::Observations seen = healthy();
  seen.configuration = Found(diagnosis::Configuration{.target = kTarget, .project = "superparty"});
  diagnosis::AccountObservation& one = seen.accounts.front();
  std::get<diagnosis::StoredAccount>(one.stored).upload_target = kTarget;
  std::get<diagnosis::Holder>(one.holder).listening->uploads = true;
  one.firestore.document = Document(diagnosis::AccountDocument{
      .exists = true, .status = "connected", .claimed_by = "host-4711", .lease_until = ago(-60)});
  one.firestore.document_took = std::chrono::milliseconds(84);
  one.firestore.query = Query(some_threads());
  one.firestore.without_last_message_at = std::int64_t{0};
  one.firestore.same_phone = std::vector<diagnosis::SameAccount>{};
  one.firestore.reads = 16;
  one.firestore.clock_skew = std::chrono::seconds(-1);
  return seen;
}

// Of the only account.
inline diagnosis::StoredAccount& stored_in(diagnosis::Observations& seen) {
  return std::get<diagnosis::StoredAccount>(seen.accounts.front().stored);
}
inline diagnosis::Holder& holder_in(diagnosis::Observations& seen) {
  return std::get<diagnosis::Holder>(seen.accounts.front().holder);
}
inline diagnosis::AccountDocument& document_in(diagnosis::Observations& seen) {
  return std::get<diagnosis::AccountDocument>(
      std::get<1>(seen.accounts.front().firestore.document));
}
inline void set_live(diagnosis::Observations& seen, diagnosis::LiveAnswer answer,
                     bool by_listener = false) {
  seen.accounts.front().live =
      diagnosis::Live{.answer = std::move(answer), .by_listener = by_listener};
}
inline void refuse_query(diagnosis::Observations& seen, diagnosis::Refusal refusal) {
  seen.accounts.front().firestore.query =
      std::variant<diagnosis::InboxSight, diagnosis::Refusal>(std::move(refusal));
}
inline void refuse_document(diagnosis::Observations& seen, diagnosis::Refusal refusal,
                            std::optional<std::chrono::seconds> clock_skew = {}) {
  diagnosis::InFirestore found;
  found.clock_skew = clock_skew;
  found.document = std::variant<diagnosis::AccountDocument, diagnosis::Refusal>(std::move(refusal));
  seen.accounts.front().firestore = found;
}

}  // namespace wasync::test
