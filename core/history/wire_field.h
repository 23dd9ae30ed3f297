// One field of a protobuf, read by hand because generated code would need the whole message.
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

// The field at the start of `data`; its value need not be there yet. Nothing when the head needs
// more bytes. Throws Error(kProtocol) for field 0, a varint of more than ten bytes, and groups
// (nothing in WhatsApp uses them).
std::optional<WireField> read_wire_field(BytesView data);
// The same, with nothing instead of an exception.
std::optional<WireField> read_wire_field_or_nothing(BytesView data);

}  // namespace wasync
