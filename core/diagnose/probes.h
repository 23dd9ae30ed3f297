// The single probes, each named after what it looks at. Private to observe(). They throw Error when
// they cannot look.
#pragma once

#include <functional>

#include "diagnose/live.h"
#include "diagnose/observation.h"
#include "firestore/client.h"
#include "inbox/state_dir.h"

namespace wasync::diagnosis {

StateDirectory probe_state_dir(const std::filesystem::path& path, bool exists);
// Reads the account's file as it is: tables of another version are not touched, and not read.
StoredAccount probe_account(const std::filesystem::path& file, UnixSeconds now);
FileHealth probe_file(const std::filesystem::path& file);

// Asks for one thing after the other, and tells each as soon as it is known. Of the conversations
// that the app's query returns it reads the newest `most`, unless the app shows none of these.
void probe_firestore(firestore::Client& client, const AccountId& account, std::size_t most,
                     const std::function<void(const std::function<void(InFirestore&)>&)>& tell);

// In less time than this WhatsApp cannot be asked: that it did not answer would say nothing.
inline constexpr std::chrono::milliseconds kLeastLivePatience{500};

// Logs in by itself, with the AccountLock, and tells what came of it. The account's files stay as
// they are, but for the lock, which names us.
void probe_live_alone(const LiveOptions& options, const StateDir& state, const AccountId& id,
                      std::chrono::milliseconds patience, const std::function<void(Live)>& tell);

// One more thread of the app's query.
void add_to(InboxSight& sight, const std::optional<HiddenBecause>& hidden, bool placeholder);

}  // namespace wasync::diagnosis
