// What we have asked our phone for. We remember it so that we can ask the same again when the phone
// could not read us, and so that we do not ask too often.
//
// The phone is the owner's: each request may wake it, and costs it battery and data. An account
// asks at most kRequestsAnHour times in any hour, about as often as someone who scrolls back in
// WhatsApp Web all the time. Code that has more to ask waits (`until_phone_may_be_asked`). Requests
// that are few by their nature do not wait, but count: missing keys of app state, the repair of a
// collection.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"

namespace wasync {

class Database;
class Error;

inline constexpr int kRequestsAnHour = 600;
// Of them, for messages that did not decrypt, 32 at once: strangers make those, and must leave the
// rest to the backfill.
inline constexpr int kAwaitedRequestsAnHour = 60;

enum class Asks {
  kAnything,
  kAwaitedMessages,  // that did not decrypt
};

struct PhoneRequest {
  std::string id{};  // of the stanza
  Bytes content{};   // serialised pb::Message
  int repeats = 0;   // because the phone could not read it
};

// Call it in the transaction that seals the request. Forgets requests that are more than a day old.
void remember_phone_request(Database& database, const std::string& id, BytesView content,
                            UnixSeconds now, Asks for_what = Asks::kAnything);
// Nothing when we did not make it, or not lately.
std::optional<PhoneRequest> find_phone_request(Database& database, std::string_view id);
void count_repeat(Database& database, std::string_view id);

// How long to wait until the next request is within the budget; zero: ask now.
std::chrono::seconds until_phone_may_be_asked(Database& database, UnixSeconds now,
                                              Asks for_what = Asks::kAnything);
// count_delayed_request() notes that one request had to wait. delayed_requests() is their number
// since the device was linked.
void count_delayed_request(Database& database);
std::int64_t delayed_requests(Database& database);

// A request that we know will get no answer.
struct FailedRequest {
  enum class Why {
    kUnreadable,  // the phone cannot read us, and we cannot mend that from here
    kRefused,     // the server did not pass it on: <ack error="…">
  };
  std::string id{};
  Why why = Why::kUnreadable;
  int code = 0;  // the server's
};
// The Error to report for it: Error(kCrypto), or Error(kServerRefused).
Error error_of(const FailedRequest& failed);

}  // namespace wasync
