// The binary form of nodes: what a decrypted frame holds.
//
// The first byte is a set of flags (bit 1: the rest is zlib-compressed). A node is a list
// of 1 + 2 * attributes (+ 1 when it has content) items: its tag, keys and values, content.
// Known from whatsmeow's binary/ and Baileys' src/WABinary, which agree on it.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "wire/node.h"

namespace wasync {

// Decoding refuses more than this. The largest honest stanzas (device lists of thousands of
// contacts) stay well below.
inline constexpr std::size_t kMaxInflatedNode = std::size_t{16} << 20;
inline constexpr std::size_t kMaxNodeDepth = 64;
inline constexpr std::size_t kMaxNodeAttributes = 256;  // of one node
inline constexpr std::size_t kMaxNodeItems = 500'000;   // nodes and attributes of a stanza

// The payload of a frame, uncompressed. Attributes keep their order; the encoder leaves out
// those with an empty value, as whatsmeow does. It writes a text value as a token, packed, or
// raw, never as a JID. Content bytes are always raw.
// Throws Error(kInternal) for a node without a tag or with an attribute without a name,
// Error(kProtocol) for what the form cannot hold (a list of 65536 items, a device above 255).
Bytes encode_node(const Node& node);

// The node in a payload. An attribute value is a Jid if the wire has a JID. One that
// `Jid::parse` does not accept becomes a text, so that we do not lose the stanza because of a
// strange address. Content in the form of a token, a packed text or a JID becomes its text's bytes.
// Throws Error(kProtocol) for anything malformed, beyond the bounds above, with an
// attribute given twice, or with bytes left over.
Node decode_node(BytesView payload);

}  // namespace wasync
