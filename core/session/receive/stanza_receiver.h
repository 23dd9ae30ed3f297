// Stores what a burst of stanzas says in one transaction, and answers them after its commit: a
// burst costs one fsync instead of one for each.
#pragma once

#include <functional>
#include <span>

#include "session/connection/receipt.h"
#include "session/receive/message_stanza.h"
#include "session/receive/phone_heard.h"
#include "session/receive/refused_stanzas.h"
#include "session/receive/stanza_group.h"
#include "wire/node.h"

namespace wasync {

class StanzaReceiver {
 public:
  // Keeps references; `device` must outlive it.
  StanzaReceiver(SignalStore& store, const Device& device)
      : store_(store), device_(device), phone_(device.phone_heard_at), refused_(store.database()) {}

  // <message>, <receipt>, <notification> and <call>: they change what is stored, or may.
  static bool takes(const Node& stanza);

  // Calls `committed` after each commit, with the answers of what is stored by then, in the order
  // of the stanzas. When one of several fails, each is taken by itself: those before it are
  // stored and answered. Throws for trouble of our own (a failing file): what then was not
  // committed was not answered either, so that the server delivers it again. A stanza that cannot
  // be used for another reason is refused, and in the end acked: see RefusedStanzas.
  void receive(std::span<const Node> stanzas,
               const std::function<void(StanzaOutcome&&)>& committed);

  // The answer to a stanza of a kind that we do not take.
  Node unknown(const Node& stanza);

  const MessageCounts& counts() const { return counts_; }
  UnixSeconds phone_heard_at() const { return phone_.newest(); }

 private:
  StanzaOutcome receive_together(std::span<const Node> stanzas);
  StanzaOutcome receive_alone(const Node& stanza);
  void take(const Node& stanza, StanzaGroup& group);
  Node answer_unusable(const Node& stanza, Nack why, StanzaGroup& group);

  SignalStore& store_;
  const Device& device_;
  MessageCounts counts_;
  PhoneHeard phone_;
  RefusedStanzas refused_;
};

}  // namespace wasync
