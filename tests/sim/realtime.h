// Messages that arrive while a companion is linked.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"

namespace wasync::sim {

class World;

struct RealtimeMessage {
  std::string chat;  // JID: a person by phone or LID, a group, or a broadcast list
  // Who writes: a JID (by phone or LID; that decides how a group is addressed), "me" for the
  // phone's owner; empty: the chat's person.
  std::string from;
  std::string id;  // empty: made up
  // "text", "image", "video", "audio", "document", "sticker", "location", "contact", "poll":
  // `text` is its text, caption or question. And of the message `target`: "quote" answers it
  // with `text`, "edit" replaces its text, "revoke" deletes it, "reaction" puts the emoji
  // `text` on it (empty: takes it back). "event" invites to what `text` names.
  //
  // Sealed with the target's secret: the edit of another than the owner, "sealed-reaction", a
  // "comment", a "vote" for the poll's options that `text` names, a line each, "add-option" to it,
  // and an "event-answer": "going", "not_going" or "maybe".
  std::string kind = "text";
  std::string text;
  std::string target;
  std::int64_t sent_at = 0;             // Unix seconds; 0: now
  bool target_from_author = false;      // whoever sends this also wrote `target`
  std::string target_author;            // who wrote it, where that is not known from what was sent
  bool by_admin = false;                // a revocation: the server calls it an admin's
  std::vector<std::string> recipients;  // of a broadcast list of ours
  Bytes content;                        // a serialised Message to send instead
};

// Encrypts for every companion and queues; returns the message's id. Throws Error(kProtocol)
// for addresses and kinds that make no sense.
std::string send_realtime(World& world, const RealtimeMessage& message);

// A receipt for messages that the owner sent.
struct RealtimeReceipt {
  std::string chat;
  std::string from;  // groups: the member
  std::string type;  // empty: delivered; "read", "played"
  std::vector<std::string> ids;
};
void push_receipt(World& world, const RealtimeReceipt& receipt);

// The owner gives a contact another name: an app-state patch, and notice of it.
void rename_contact(World& world, const std::string& jid, const std::string& name);

}  // namespace wasync::sim
