// How often each client may ask: a token bucket for every remote address, in a table of bounded
// size.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <optional>

namespace wasync {

// Who counts as one client: an IPv4 address, and of an IPv6 one the first 64 bits, because who has
// one of those networks has all its addresses.
boost::asio::ip::address client_of(const boost::asio::ip::address& peer);

class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Options {
    double per_second = 50;  // in the long run
    double burst = 200;      // at once, after a pause
    // Beyond that the one who has been silent longest is forgotten, and starts anew.
    std::size_t clients = 4096;
  };

  explicit RateLimit(Options options) : options_(options) {}

  // Takes one request's worth. Nothing when it may be served; else after how many seconds (at
  // least 1) the next one may.
  std::optional<std::chrono::seconds> take(const boost::asio::ip::address& client, Time now);

  std::size_t clients() const { return buckets_.size(); }

 private:
  struct Bucket {
    boost::asio::ip::address client{};
    double tokens = 0;
    Time at{};
  };
  Bucket& bucket_of(const boost::asio::ip::address& client, Time now);

  Options options_;
  std::list<Bucket> buckets_;  // the latest first
  std::map<boost::asio::ip::address, std::list<Bucket>::iterator> by_client_;
};

}  // namespace wasync
