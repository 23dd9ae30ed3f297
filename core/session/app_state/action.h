// What an entry of app state means for the inbox.
//
// Taken: saved contact names (also under LIDs) and the addresses stated with them, archive, mute,
// pin and read marks of chats, missed calls, the account's own push name. The rest (stars, labels,
// settings of the app…) is nothing an Inbox shows. What the owner deletes on the phone for himself
// (deleteMessageForMe, clearChat, deleteChat) stays in the Inbox, which others share with him.
// Facts: whatsmeow appstate.go, Baileys chat-utils.ts and sync-action-utils.ts, whatsapp-rust
// features/call_log.rs.
#pragma once

#include "session/app_state/patch.h"

namespace wasync {

class Database;
class InboxWriter;

// In the writer's transaction. Returns whether it is a kind we take; what is malformed is not.
//   A removed entry takes back what it said: a contact its saved name, a chat its setting.
//   (whatsmeow and Baileys leave those as they are.)
bool apply_mutation(const Mutation& mutation, InboxWriter& inbox, Database& database);

}  // namespace wasync
