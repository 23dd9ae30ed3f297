// What stanzas that are stored together share: one transaction, and what reads and writes in it.
// Making those anew for every stanza is most of what a burst would cost.
#pragma once

#include <optional>

#include "base/sqlite.h"
#include "inbox/store.h"
#include "signal/cipher.h"

namespace wasync {

class SignalStore;

// Begins its transaction when something is first asked of it: stanzas that change nothing cost
// none. Rolls back unless committed. Keeps a reference to `store`.
class StanzaGroup {
 public:
  explicit StanzaGroup(SignalStore& store) : store_(store) {}

  Database& database();
  InboxWriter& inbox();
  SignalCipher& cipher(IdentityPolicy policy);

  bool has_begun() const { return transaction_.has_value(); }
  void commit();

 private:
  SignalStore& store_;
  std::optional<Transaction> transaction_;
  std::optional<InboxWriter> inbox_;
  std::optional<SignalCipher> trusting_;
  std::optional<SignalCipher> refusing_;
};

}  // namespace wasync
