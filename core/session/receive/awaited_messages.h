// Messages whose content has not come: they did not decrypt, or came without any. We remember
// across sessions what we did about each (retry receipts to the sender, requests to our phone).
//
// The first failure makes a row, in the transaction of its stanza. The row stays: rows show how
// many messages were recovered. Facts: whatsmeow retry.go.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "session/receive/incoming_message.h"

namespace wasync {

class Database;

struct AwaitedMessage {
  std::int64_t row = 0;
  IncomingMessage message{};  // addresses as the stanza had them, without devices
  bool shown = false;         // the inbox has a placeholder for it
  bool came = false;
  int receipts = 0;  // retry receipts sent
  int requests = 0;  // how often we asked the phone
};

// Why we await it, and what we may do about it.
struct AwaitedBecause {
  std::string_view failure;
  bool shown = false;
  bool phone_has_it = false;  // false: we never ask it (a message between devices, a status)
};

class AwaitedMessages {
 public:
  // Writes in the caller's transaction.
  explicit AwaitedMessages(Database& database) : database_(database) {}

  // Finds the message under either address of chat and sender.
  std::optional<AwaitedMessage> find(const IncomingMessage& message) const;
  // The awaited message with this key from an answer of the phone, or nothing.
  std::optional<AwaitedMessage> find_open(std::string_view id, bool from_me, const Jid& chat) const;
  // Notes a failure, the first or another one. Forgets messages that will never come.
  AwaitedMessage add(const IncomingMessage& message, const AwaitedBecause& because,
                     UnixSeconds now);
  void set_receipts(std::int64_t row, int receipts);
  void mark_came(std::int64_t row);

  // What to ask the phone for: three times at most, and not after two weeks, when it has said what
  // it can. For one row: nothing either when history has brought the message since.
  std::vector<std::int64_t> to_request(UnixSeconds now) const;
  std::optional<AwaitedMessage> to_request(std::int64_t row, UnixSeconds now) const;
  void count_request(std::int64_t row, UnixSeconds now);

 private:
  Database& database_;
};

// Counts the messages that the inbox shows, or showed, as undecryptable.
struct Undecryptable {
  std::int64_t waiting = 0;
  std::int64_t recovered = 0;
  std::int64_t lost = 0;  // we ask no one for them any more
};
Undecryptable count_undecryptable(Database& database, UnixSeconds now = UnixSeconds::now());

}  // namespace wasync
