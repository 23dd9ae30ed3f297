// The single probes, each named after what it looks at. Private to observe(). A probe throws Error
// when it cannot look.
#pragma once

#include <functional>

#include "diagnose/live.h"
#include "diagnose/observation.h"
#include "firestore/client.h"
#include "inbox/state_dir.h"

namespace wasync::diagnosis {

StateDirectory probe_state_dir(const std::filesystem::path& path, bool exists);
// Reads the account's file as it is. Does not read, and does not touch, tables of another version.
StoredAccount probe_account(const std::filesystem::path& file, UnixSeconds now);
FileHealth probe_file(const std::filesystem::path& file);

// Asks for one thing after the other, and tells each as soon as it knows it. Reads the newest
// `most` of the conversations that the app's query returns, and all of them if the app shows none
// of those.
void probe_firestore(firestore::Client& client, const AccountId& account, std::size_t most,
                     const std::function<void(const std::function<void(InFirestore&)>&)>& tell);

// With less time than this, probing WhatsApp is pointless: silence would say nothing.
inline constexpr std::chrono::milliseconds kLeastLivePatience{500};

// Logs in by itself, with the AccountLock, and tells the result. The account's files stay as they
// are, except for the lock, which names us.
void probe_live_alone(const LiveOptions& options, const StateDir& state, const AccountId& id,
                      std::chrono::milliseconds patience, const std::function<void(Live)>& tell);

// One more thread of the app's query.
void add_to(InboxSight& sight, const std::optional<HiddenBecause>& hidden, bool placeholder);

}  // namespace wasync::diagnosis
