// Frames cut the byte stream that WebSocket carries into Noise messages. A frame is a 3-byte
// big-endian length and that many bytes; WebSocket message boundaries mean nothing.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"

namespace wasync {

inline constexpr std::size_t kMaxFrameSize = (1U << 24) - 1;  // what 3 bytes can say

// Throws Error(kProtocol) when `payload` is longer than a frame can be.
void append_frame(Bytes& to, BytesView payload);

// What the client sends before its first frame: "WA", the protocol version and the version
// of the token dictionary. The bytes are also the prologue of the Noise handshake.
BytesView intro_header();

// The intro header, after a pre-header ("ED", 0, 1 and a 3-byte length) with the routing
// information that the server gave us earlier, if there is any. Throws Error(kProtocol) when it is
// too long.
Bytes intro_with_routing(BytesView routing_info);

// Reassembles frames from pieces of any size. Buffers no more than was fed to it.
class FrameReader {
 public:
  FrameReader() = default;
  // For the server side: an intro (with or without routing) must come before the first frame.
  static FrameReader after_intro();

  void feed(BytesView bytes);

  // The next complete frame's payload; nothing when it needs more bytes. Throws
  // Error(kProtocol) when the intro is not one.
  std::optional<Bytes> next();

  // Whether bytes of an unfinished frame are waiting.
  bool partial() const { return offset_ < buffer_.size(); }

 private:
  bool skip_intro();
  BytesView rest() const { return BytesView(buffer_).subspan(offset_); }

  Bytes buffer_;
  std::size_t offset_ = 0;  // bytes of buffer_ that were consumed
  bool intro_due_ = false;
};

}  // namespace wasync
