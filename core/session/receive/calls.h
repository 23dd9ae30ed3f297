// Calls, as <call> stanzas report them: a missed call becomes a message of its chat. wa-sync
// answers no call, and only acks the stanzas.
//
// An <offer> rings (an <offer_notice> in a group); <terminate> says how the call ended. App state
// and history report the same call under the same id, and the last report counts. Facts: whatsmeow
// call.go, whatsapp-rust handlers/call.rs.
#pragma once

#include <deque>
#include <string>

#include "base/clock.h"
#include "base/jid.h"
#include "session/receive/stanza_group.h"
#include "wire/node.h"

namespace wasync {

// Remembers the calls that ring while a connection lasts. A call that ends after the next login is
// a missed one when its <terminate> says so; we do not know then whether it was a video call.
class Calls {
 public:
  // Works in the group's transaction; adds no answer. The same stanza may come again.
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
