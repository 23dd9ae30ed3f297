// Which Firestore holds the Inbox, and with whose credentials.
#pragma once

#include <memory>

#include "firestore/client.h"
#include "google/credentials.h"

namespace wasync {

struct FirestoreInbox {
  firestore::Target target;
  std::shared_ptr<Credentials> credentials;  // may be used by several threads at once
};

}  // namespace wasync
