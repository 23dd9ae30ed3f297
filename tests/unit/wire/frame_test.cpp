#include "wire/frame.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace frame_test {

using namespace wasync;

namespace {

Bytes stream_of(std::initializer_list<Bytes> payloads) {
  Bytes out;
  for (const Bytes& payload : payloads) append_frame(out, payload);
  return out;
}

std::vector<Bytes> drain(FrameReader& reader) {
  std::vector<Bytes> out;
  while (auto frame = reader.next()) out.push_back(std::move(*frame));
  return out;
}

}  // namespace

TEST_CASE("a frame is its length in three bytes and its payload") {
  CHECK(stream_of({{0xaa, 0xbb}}) == Bytes{0, 0, 2, 0xaa, 0xbb});
  CHECK(stream_of({Bytes(0x010203, 7)}).at(0) == 1);
  CHECK(stream_of({Bytes(0x010203, 7)}).at(2) == 3);
}

TEST_CASE("frames come out whole wherever the stream is cut") {
  const std::vector<Bytes> payloads{{1}, {}, {2, 3, 4}, Bytes(300, 9)};
  Bytes stream;
  for (const Bytes& payload : payloads) append_frame(stream, payload);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    FrameReader reader;
    reader.feed(BytesView(stream).first(cut));
    std::vector<Bytes> got = drain(reader);
    reader.feed(BytesView(stream).subspan(cut));
    for (Bytes& frame : drain(reader)) got.push_back(std::move(frame));
    CHECK(got == payloads);
    CHECK_FALSE(reader.partial());
  }
}

TEST_CASE("frames come out of a stream fed byte by byte") {
  const Bytes stream = stream_of({{1, 2, 3}, Bytes(1000, 5), {4}});
  FrameReader reader;
  std::vector<Bytes> got;
  for (const std::uint8_t byte : stream) {
    reader.feed({&byte, 1});
    for (Bytes& frame : drain(reader)) got.push_back(std::move(frame));
  }
  CHECK(got == std::vector<Bytes>{{1, 2, 3}, Bytes(1000, 5), {4}});
}

TEST_CASE("an unfinished frame is waited for, and is visible as such") {
  FrameReader reader;
  CHECK_FALSE(reader.partial());
  reader.feed(Bytes{0, 0, 5, 1, 2});
  CHECK_FALSE(reader.next());
  CHECK(reader.partial());
}

TEST_CASE("the longest frame passes and a longer one is refused") {
  Bytes stream;
  append_frame(stream, Bytes(kMaxFrameSize, 1));
  FrameReader reader;
  reader.feed(stream);
  CHECK(reader.next()->size() == kMaxFrameSize);
  Bytes out;
  CHECK_THROWS_AS(append_frame(out, Bytes(kMaxFrameSize + 1)), Error);
  CHECK(out.empty());
}

TEST_CASE("the intro names protocol 6 and dictionary 3, behind the routing information") {
  CHECK(to_bytes(intro_header()) == Bytes{'W', 'A', 6, 3});
  CHECK(intro_with_routing({}) == Bytes{'W', 'A', 6, 3});
  CHECK(intro_with_routing(Bytes{8, 9}) == Bytes{'E', 'D', 0, 1, 0, 0, 2, 8, 9, 'W', 'A', 6, 3});
}

TEST_CASE("a server skips the intro wherever the stream is cut") {
  for (const Bytes& routing : {Bytes{}, Bytes{8, 9}, Bytes{'W', 'A', 6, 3}}) {
    Bytes stream = intro_with_routing(routing);
    append_frame(stream, Bytes{42});
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
      FrameReader reader = FrameReader::after_intro();
      reader.feed(BytesView(stream).first(cut));
      std::vector<Bytes> got = drain(reader);
      reader.feed(BytesView(stream).subspan(cut));
      for (Bytes& frame : drain(reader)) got.push_back(std::move(frame));
      CHECK(got == std::vector<Bytes>{{42}});
    }
  }
}

TEST_CASE("a server refuses anything but the intro, at the first wrong byte") {
  for (const Bytes& wrong : {Bytes{'G'}, Bytes{'W', 'A', 6, 2}, Bytes{'W', 'A', 5}, Bytes{'E', 'E'},
                             Bytes{'E', 'D', 0, 1, 0, 0, 0, 'X'}, Bytes{0, 0, 1, 42}}) {
    FrameReader reader = FrameReader::after_intro();
    reader.feed(wrong);
    CHECK_THROWS_AS(reader.next(), Error);
  }
}

}  // namespace frame_test
