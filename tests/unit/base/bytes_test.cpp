#include "base/bytes.h"

#include <doctest/doctest.h>

namespace bytes_test {

using namespace wasync;

TEST_CASE("numbers are big-endian in as many bytes as asked for") {
  Bytes out;
  append_big_endian(out, 0x0102, 2);
  append_big_endian(out, 0xff, 1);
  append_big_endian(out, 0x0a0b0c, 3);
  append_big_endian(out, 1, 8);
  CHECK(hex_encode(out) == "0102ff0a0b0c0000000000000001");
  CHECK(read_big_endian(BytesView(out).first(2)) == 0x0102);
  CHECK(read_big_endian(BytesView(out).subspan(3, 3)) == 0x0a0b0c);
  CHECK(read_big_endian({}) == 0);
  CHECK(read_big_endian(Bytes(8, 0xff)) == UINT64_MAX);
  // Only the low bytes of a larger number are written.
  Bytes low;
  append_big_endian(low, 0x112233, 2);
  CHECK(hex_encode(low) == "2233");
}

TEST_CASE("parts are joined in order") {
  const Bytes a{1, 2};
  const Bytes b{3};
  CHECK(concat({a, {}, b, a}) == Bytes{1, 2, 3, 1, 2});
  CHECK(concat({}).empty());
}

TEST_CASE("text and bytes are views of the same memory") {
  const std::string text("a\0b", 3);
  CHECK(as_bytes(text).size() == 3);
  CHECK(as_text(as_bytes(text)) == text);
  CHECK(to_bytes(text) == Bytes{'a', 0, 'b'});
  CHECK(to_string(Bytes{'a', 0, 'b'}) == text);
}

TEST_CASE("hexadecimal") {
  CHECK(hex_encode({}).empty());
  CHECK(hex_encode(Bytes{0x00, 0x0f, 0xa5, 0xff}) == "000fa5ff");
  CHECK(hex_decode("000fA5Ff") == Bytes{0x00, 0x0f, 0xa5, 0xff});
  CHECK(hex_decode("") == Bytes{});
  for (const char* bad : {"0", "000", "0g", "g0", " 0", "0x", "-1", "0\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(hex_decode(bad).has_value());
  }
}

TEST_CASE("base64 vectors of RFC 4648") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    CAPTURE(plain);
    CHECK(base64_encode(to_bytes(plain)) == encoded);
    CHECK(base64_decode(encoded) == to_bytes(plain));
  }
}

TEST_CASE("base64 of every byte value comes back") {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  for (std::size_t length = 250; length <= 256; ++length) {
    const BytesView part = BytesView(all).first(length);
    CHECK(base64_decode(base64_encode(part)) == to_bytes(part));
  }
}

TEST_CASE("base64 decoding accepts the standard alphabet with padding only") {
  for (const char* bad : {"Z", "Zg", "Zg=", "Zm9", "Z===", "====", "=Zg=", "Z=g=", "Zg==Zg==",
                          "Zm9v\n", "Zm 9", "-_-_", "Zm9*", "Zg==="}) {
    CAPTURE(bad);
    CHECK_FALSE(base64_decode(bad).has_value());
  }
  CHECK_FALSE(base64_decode(std::string_view("Zm9\0", 4)).has_value());
}

TEST_CASE("the URL alphabet differs in two characters and keeps the padding") {
  const Bytes bytes{0xfb, 0xff, 0xfe, 0xff};
  CHECK(base64_encode(bytes) == "+//+/w==");
  CHECK(base64url_encode(bytes) == "-__-_w==");
}

}  // namespace bytes_test
