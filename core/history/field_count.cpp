#include "history/field_count.h"

#include <google/protobuf/io/coded_stream.h>

namespace wasync {
namespace {

// As deep as protobuf parses; what is deeper it refuses itself.
constexpr int kDeepest = 100;

// Looks no further than `most`. What cannot be read ends the message, as it ends parsing.
std::size_t count_fields(BytesView message, std::size_t most, int depth) {
  google::protobuf::io::CodedInputStream in(message.data(), static_cast<int>(message.size()));
  std::size_t count = 0;
  while (count <= most) {
    const std::uint32_t tag = in.ReadTag();
    if (tag == 0) break;
    ++count;
    std::uint64_t scalar = 0;
    std::uint32_t length = 0;
    bool read = true;
    switch (tag & 7) {
      case 0: read = in.ReadVarint64(&scalar); break;
      case 1: read = in.Skip(8); break;
      case 2: {
        read = in.ReadVarint32(&length);
        const auto at = static_cast<std::size_t>(in.CurrentPosition());
        if (!read || length > message.size() - at) return count;
        if (depth < kDeepest) {
          count += count_fields(message.subspan(at, length), most - count, depth + 1);
        }
        read = in.Skip(static_cast<int>(length));
        break;
      }
      case 3:  // groups, whose fields are counted as if they stood here
      case 4: break;
      case 5: read = in.Skip(4); break;
      default: read = false;
    }
    if (!read) break;
  }
  return count;
}

}  // namespace

bool has_few_fields(BytesView message) {
  return count_fields(message, kMostFields, 0) <= kMostFields;
}

}  // namespace wasync
