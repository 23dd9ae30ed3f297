#include "service/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace wasync {
namespace asio = boost::asio;

asio::ip::address client_of(const asio::ip::address& peer) {
  if (peer.is_v4()) return peer;
  const asio::ip::address_v6 v6 = peer.to_v6();
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6);
  auto network = v6.to_bytes();
  std::fill(network.begin() + 8, network.end(), 0);
  return asio::ip::address_v6(network);
}

RateLimit::Bucket& RateLimit::bucket_of(const asio::ip::address& client, Time now) {
  if (const auto known = by_client_.find(client); known != by_client_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, known->second);
    return buckets_.front();
  }
  if (buckets_.size() >= options_.clients && !buckets_.empty()) {
    by_client_.erase(buckets_.back().client);
    buckets_.pop_back();
  }
  buckets_.push_front({.client = client, .tokens = options_.burst, .at = now});
  by_client_.emplace(client, buckets_.begin());
  return buckets_.front();
}

std::optional<std::chrono::seconds> RateLimit::take(const asio::ip::address& client, Time now) {
  Bucket& bucket = bucket_of(client_of(client), now);
  const std::chrono::duration<double> passed = now - bucket.at;
  bucket.tokens = std::min(options_.burst, bucket.tokens + passed.count() * options_.per_second);
  bucket.at = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  const double missing_s = (1 - bucket.tokens) / options_.per_second;
  return std::chrono::seconds(std::max<std::int64_t>(1, std::llround(std::ceil(missing_s))));
}

}  // namespace wasync
