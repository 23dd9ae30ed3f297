// One field of a protobuf, read by hand where generated code would want the whole message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace wasync {

struct WireField {
  std::uint32_t number = 0;
  bool delimited = false;      // a string, bytes or message: `length` bytes follow the head
  std::uint64_t scalar = 0;    // of a varint field
  std::uint64_t length = 0;    // of the value behind the head; 0 for varints
  std::size_t head_bytes = 0;  // tag, and length or varint value

  std::uint64_t total_bytes() const { return head_bytes + length; }
};

// The field at the start of `data`, whose value need not be there yet; nothing when more
// bytes are needed. Throws Error(kProtocol) for what no protobuf contains (field 0, a varint
// of more than ten bytes, groups, which nothing in WhatsApp uses).
std::optional<WireField> read_wire_field(BytesView data);
// The same, with nothing instead of an exception.
std::optional<WireField> read_wire_field_or_nothing(BytesView data);

}  // namespace wasync
