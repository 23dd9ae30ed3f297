#include "base/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <new>

#include "base/error.h"

namespace wasync {
namespace {

constexpr std::size_t kBufferSize = 65'536;
// zlib counts input in 32 bits; larger input is given in slices.
constexpr std::size_t kMaxSlice = std::size_t{1} << 30;

[[noreturn]] void damaged(const char* what) {
  throw Error(ErrorCode::kProtocol, std::string("compressed data ") + what);
}

constexpr int kGzipWindow = 15 + 16;

Bytes inflate_whole(BytesView compressed, InflateStream stream) {
  Bytes out;
  stream.feed(compressed, [&out](BytesView piece) { append(out, piece); });
  stream.finish();
  return out;
}

}  // namespace

struct InflateStream::State {
  z_stream zlib{};
  Bytes buffer = Bytes(kBufferSize);
  std::uint64_t limit;
  std::uint64_t produced = 0;
  bool ended = false;

  State(std::uint64_t limit_, Form form) : limit(limit_) {
    const int window = form == Form::kGzip ? kGzipWindow : MAX_WBITS;
    if (inflateInit2(&zlib, window) != Z_OK) throw std::bad_alloc();
  }
  ~State() { inflateEnd(&zlib); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void feed_slice(BytesView slice, const Sink& sink);
};

void InflateStream::State::feed_slice(BytesView slice, const Sink& sink) {
  zlib.next_in = const_cast<Bytef*>(slice.data());
  zlib.avail_in = static_cast<uInt>(slice.size());
  // Output still inside when all input is taken comes with the next slice: the checksum
  // always follows it.
  do {
    zlib.next_out = buffer.data();
    zlib.avail_out = static_cast<uInt>(buffer.size());
    const int result = ::inflate(&zlib, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    // Z_BUF_ERROR only says that there was nothing to do until more input comes.
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) damaged("is damaged");
    const std::size_t count = buffer.size() - zlib.avail_out;
    if (count > limit - produced) damaged("inflates to more than is allowed");
    produced += count;
    if (count > 0) sink(BytesView(buffer).first(count));
    if (result == Z_STREAM_END) {
      ended = true;
      if (zlib.avail_in > 0) damaged("goes on behind its end");
      return;
    }
  } while (zlib.avail_in > 0);
}

InflateStream::InflateStream(std::uint64_t limit, Form form)
    : state_(std::make_unique<State>(limit, form)) {}
InflateStream::~InflateStream() = default;
InflateStream::InflateStream(InflateStream&&) noexcept = default;

void InflateStream::feed(BytesView compressed, const Sink& sink) {
  while (!compressed.empty()) {
    if (state_->ended) damaged("goes on behind its end");
    const BytesView slice = compressed.first(std::min(compressed.size(), kMaxSlice));
    compressed = compressed.subspan(slice.size());
    state_->feed_slice(slice, sink);
  }
}

void InflateStream::finish() const {
  if (!state_->ended) damaged("is cut short");
}

std::uint64_t InflateStream::produced() const {
  return state_->produced;
}

Bytes inflate(BytesView compressed, std::size_t limit) {
  return inflate_whole(compressed, InflateStream(limit));
}

Bytes gunzip(BytesView compressed, std::size_t limit) {
  return inflate_whole(compressed, InflateStream(limit, InflateStream::Form::kGzip));
}

Bytes deflate(BytesView data) {
  uLongf size = compressBound(static_cast<uLong>(data.size()));
  Bytes out(size);
  if (compress(out.data(), &size, data.data(), static_cast<uLong>(data.size())) != Z_OK) {
    throw std::bad_alloc();
  }
  out.resize(size);
  return out;
}

std::string gzip(std::string_view data) {
  constexpr int kUsualMemory = 8;
  z_stream zlib{};
  if (deflateInit2(&zlib, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kUsualMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  const std::unique_ptr<z_stream, decltype(&deflateEnd)> end(&zlib, &deflateEnd);
  std::string out;
  Bytes buffer(kBufferSize);
  int result = Z_OK;
  do {
    const std::string_view slice = data.substr(0, kMaxSlice);
    zlib.next_in = const_cast<Bytef*>(as_bytes(slice).data());
    zlib.avail_in = static_cast<uInt>(slice.size());
    zlib.next_out = buffer.data();
    zlib.avail_out = static_cast<uInt>(buffer.size());
    result = ::deflate(&zlib, slice.size() == data.size() ? Z_FINISH : Z_NO_FLUSH);
    out += as_text(BytesView(buffer).first(buffer.size() - zlib.avail_out));
    data.remove_prefix(slice.size() - zlib.avail_in);
  } while (result != Z_STREAM_END);
  return out;
}

}  // namespace wasync
