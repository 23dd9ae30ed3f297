// What an inbox should show once everything the phone pushed is in: the answer key of the
// tests, derived from the dataset by the Inbox contract's rules and without core/inbox.
//
// {owner: {phone, jid, lid, push_name},
//  threads: as `threads list --json --all --hidden` names the fields, newest first:
//    {jid, name, phone, last_message_at (Unix seconds), last_message, direction, unread,
//     messages, older (held back by the phone), placeholder, hidden_because, wire_jid (as
//     WhatsApp addresses the chat), lid, archived_on_phone, pinned_on_phone, muted_on_phone,
//     message_list: oldest first,
//       [{id, from_me, sender, sender_name, timestamp, type, body?, filename?, quoted_id?,
//         reactions: {who: emoji}, edited, deleted}]},
//  not_threads: addresses of conversations that must not become threads,
//  contacts: [{jid, lid, phone, name, notify, verified_name}]: names as the phone has them,
//    while those of threads are on one line}
//
// A message without a "body" key may have any: the contract does not say.
#pragma once

#include <string>

#include "sim/dataset.h"

namespace wasync::sim {

struct ExpectedOptions {
  bool messages = true;   // with message_list
  bool older = false;     // as after everything was asked for on demand, too
  bool app_state = true;  // with the contact names that only app state tells
};

// `live` came behind the whole history.
std::string expected_inbox_json(const Dataset& dataset, const ExpectedOptions& options,
                                const LiveMessages& live = {});

}  // namespace wasync::sim
