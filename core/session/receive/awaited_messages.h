// Messages whose content has not come: they did not decrypt, or came without any. What was done
// about each (retry receipts to the sender, requests to our phone) is remembered across sessions.
//
// A row is made with the first failure, in the transaction of its stanza, and stays: it says how
// many were recovered. Facts: whatsmeow retry.go.
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
  bool shown = false;         // there is a placeholder for it in the inbox
  bool came = false;
  int receipts = 0;  // retry receipts sent
  int requests = 0;  // how often the phone was asked
};

// Why it is awaited, and what may be done about it.
struct AwaitedBecause {
  std::string_view failure;
  bool shown = false;
  bool phone_has_it = false;  // else it is never asked: a message between devices, a status
};

class AwaitedMessages {
 public:
  // Writing is in the caller's transaction.
  explicit AwaitedMessages(Database& database) : database_(database) {}

  // Known under either address of chat and sender.
  std::optional<AwaitedMessage> find(const IncomingMessage& message) const;
  // By the key in an answer of the phone: the one that is awaited, or nothing.
  std::optional<AwaitedMessage> find_open(std::string_view id, bool from_me, const Jid& chat) const;
  // Notes a failure, the first or another one, and forgets what will never come.
  AwaitedMessage add(const IncomingMessage& message, const AwaitedBecause& because,
                     UnixSeconds now);
  void set_receipts(std::int64_t row, int receipts);
  void mark_came(std::int64_t row);

  // What the phone is to be asked for: three times at most, and not after two weeks, when it has
  // said what it can. (It may have been read in history since: then not.)
  std::vector<std::int64_t> to_request(UnixSeconds now) const;
  std::optional<AwaitedMessage> to_request(std::int64_t row, UnixSeconds now) const;
  void count_request(std::int64_t row, UnixSeconds now);

 private:
  Database& database_;
};

// Of the messages that the inbox shows as undecryptable, or did.
struct Undecryptable {
  std::int64_t waiting = 0;
  std::int64_t recovered = 0;
  std::int64_t lost = 0;  // nobody is asked any more
};
Undecryptable count_undecryptable(Database& database, UnixSeconds now = UnixSeconds::now());

}  // namespace wasync
