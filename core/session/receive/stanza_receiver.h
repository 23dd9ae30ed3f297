// Stores what a burst of stanzas says in one transaction, and answers them after its commit: a
// burst costs one fsync instead of one per stanza.
#pragma once

#include <functional>
#include <span>

#include "session/connection/receipt.h"
#include "session/receive/calls.h"
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

  // Takes <message>, <receipt>, <notification> and <call>, which change what we store, or may. Also
  // takes a channel's <status>, which changes nothing: we ack it.
  static bool takes(const Node& stanza);

  // Calls `committed` after each commit, with the answers of what is stored by then, in the order
  // of the stanzas. When one of several fails, takes each by itself: those before it are stored and
  // answered. Throws for trouble of our own (a failing file): it has not answered what it has not
  // committed, so the server delivers that again. Refuses a stanza that it cannot use for another
  // reason, and in the end acks it: see RefusedStanzas.
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
  Calls calls_;
};

}  // namespace wasync
