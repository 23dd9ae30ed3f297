// What the API reads from the accounts' files. It blocks, so call it on a worker thread. Each call
// opens the file for reading only.
#pragma once

#include <optional>
#include <vector>

#include "inbox/state_dir.h"
#include "service/api_json.h"
#include "service/api_rights.h"

namespace wasync {

// What is to go out at once: about so much JSON. Beyond it a page is cut, and says so.
inline constexpr std::size_t kMaxPageBytes = 8 << 20;

// To the accounts that this process has, adds what their files say. Where a file cannot be read,
// that is missing, and logged.
void add_stored(const StateDir& state, std::vector<RunningAccount>& accounts);

// {success, accounts: [...]}: those that may be read. An account whose file cannot be read is left
// out, and logged.
OrderedJson accounts_page(const StateDir& state, const std::vector<RunningAccount>& running,
                          const ApiRights& rights);

// {success, threads: [...], count}, newest first, as the Inbox shows them: hidden ones are not
// there. Nothing when there is no such account.
std::optional<OrderedJson> threads_page(const StateDir& state, const AccountId& account,
                                        std::size_t limit);

// {success, thread, messages: [...], count}, newest first, and "truncated": true when fewer came
// than asked for because they are long. Nothing when there is no such account or thread; a thread
// that was merged into another leads there.
std::optional<OrderedJson> messages_page(const StateDir& state, const ThreadId& thread,
                                         std::size_t limit);

}  // namespace wasync
