// What stanzas share when we store them together: one transaction, what reads and writes in it,
// and the outcome. Making these again for every stanza would be most of the cost of a burst.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/sqlite.h"
#include "history/web_message.h"
#include "inbox/store.h"
#include "session/device/device.h"
#include "session/receive/phone_requests.h"
#include "signal/cipher.h"
#include "wire/node.h"

namespace wasync {

class SignalStore;

// What to do once everything is committed.
struct StanzaOutcome {
  std::vector<Node> answers{};  // to send
  bool history_queued = false;  // a history notification waits in the queue
  bool app_state_news = false;  // collections may be wanted: keys came, or an announcement
  bool refused = false;         // one of the answers is a nack
  bool few_pre_keys = false;    // the server is running out of ours
  std::uint64_t stored = 0;     // how many messages reached the inbox
  // Rows of AwaitedMessages that failed for the first time and that our phone may have.
  std::vector<std::int64_t> awaited{};
  std::vector<FailedRequest> failed_requests{};  // to our phone
  // Because their sender, or all senders together, had used their share:
  std::int64_t left_out = 0;   // of what was to be stored
  std::int64_t not_asked = 0;  // retry receipts
  std::int64_t identities_changed = 0;
};

// Begins its transaction when something first uses it: stanzas that change nothing cost none. Rolls
// back unless committed. Keeps references to `store` and `device`.
class StanzaGroup {
 public:
  StanzaGroup(SignalStore& store, const Device& device) : store_(store), device_(device) {}

  Database& database();
  SignalStore& store();
  InboxWriter& inbox();
  SignalCipher& cipher(IdentityPolicy policy);

  const Device& device() const { return device_; }
  OwnIdentity own() const { return {.phone = device_.jid.bare(), .lid = device_.lid.bare()}; }

  bool has_begun() const { return transaction_.has_value(); }
  void commit();

  StanzaOutcome outcome{};  // valid once the group is committed

 private:
  SignalStore& store_;
  const Device& device_;
  std::optional<Transaction> transaction_;
  std::optional<InboxWriter> inbox_;
  std::optional<SignalCipher> trusting_;
  std::optional<SignalCipher> refusing_;
};

}  // namespace wasync
