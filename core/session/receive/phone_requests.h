// What we have asked our phone for, remembered so that it can be asked the same again when it could
// not read us, and so that it is not asked too often.
//
// The phone is the owner's: each request may wake it, and costs it battery and data. An account
// asks at most kRequestsAnHour times in any hour, about as often as somebody who scrolls back in
// WhatsApp Web all the time; who has more to ask waits (`until_phone_may_be_asked`). Requests that
// are few by their nature do not wait, but count: missing keys of app state, the repair of a
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

struct PhoneRequest {
  std::string id{};  // of the stanza
  Bytes content{};   // serialised pb::Message
  int repeats = 0;   // because the phone could not read it
};

// In the transaction in which the request is sealed. Forgets those that are more than a day old.
void remember_phone_request(Database& database, const std::string& id, BytesView content,
                            UnixSeconds now);
// Nothing when we did not make it, or not lately.
std::optional<PhoneRequest> find_phone_request(Database& database, std::string_view id);
void count_repeat(Database& database, std::string_view id);

// How long to wait before the next request is within the budget: zero when it is now.
std::chrono::seconds until_phone_may_be_asked(Database& database, UnixSeconds now);
// One request had to wait. Their number, since the device was linked.
void count_delayed_request(Database& database);
std::int64_t delayed_requests(Database& database);

// A request of which we know that no answer will come.
struct FailedRequest {
  enum class Why {
    kUnreadable,  // the phone cannot read us, and that cannot be mended from here
    kRefused,     // the server did not pass it on: <ack error="…">
  };
  std::string id{};
  Why why = Why::kUnreadable;
  int code = 0;  // the server's
};
// What to tell about it: Error(kCrypto), or Error(kServerRefused).
Error error_of(const FailedRequest& failed);

}  // namespace wasync
