// The older messages that we asked our phone for. An answer is a chunk of history that quotes its
// request's id, and may leave out which chat it is about.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/jid.h"
#include "inbox/queries.h"

namespace wasync {

class Database;

// Call it in the transaction that makes the request. `id` is the stanza's; `chat` is the chat as
// the request addresses it. Forgets requests that will get no answer any more.
void remember_history_request(Database& database, const std::string& id, const std::string& chat,
                              UnixSeconds now);

// The chat that a request was about; empty when we do not know it (any more).
Jid requested_chat(Database& database, const std::string& request_id);

// Whether the last request about the thread has brought no answer so far.
bool was_left_unanswered(Database& database, const ThreadListing& thread);

}  // namespace wasync
