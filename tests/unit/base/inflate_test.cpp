#include "base/inflate.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

#include "base/crypto.h"
#include "base/error.h"

namespace inflate_test {

using namespace wasync;

namespace {

template <typename Function>
void check_refused(Function function, std::string_view why) {
  try {
    function();
    FAIL_CHECK("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kProtocol);
    CHECK(std::string_view(error.what()).find(why) != std::string_view::npos);
  }
}

// Compressible, but not trivially so.
Bytes sample(std::size_t size) {
  Bytes out;
  for (std::uint32_t i = 0; out.size() < size; ++i) {
    append(out, as_bytes("message " + std::to_string(i * 2654435761u % 1000) + "\n"));
  }
  out.resize(size);
  return out;
}

}  // namespace

TEST_CASE("a known zlib stream") {
  // "hello hello hello" by another implementation
  const Bytes known = hex_decode("789ccb48cdc9c957c84090003a2e067d").value();
  CHECK(to_string(inflate(known, 100)) == "hello hello hello");
}

TEST_CASE("what is deflated inflates to itself") {
  for (const std::size_t size : {0u, 1u, 100u, 65'535u, 65'536u, 65'537u, 1'000'000u}) {
    const Bytes data = sample(size);
    const Bytes compressed = deflate(data);
    CHECK(compressed[0] == 0x78);
    CHECK(inflate(compressed, size) == data);
  }
  const Bytes noise = random_bytes(200'000);
  CHECK(inflate(deflate(noise), noise.size()) == noise);
}

TEST_CASE("what is gzipped comes out as it was, and is bounded too") {
  const std::string text(10'000, 'x');
  const std::string packed = gzip(text);
  CHECK(as_text(gunzip(as_bytes(packed), 10'000)) == text);
  CHECK_THROWS_AS(gunzip(as_bytes(packed), 9'999), Error);
  CHECK_THROWS_AS(gunzip(deflate(as_bytes(text)), 10'000), Error);
}

TEST_CASE("the limit is the last size allowed") {
  for (const std::size_t size : {1u, 65'536u, 300'000u}) {
    const Bytes compressed = deflate(sample(size));
    CHECK(inflate(compressed, size).size() == size);
    check_refused([&] { inflate(compressed, size - 1); }, "more than is allowed");
  }
  CHECK(inflate(deflate({}), 0).empty());
}

TEST_CASE("a bomb ends before it fills the memory") {
  const Bytes bomb = deflate(Bytes(64u << 20));
  CHECK(bomb.size() < 70'000);
  std::size_t seen = 0;
  InflateStream stream(1 << 20);
  check_refused([&] { stream.feed(bomb, [&](BytesView out) { seen += out.size(); }); },
                "more than is allowed");
  CHECK(seen <= 1 << 20);
}

TEST_CASE("pieces of any size give the same output") {
  const Bytes data = sample(300'000);
  const Bytes compressed = deflate(data);
  for (const std::size_t step :
       {std::size_t{1}, std::size_t{7}, std::size_t{4096}, compressed.size()}) {
    InflateStream stream(data.size());
    Bytes out;
    for (std::size_t at = 0; at < compressed.size(); at += step) {
      const std::size_t count = std::min(step, compressed.size() - at);
      stream.feed(BytesView(compressed).subspan(at, count), [&](BytesView piece) {
        CHECK_FALSE(piece.empty());
        append(out, piece);
      });
      stream.feed({}, [](BytesView) { FAIL_CHECK("output without input"); });
      CHECK(stream.produced() == out.size());
    }
    stream.finish();
    CHECK(out == data);
  }
}

TEST_CASE("a stream may be moved between pieces") {
  const Bytes data = sample(1000);
  const Bytes compressed = deflate(data);
  Bytes out;
  const auto sink = [&](BytesView piece) { append(out, piece); };
  InflateStream first(data.size());
  first.feed(BytesView(compressed).first(20), sink);
  InflateStream second = std::move(first);
  second.feed(BytesView(compressed).subspan(20), sink);
  second.finish();
  CHECK(out == data);
}

TEST_CASE("every beginning is cut short") {
  const Bytes compressed = deflate(sample(500));
  for (std::size_t length = 0; length < compressed.size(); ++length) {
    check_refused([&] { inflate(to_bytes(BytesView(compressed).first(length)), 1000); },
                  "cut short");
  }
}

TEST_CASE("what follows the end is refused, at once or later") {
  Bytes compressed = deflate(sample(500));
  InflateStream stream(1000);
  stream.feed(compressed, [](BytesView) {});
  stream.finish();
  stream.feed({}, [](BytesView) {});
  check_refused([&] { stream.feed(Bytes{0}, [](BytesView) {}); }, "behind its end");
  compressed.push_back(0x78);
  check_refused([&] { inflate(compressed, 1000); }, "behind its end");
}

TEST_CASE("damage is noticed") {
  const Bytes compressed = deflate(sample(500));
  Bytes wrong_checksum = compressed;
  wrong_checksum.back() ^= 1;
  check_refused([&] { inflate(wrong_checksum, 1000); }, "damaged");
  check_refused([] { inflate(Bytes{0x00, 0x11, 0x22, 0x33}, 1000); }, "damaged");
  // gzip and raw deflate are other formats.
  check_refused([] { inflate(Bytes{0x1f, 0x8b, 0x08, 0x00, 0, 0, 0, 0}, 1000); }, "damaged");
  // A stream that asks for a preset dictionary.
  check_refused([] { inflate(Bytes{0x78, 0xbb, 0, 0, 0, 1, 3, 0}, 1000); }, "damaged");
  for (std::size_t bit = 0; bit < compressed.size() * 8; ++bit) {
    Bytes touched = compressed;
    touched[bit / 8] = static_cast<std::uint8_t>(touched[bit / 8] ^ (1 << bit % 8));
    try {
      // A few header bits mean nothing to the content; then it must be intact.
      const Bytes out = inflate(touched, 1000);
      CHECK(out == sample(500));
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kProtocol);
    }
  }
}

TEST_CASE("an exception of the sink comes through") {
  InflateStream stream(1000);
  CHECK_THROWS_AS(
      stream.feed(deflate(sample(500)), [](BytesView) { throw std::runtime_error("stop"); }),
      std::runtime_error);
}

}  // namespace inflate_test
