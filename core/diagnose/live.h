// How WhatsApp may be asked with an account (--live): over the connection of the listener that has
// it, or by a login of our own, which would end any other connection of the account and is made
// only where it is known that there is none.
#pragma once

#include <chrono>
#include <functional>
#include <variant>

#include "diagnose/observation.h"
#include "inbox/state_dir.h"
#include "session/connection/session_options.h"

namespace wasync::diagnosis {

struct LiveOptions {
  // Where WhatsApp is and how we present ourselves. Called on other threads, perhaps several at
  // once; may take a second; throws Error.
  std::function<SessionOptions()> session;
  // Has the listener that holds the account ask WhatsApp. Throws Error when it does not tell.
  std::function<Live(const StateDir&, const AccountId&, std::chrono::milliseconds patience)>
      ask_listener;
};

enum class LiveWay { kListener, kLogin };

// By what was seen of the configuration, the holder, the file and, where Firestore is configured,
// the account's document there.
std::variant<NotLooked, NotAsked, LiveWay> way_to_live(const Observations& all,
                                                       const AccountObservation& account);

}  // namespace wasync::diagnosis
