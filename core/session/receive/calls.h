// Calls, as <call> stanzas tell them: a missed one becomes a message of its chat. wa-sync answers
// no call, and only acks what it hears of them.
//
// An <offer> rings (an <offer_notice> in a group); <terminate> says how that ended. App state and
// history tell the same call under the same id, and what they say last counts. Facts: whatsmeow
// call.go, whatsapp-rust handlers/call.rs.
#pragma once

#include <deque>
#include <string>

#include "base/clock.h"
#include "base/jid.h"
#include "session/receive/stanza_group.h"
#include "wire/node.h"

namespace wasync {

// Remembers what rings while a connection lasts. A call that ends after the next login is a missed
// one when its <terminate> says so; that it was a video call is then not known.
class Calls {
 public:
  // In the group's transaction; adds no answer. The same stanza may come again.
  void take(const Node& stanza, StanzaGroup& group);

 private:
  struct Call {
    std::string id;
    Jid chat;    // a group, or the caller; bare
    Jid caller;  // bare
    std::string caller_name;
    UnixSeconds at{};
    bool video = false;
    bool offered = false;   // it rang while we were connected
    bool answered = false;  // or declined, by another device of ours
    bool stored = false;
  };

  Call& remember(Call call);
  void store(Call& call, bool missed, StanzaGroup& group);

  std::deque<Call> known_;  // the newest last
};

}  // namespace wasync
