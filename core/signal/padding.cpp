#include "signal/padding.h"

#include <algorithm>

#include "base/crypto.h"

namespace wasync {
namespace {

constexpr std::size_t kMaxPadding = 16;

}  // namespace

Bytes pad(BytesView message) {
  const std::size_t count = 1 + static_cast<std::size_t>(random_below(kMaxPadding));
  Bytes padded;
  padded.reserve(message.size() + count);
  append(padded, message);
  padded.insert(padded.end(), count, static_cast<std::uint8_t>(count));
  return padded;
}

std::optional<BytesView> unpad(BytesView padded) {
  if (padded.empty()) return std::nullopt;
  const std::uint8_t count = padded.back();
  if (count == 0 || count > padded.size()) return std::nullopt;
  const BytesView run = padded.last(count);
  if (!std::all_of(run.begin(), run.end(), [&](std::uint8_t b) { return b == count; })) {
    return std::nullopt;
  }
  return padded.first(padded.size() - count);
}

}  // namespace wasync
