// What an entry of app state means for the inbox.
//
// We take saved contact names (also under LIDs) and the addresses stated with them; archive, mute,
// pin and read marks of chats; missed calls; the account's own push name. An Inbox shows nothing of
// the rest (stars, labels, settings of the app…). What the owner deletes on the phone for himself
// (deleteMessageForMe, clearChat, deleteChat) stays in the Inbox, which he shares with others.
// Facts: whatsmeow appstate.go, Baileys chat-utils.ts and sync-action-utils.ts, whatsapp-rust
// features/call_log.rs.
#pragma once

#include "session/app_state/patch.h"

namespace wasync {

class Database;
class InboxWriter;

// Applies the entry in the writer's transaction. Returns whether we take entries of its kind; we
// take no malformed entry.
//   A removed entry takes back what it said: a contact loses its saved name, a chat its setting.
// (whatsmeow and Baileys leave both as they are.)
bool apply_mutation(const Mutation& mutation, InboxWriter& inbox, Database& database);

}  // namespace wasync
