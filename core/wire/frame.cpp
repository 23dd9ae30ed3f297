#include "wire/frame.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace wasync {
namespace {

constexpr std::size_t kLengthSize = 3;
constexpr std::size_t kKeptCapacity = 64 * 1024;
constexpr std::array<std::uint8_t, 4> kIntro{'W', 'A', 6, 3};
constexpr std::array<std::uint8_t, 4> kRoutingIntro{'E', 'D', 0, 1};

bool starts_with(BytesView bytes, BytesView prefix) {
  return bytes.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

// Whether `bytes`, as far as they go, may become `prefix`.
bool agrees_with(BytesView bytes, BytesView prefix) {
  const std::size_t known = std::min(bytes.size(), prefix.size());
  return std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(known),
                    prefix.begin());
}

}  // namespace

void append_frame(Bytes& to, BytesView payload) {
  if (payload.size() > kMaxFrameSize) {
    throw Error(ErrorCode::kProtocol,
                "a frame of " + std::to_string(payload.size()) + " bytes is too long to send");
  }
  append_big_endian(to, payload.size(), kLengthSize);
  append(to, payload);
}

BytesView intro_header() {
  return kIntro;
}

Bytes intro_with_routing(BytesView routing_info) {
  Bytes out;
  if (!routing_info.empty()) {
    append(out, kRoutingIntro);
    append_frame(out, routing_info);
  }
  append(out, kIntro);
  return out;
}

FrameReader FrameReader::after_intro() {
  FrameReader reader;
  reader.intro_due_ = true;
  return reader;
}

void FrameReader::feed(BytesView bytes) {
  if (offset_ == buffer_.size()) {
    // Free the memory of a long frame, instead of keeping it for the life of the connection.
    if (buffer_.capacity() > kKeptCapacity) buffer_ = Bytes();
    buffer_.clear();
  } else if (offset_ > 0) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(offset_));
  }
  offset_ = 0;
  append(buffer_, bytes);
}

std::optional<Bytes> FrameReader::next() {
  if (intro_due_ && !skip_intro()) return std::nullopt;
  const BytesView waiting = rest();
  if (waiting.size() < kLengthSize) return std::nullopt;
  const std::size_t length = read_big_endian(waiting.first(kLengthSize));
  if (waiting.size() - kLengthSize < length) return std::nullopt;
  offset_ += kLengthSize + length;
  return to_bytes(waiting.subspan(kLengthSize, length));
}

bool FrameReader::skip_intro() {
  const BytesView waiting = rest();
  std::size_t routing = 0;
  if (starts_with(waiting, kRoutingIntro)) {
    const BytesView behind = waiting.subspan(kRoutingIntro.size());
    if (behind.size() < kLengthSize) return false;
    const std::size_t length = read_big_endian(behind.first(kLengthSize));
    routing = kRoutingIntro.size() + kLengthSize + length;
    if (waiting.size() < routing) return false;
  } else if (!waiting.empty() && agrees_with(waiting, kRoutingIntro)) {
    return false;
  }
  const BytesView intro = waiting.subspan(routing);
  if (!agrees_with(intro, kIntro)) {
    throw Error(ErrorCode::kProtocol, "the client did not open with a known protocol version");
  }
  if (intro.size() < kIntro.size()) return false;
  offset_ += routing + kIntro.size();
  intro_due_ = false;
  return true;
}

}  // namespace wasync
