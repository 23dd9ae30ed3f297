#include "history/wire_field.h"

#include "base/error.h"

namespace wasync {
namespace {

constexpr std::size_t kMaxVarint = 10;

[[noreturn]] void fail() {
  throw Error(ErrorCode::kProtocol, "history data is not a protobuf");
}

// Moves `at` behind the varint; false when it is incomplete.
bool read_varint(BytesView data, std::size_t& at, std::uint64_t& value) {
  value = 0;
  for (std::size_t i = 0; i < kMaxVarint; ++i) {
    if (at + i >= data.size()) return false;
    const std::uint8_t byte = data[at + i];
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if ((byte & 0x80) == 0) {
      at += i + 1;
      return true;
    }
  }
  fail();
}

}  // namespace

std::optional<WireField> read_wire_field(BytesView data) {
  std::size_t at = 0;
  std::uint64_t tag = 0;
  if (!read_varint(data, at, tag)) return std::nullopt;
  if ((tag >> 3) == 0 || (tag >> 3) > 0x1fff'ffff) fail();
  WireField field{.number = static_cast<std::uint32_t>(tag >> 3)};
  switch (tag & 7) {
    case 0:
      if (!read_varint(data, at, field.scalar)) return std::nullopt;
      break;
    case 1: field.length = 8; break;
    case 2:
      if (!read_varint(data, at, field.length)) return std::nullopt;
      field.delimited = true;
      break;
    case 5: field.length = 4; break;
    default: fail();
  }
  field.head_bytes = at;
  return field;
}

std::optional<WireField> read_wire_field_or_nothing(BytesView data) {
  try {
    return read_wire_field(data);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace wasync
