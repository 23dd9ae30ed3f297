#include "service/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace wasync {
namespace asio = boost::asio;

RateLimit::Key RateLimit::key_of(const asio::ip::address& client) {
  if (client.is_v4())
    return asio::ip::make_address_v6(asio::ip::v4_mapped, client.to_v4()).to_bytes();
  auto bytes = client.to_v6().to_bytes();
  if (!client.to_v6().is_v4_mapped()) std::fill(bytes.begin() + 8, bytes.end(), 0);
  return bytes;
}

RateLimit::Bucket& RateLimit::bucket_of(const Key& key, Time now) {
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, known->second);
    return buckets_.front();
  }
  if (buckets_.size() >= options_.clients && !buckets_.empty()) {
    by_key_.erase(buckets_.back().key);
    buckets_.pop_back();
  }
  buckets_.push_front({.key = key, .tokens = options_.burst, .at = now});
  by_key_.emplace(key, buckets_.begin());
  return buckets_.front();
}

std::optional<std::chrono::seconds> RateLimit::take(const asio::ip::address& client, Time now) {
  Bucket& bucket = bucket_of(key_of(client), now);
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
