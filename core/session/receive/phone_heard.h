// When we last heard from our own phone. We do not ask it: what counts is that it sent us something
// anyway, such as a message of its owner, a part of the history, an answer, a receipt.
//
// The server says who a stanza is from, and the phone is device 0 of our own user. What the server
// says by itself in the owner's name (a <notification>) does not come from the phone.
#pragma once

#include <chrono>

#include "base/clock.h"
#include "session/device/device.h"
#include "wire/node.h"

namespace wasync {

class Database;

// Whether the account's own phone sent this <message> or <receipt>.
bool is_from_own_phone(const Node& stanza, const Device& device);

// The newest of those times. We write it only along with what we store for the stanzas anyway, so
// that it costs no transaction. Without such an occasion, it waits for the next one.
class PhoneHeard {
 public:
  // `stored`: what the account's file says already.
  explicit PhoneHeard(UnixSeconds stored) : newest_(stored), stored_(stored) {}

  // A stanza that waited at the server was sent when the server says, not now.
  void hear(const Node& stanza, const Device& device, UnixSeconds now);
  UnixSeconds newest() const { return newest_; }

  // Whether the file is far enough behind to be worth a write: a minute.
  bool is_due() const;
  // Writes in the caller's transaction. Call stored() once that is committed.
  void store(Database& database) const;
  void stored() { stored_ = newest_; }

 private:
  UnixSeconds newest_;
  UnixSeconds stored_;
};

}  // namespace wasync
