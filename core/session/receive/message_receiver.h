// From a <message> stanza to committed rows: decrypts it and stores what it says, together
// with the advanced ratchet, in one transaction. Its answers may be sent only after that.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "session/connection/receipt.h"
#include "session/device/device.h"
#include "session/receive/awaited_messages.h"
#include "session/receive/incoming_message.h"
#include "wire/node.h"

namespace wasync {

class Database;
class InboxWriter;
class SignalCipher;
class SignalStore;
class StanzaGroup;
namespace pb {
class Message;
class PeerDataOperationRequestResponseMessage;
}  // namespace pb

class MessageReceiver {
 public:
  // Keeps references; `device` must outlive it.
  MessageReceiver(SignalStore& store, const Device& device) : store_(store), device_(device) {}

  struct Outcome {
    std::vector<Node> answers;    // to be sent now that everything is committed
    bool history_queued = false;  // a history notification waits in the queue
    bool app_state_news = false;  // collections may be wanted: keys came, or an announcement
    bool few_pre_keys = false;    // the server runs out of ours
    std::uint64_t stored = 0;     // how many messages reached the inbox
    // Rows of AwaitedMessages: failed for the first time, and our phone may have them.
    std::vector<std::int64_t> awaited{};
  };

  // Commits before it returns. Throws only for trouble of our own (a failing file): then
  // nothing was written and there is nothing to answer, so that the server delivers the
  // stanza again. One that was decrypted before is answered once more: its first answer may
  // not have got through.
  Outcome receive(const Node& stanza);
  // The same in the group's transaction, which the caller commits: adds to `outcome`.
  void receive(const Node& stanza, StanzaGroup& group, Outcome& outcome);

  struct Counts {
    std::int64_t received = 0;
    std::int64_t undecryptable = 0;
    std::int64_t malformed = 0;
    std::int64_t spoofed = 0;  // self-only messages from somebody else: an attack
  };
  const Counts& counts() const { return counts_; }
  // What was counted since was rolled back.
  void restore(const Counts& counts) { counts_ = counts; }

 private:
  // What the parts of one stanza came to; decides the answer.
  struct Trouble {
    std::optional<std::string_view> undecryptable{};  // why
    bool keys_wanted = false;  // the sender has yet to hear of us: our keys go along at once
    bool decrypted = false;
    bool told = false;  // and something of it reached the inbox
    std::optional<Nack> nack{};
  };

  void learn_addresses(const IncomingMessage& message, InboxWriter& inbox);
  void receive_part(const IncomingMessage& message, const Node& enc, SignalCipher& cipher,
                    InboxWriter& inbox, Outcome& outcome, Trouble& trouble);
  // Returns whether it reached the inbox.
  bool take_content(const IncomingMessage& message, const pb::Message& content,
                    SignalCipher& cipher, InboxWriter& inbox, Outcome& outcome);
  void handle_protocol(const IncomingMessage& message, const pb::Message& content,
                       InboxWriter& inbox, Outcome& outcome);
  void queue_history(const IncomingMessage& message, const pb::Message& content, Outcome& outcome);
  void take_resent(const pb::PeerDataOperationRequestResponseMessage& response, InboxWriter& inbox,
                   Outcome& outcome);
  AwaitedMessage await_content(const Node& stanza, const IncomingMessage& message,
                               std::string_view failure, InboxWriter& inbox, Outcome& outcome);
  void content_came(const IncomingMessage& message, InboxWriter& inbox);
  void ask_again(const Node& stanza, const IncomingMessage& message, const Trouble& trouble,
                 InboxWriter& inbox, Outcome& outcome);
  void answer(const Node& stanza, const IncomingMessage& message, const Trouble& trouble,
              InboxWriter& inbox, Outcome& outcome);
  Node retry_receipt(const Node& stanza, const IncomingMessage& message, std::uint64_t count,
                     bool with_keys) const;

  SignalStore& store_;
  const Device& device_;
  Counts counts_;
};

}  // namespace wasync
