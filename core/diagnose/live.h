// How to ask WhatsApp with an account (--live): over the connection of the listener that has the
// account, or by a login of our own. A login would end any other connection of the account, so we
// log in only if we know that there is none.
#pragma once

#include <chrono>
#include <functional>
#include <variant>

#include "diagnose/observation.h"
#include "inbox/state_dir.h"
#include "session/connection/session_options.h"

namespace wasync::diagnosis {

struct LiveOptions {
  // Where WhatsApp is and how we present ourselves. Called on other threads, perhaps on several at
  // once; may take a second; throws Error.
  std::function<SessionOptions()> session;
  // Tells the listener that holds the account to ask WhatsApp. Throws Error when it does not
  // answer.
  std::function<Live(const StateDir&, const AccountId&, std::chrono::milliseconds patience)>
      ask_listener;
};

enum class LiveWay { kListener, kLogin };

// Decides by the configuration, the holder, the file and, with Firestore, the account's document.
std::variant<NotLooked, NotAsked, LiveWay> way_to_live(const Observations& all,
                                                       const AccountObservation& account);

}  // namespace wasync::diagnosis
