// Google's public keys for Firebase ID tokens, fetched when they are needed and kept for as long
// as the answer that brought them allows.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/environment.h"
#include "base/http.h"
#include "google/rsa_key.h"

namespace wasync {

inline constexpr const char* kFirebaseKeysUrl =
    "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com";

// That, or for tests WA_SYNC_FIREBASE_KEYS_URL, which must be an http:// URL of this machine: who
// can set it decides whom we believe. Throws Error(kConfig).
std::string firebase_keys_url(const Environment& environment = process_environment());

using RsaPublicKeys = std::map<std::string, std::shared_ptr<const RsaPublicKey>, std::less<>>;

struct FetchedKeys {
  RsaPublicKeys by_id{};  // at most 32; what is no certificate of a good key is left out
  std::chrono::seconds max_age{};
};
// {"<key id>": "<certificate in PEM>", …}. Nothing when it is no such thing. Without a readable
// Cache-Control, keys are good for five minutes; never for less than one, or more than a day.
std::optional<FetchedKeys> parse_keys(const HttpAnswer& answer);

// Used from one io_context thread; fetches on a thread of its own. Must outlive its find()s.
class FirebaseTokenKeys {
 public:
  struct Options {
    std::string url = kFirebaseKeysUrl;
    std::chrono::seconds unknown_key_wait{60};  // between fetches for keys that nobody knows
    std::chrono::seconds failure_wait{10};      // between fetches that fail
    std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
  };
  FirebaseTokenKeys(const boost::asio::any_io_executor& executor, Options options);
  ~FirebaseTokenKeys();

  struct Unknown {};      // Google has no such key
  struct Unavailable {};  // Google does not answer
  using Found = std::variant<std::shared_ptr<const RsaPublicKey>, Unknown, Unavailable>;
  // Waits for a fetch where one is due or under way; there is never more than one.
  boost::asio::awaitable<Found> find(std::string key_id);

  // Ends a fetch under way: find() then says Unavailable.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wasync
