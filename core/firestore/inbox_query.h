// The Inbox as its app sees it: the app's own query, and its rules applied to what comes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "firestore/client.h"
#include "inbox/ids.h"
#include "inbox/message.h"
#include "inbox/visibility.h"

namespace wasync::firestore {

// A thread document. Ids and addresses are as in the document, whatever another writer put there.
struct InboxThread {
  ThreadFacts facts{};
  std::string name{};  // as the app resolves it
  UnixSeconds sort_time{};
  std::optional<Direction> direction{};
  std::uint32_t unread = 0;
  bool placeholder = false;  // nothing tells of a message
  std::optional<HiddenBecause> hidden_because{};
};

// What the app's query returns, in the app's order, hidden threads included; or the newest `most`
// of it. Throws what Client::run_query throws; for a missing index, the error has the link that
// creates it.
std::vector<InboxThread> inbox_threads(Client& client, const AccountId& account,
                                       std::size_t most = kInboxQueryLimit);

// The account's `status`; nothing when there is no such document. The app shows only the threads of
// accounts that are "connected".
std::optional<std::string> account_status(Client& client, const AccountId& account);

}  // namespace wasync::firestore
