// Whatever a WebSocket carries, and in whatever pieces: the frames are those that reading the
// bytes as a whole yields, and an intro that is none ends with Error(kProtocol).
#include <cstdlib>
#include <vector>

#include "base/error.h"
#include "wire/frame.h"

using namespace wasync;

namespace {

struct Outcome {
  std::vector<Bytes> frames;
  bool refused = false;
  bool partial = false;
  bool operator==(const Outcome&) const = default;
};

Outcome read(BytesView bytes, bool after_intro, std::size_t piece) {
  FrameReader reader = after_intro ? FrameReader::after_intro() : FrameReader();
  Outcome out;
  try {
    while (!bytes.empty()) {
      const std::size_t now = std::min(piece, bytes.size());
      reader.feed(bytes.first(now));
      bytes = bytes.subspan(now);
      while (auto frame = reader.next()) out.frames.push_back(*std::move(frame));
    }
    out.partial = reader.partial();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kProtocol) std::abort();
    out.refused = true;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool after_intro = (data[0] & 1) != 0;
  const std::size_t piece = 1 + (data[0] >> 1);
  const BytesView bytes(data + 1, size - 1);
  if (read(bytes, after_intro, piece) != read(bytes, after_intro, bytes.size())) std::abort();
  return 0;
}
