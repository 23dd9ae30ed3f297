// Messages whose content has not come: they did not decrypt, or came without any. We remember
// across sessions what we did about each (retry receipts to the sender, requests to our phone).
//
// The first failure makes a row, in the transaction of its stanza. The row stays: rows show how
// many messages were recovered. Facts: whatsmeow retry.go.
//
// Anyone can send what decrypts for nobody. So each sender but ourselves has a share (SenderShare)
// of what we keep, and of what we ask the sender and our phone for. A message beyond the share of
// requests still has its placeholder, and the phone is asked for it later.
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

// What one sender has in the last two weeks: a message more than kMostAwaitedOfOne is neither shown
// nor asked for.
inline constexpr std::int64_t kMostAwaitedOfOne = 1'000;
// And within an hour. A retry receipt makes a sender begin a new session, and then the next message
// decrypts: honest senders need few. The phone is asked for 32 messages at once.
inline constexpr std::int64_t kReceiptsAnHourToOne = 20;
inline constexpr std::int64_t kAskedAnHourOfOne = 64;

struct SenderShare {
  std::int64_t awaited = 0;   // whose content has not come
  std::int64_t receipts = 0;  // that we sent for messages of the last hour
  std::int64_t asked = 0;     // messages that we asked the phone for within an hour
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
  SenderShare share_of(const Jid& sender, UnixSeconds now) const;
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
