// One link of an account's chain (phone, connection, history, …, the app's rules), judged by
// itself. Private to the verdict.
#pragma once

#include <optional>

#include "diagnose/observation.h"
#include "diagnose/verdict.h"

namespace wasync::diagnosis {

struct Link {
  Check check;
  Cause cause = Cause::kNone;  // of a broken or unknown check
};

// What all links of an account look at.
struct Sight {
  const Observations& all;
  const AccountObservation& account;
  const StoredAccount* stored = nullptr;         // null: the probe could not look
  const Configuration* configuration = nullptr;  // likewise
  bool firestore() const { return configuration != nullptr && !configuration->target.empty(); }
};
Sight sight_of(const Observations& all, const AccountObservation& account);

inline Link ok(CheckId id, Finding finding, Facts facts = {}) {
  return {.check = {id, CheckState::kOk, finding, std::move(facts)}};
}
inline Link broken(CheckId id, Cause cause, Finding finding, Facts facts = {}) {
  return {.check = {id, CheckState::kBroken, finding, std::move(facts)}, .cause = cause};
}
inline Link unknown(CheckId id, Cause cause, Finding finding, Facts facts = {}) {
  return {.check = {id, CheckState::kUnknown, finding, std::move(facts)}, .cause = cause};
}
Link not_looked(CheckId id, const NotLooked& why);

// Each is in the file of its part of the chain. Nothing when there is nothing to judge.
// links_here.cpp
Link configuration_link(const Observations& all);
std::optional<Link> clock_link(const Observations& all);
Link state_dir_link(const Observations& all);
std::optional<Link> target_link(const Sight& sight);
std::optional<Link> file_link(const Sight& sight);
std::optional<Link> account_link(const Sight& sight);
// links_connection.cpp
std::optional<Link> holder_link(const Sight& sight);
std::optional<Link> connection_link(const Sight& sight);
// links_live.cpp
std::optional<Link> live_link(const Sight& sight);
// Whether WhatsApp's answer says more than the holder knows, or than the fact that there is none.
bool overrules_connection(const Link& live);
// links_phone.cpp
std::optional<Link> phone_link(const Sight& sight);
// When we last heard of the phone, if that is too long ago to take it to be on; else nothing.
std::optional<UnixSeconds> silent_phone(const Sight& sight);
// links_history.cpp
std::optional<Link> history_link(const Sight& sight);
std::optional<Link> threads_link(const Sight& sight);
std::optional<Link> backfill_link(const Sight& sight);
// links_firestore.cpp
std::optional<Link> upload_queue_link(const Sight& sight);
std::optional<Link> firestore_link(const Sight& sight);
std::optional<Link> account_document_link(const Sight& sight);
std::optional<Link> lease_link(const Sight& sight);
std::optional<Link> same_phone_link(const Sight& sight);
// links_inbox.cpp
std::optional<Link> inbox_query_link(const Sight& sight);
std::optional<Link> hidden_link(const Sight& sight);
std::optional<Link> without_time_link(const Sight& sight);
std::optional<Link> mangled_ids_link(const Sight& sight);
std::optional<Link> duplicates_link(const Sight& sight);

// The lease of an instance other than the one here; null when there is none, or we do not know.
const AccountDocument* lease_of_another(const Sight& sight);
// What the app would show: from its query or, without Firestore, from what is stored here.
const InboxSight* inbox_sight(const Sight& sight);
const AccountDocument* document_of(const Sight& sight);
// Null when no listener runs, or it did not answer.
const Listening* listening_of(const Sight& sight);

}  // namespace wasync::diagnosis
