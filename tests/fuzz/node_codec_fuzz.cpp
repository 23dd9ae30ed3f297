// Whatever arrives in a frame, decoding ends with a node or with Error(kProtocol); and what
// was decoded can be sent, read and sent again without changing.
#include <cstdlib>

#include "base/error.h"
#include "wire/node_codec.h"

using namespace wasync;

namespace {

void require(bool ok) {
  if (!ok) std::abort();
}

void check_description(const Node& node) {
  for (const char c : node.describe()) require(c >= ' ' && c <= '~');
}

// Nothing when the form cannot hold it: a device number above 255 can be read in the user
// part of a pair, but not written.
Bytes encode_or_nothing(const Node& node) {
  try {
    return encode_node(node);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::kProtocol);
    return {};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Node node;
  try {
    node = decode_node({data, size});
  } catch (const Error& error) {
    require(error.code() == ErrorCode::kProtocol);
    return 0;
  }
  check_description(node);
  const Bytes sent = encode_or_nothing(node);
  if (!sent.empty()) require(encode_node(decode_node(sent)) == sent);
  return 0;
}
