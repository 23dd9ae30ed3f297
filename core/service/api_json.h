// The API's JSON: the Inbox's documents as plain values, under the Inbox's field names. Times are
// texts, ISO 8601 in UTC ("2026-11-22T15:36:40Z"), as the app's models expect them.
#pragma once

#include <nlohmann/json.hpp>

#include "firestore/value.h"
#include "inbox/account.h"
#include "inbox/queries.h"
#include "service/service_view.h"

namespace wasync {

using OrderedJson = nlohmann::ordered_json;

OrderedJson plain_json(const firestore::Value& value);
OrderedJson plain_json(const firestore::Fields& fields);
OrderedJson time_json(UnixSeconds time);  // null when unknown

// Documents, and what the app's models want beside them: `id` above all. `running` may be null.
OrderedJson account_json(const Account& account, const RunningAccount* running);
OrderedJson thread_json(const AccountId& account, const ThreadListing& thread);
OrderedJson message_json(const Account& account, const ThreadId& thread,
                         const StoredMessage& message);

}  // namespace wasync
