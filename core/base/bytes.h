// Byte strings and the textual encodings the protocol uses for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wasync {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

// The same memory seen as bytes or as text; nothing is copied.
inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(BytesView view) {
  return {view.begin(), view.end()};
}
inline Bytes to_bytes(std::string_view text) {
  return to_bytes(as_bytes(text));
}
inline std::string to_string(BytesView view) {
  return std::string(as_text(view));
}

inline void append(Bytes& to, BytesView more) {
  to.insert(to.end(), more.begin(), more.end());
}
Bytes concat(std::initializer_list<BytesView> parts);

// Big-endian unsigned integers of `width` bytes (1 to 8), the byte order of every
// length and id on the wire.
void append_big_endian(Bytes& to, std::uint64_t value, std::size_t width);
std::uint64_t read_big_endian(BytesView bytes);

std::string hex_encode(BytesView bytes);  // lower case
std::optional<Bytes> hex_decode(std::string_view text);

// Standard alphabet with padding; decoding accepts nothing else.
std::string base64_encode(BytesView bytes);
std::optional<Bytes> base64_decode(std::string_view text);
// URL-safe alphabet ('-', '_') with padding: media URLs carry hashes in it.
std::string base64url_encode(BytesView bytes);

}  // namespace wasync
