#include <algorithm>
#include <iterator>
#include <optional>

#include "base/error.h"
#include "base/inflate.h"
#include "wire/node_codec.h"
#include "wire/node_form.h"
#include "wire/tokens.h"

namespace wasync {
namespace {

using namespace node_form;

class Decoder {
 public:
  explicit Decoder(BytesView data) : data_(data) {}

  Node read_whole() {
    Node node = read_node(1);
    if (at_ != data_.size()) fail("bytes behind its end");
    return node;
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw Error(ErrorCode::kProtocol,
                std::string("malformed stanza: ") + what + " at byte " + std::to_string(at_));
  }

  BytesView take(std::size_t count) {
    if (count > data_.size() - at_) fail("cut short");
    const BytesView bytes = data_.subspan(at_, count);
    at_ += count;
    return bytes;
  }
  std::uint8_t read_byte() { return take(1)[0]; }
  std::size_t read_size(std::size_t width) {
    return static_cast<std::size_t>(read_big_endian(take(width)));
  }

  void count_items(std::size_t count) {
    items_ += count;
    if (items_ > kMaxNodeItems) fail("too many nodes and attributes");
  }

  static bool is_list(std::uint8_t form) {
    return form == kEmptyList || form == kList8 || form == kList16;
  }
  std::size_t read_list_size(std::uint8_t form) {
    switch (form) {
      case kEmptyList: return 0;
      case kList8: return read_size(1);
      case kList16: return read_size(2);
      default: fail("no list where one must be");
    }
  }

  static bool is_binary(std::uint8_t form) { return form >= kBinary8 && form <= kBinary32; }
  BytesView read_binary(std::uint8_t form) {
    switch (form) {
      case kBinary8: return take(read_size(1));
      case kBinary20: return take(read_size(3) & 0xfffff);
      default: return take(read_size(4));
    }
  }

  Node read_node(std::size_t depth) {
    if (depth > kMaxNodeDepth) fail("nested too deeply");
    const std::size_t size = read_list_size(read_byte());
    if (size == 0) fail("an empty node");
    Node node;
    node.tag = read_text(read_byte());
    if (node.tag.empty()) fail("a node without a tag");
    read_attributes(node, (size - 1) / 2);
    if (size % 2 == 0) node.content = read_content(depth);
    return node;
  }

  void read_attributes(Node& node, std::size_t count) {
    if (count > kMaxNodeAttributes) fail("too many attributes");
    count_items(count);
    node.attributes.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      std::string key = read_text(read_byte());
      if (key.empty()) fail("an attribute without a name");
      Node::Value value = read_value(read_byte());
      node.set(key, std::move(value));
    }
  }

  Node::Content read_content(std::size_t depth) {
    const std::uint8_t form = read_byte();
    if (is_binary(form)) return to_bytes(read_binary(form));
    if (!is_list(form)) {
      const Node::Value value = read_value(form);
      const auto* jid = std::get_if<Jid>(&value);
      return to_bytes(jid != nullptr ? jid->to_string() : std::get<std::string>(value));
    }
    const std::size_t size = read_list_size(form);
    count_items(size);
    std::vector<Node> children;
    // The smallest node takes three bytes, so a false count cannot make us reserve memory.
    children.reserve(std::min(size, (data_.size() - at_) / 3));
    for (std::size_t i = 0; i < size; ++i) children.push_back(read_node(depth + 1));
    return children;
  }

  Node::Value read_value(std::uint8_t form) {
    switch (form) {
      case kJidPair: return read_jid_pair();
      case kDeviceJid: return read_device_jid();
      case kMessengerJid: return read_messenger_jid();
      case kInteropJid: return read_interop_jid();
      default: return read_text(form);
    }
  }

  // A text in any of its forms; the empty list stands for the empty text.
  std::string read_text(std::uint8_t form) {
    if (form == kEmptyList) return {};
    if (form == kNibble8) return read_packed(kNibbleAlphabet);
    if (form == kHex8) return read_packed(kHexAlphabet);
    if (is_binary(form)) return to_string(read_binary(form));
    const auto token =
        form >= kDictionary0 && form <= kDictionary3
            ? double_token(static_cast<std::uint8_t>(form - kDictionary0), read_byte())
            : single_token(form);
    if (!token) fail("no text where one must be");
    return std::string(*token);
  }

  std::string read_packed(std::string_view alphabet) {
    const std::uint8_t start = read_byte();
    const BytesView packed = take(start & ~kOddLengthFlag & 0xff);
    std::size_t length = packed.size() * 2;
    if ((start & kOddLengthFlag) != 0) {
      if (packed.empty()) fail("a packed text of negative length");
      --length;
    }
    std::string text;
    text.reserve(length);
    for (std::size_t i = 0; i < length; ++i) {
      const std::size_t code = (i % 2 == 0 ? packed[i / 2] >> 4 : packed[i / 2]) & 0xf;
      if (code >= alphabet.size()) fail("a packed text with a false character");
      text.push_back(alphabet[code]);
    }
    return text;
  }

  // The address of a user at a server with nothing else in it, or the text it would have.
  static Node::Value address(std::string_view user, std::string_view server) {
    std::string text(user);
    if (!text.empty()) text += '@';
    text += server;
    if (std::optional<Jid> jid = Jid::parse(text)) return *std::move(jid);
    return text;
  }

  Node::Value read_jid_pair() {
    const std::string user = read_text(read_byte());
    const std::string server = read_text(read_byte());
    if (server.empty()) fail("a JID without a server");
    return address(user, server);
  }

  Node::Value read_device_jid() {
    const std::uint8_t type = read_byte();
    const std::uint8_t device = read_byte();
    const auto* domain = std::find_if(std::begin(kDomains), std::end(kDomains),
                                      [type](const Domain& known) { return known.type == type; });
    const bool known = domain != std::end(kDomains);
    Node::Value value = address(read_text(read_byte()), known ? domain->server : jid_server::kUser);
    if (auto* jid = std::get_if<Jid>(&value)) {
      jid->device = device;
      if (!known) jid->agent = type;
    }
    return value;
  }

  Node::Value read_messenger_jid() {
    const std::string user = read_text(read_byte());
    const auto device = static_cast<std::uint16_t>(read_size(2));
    const std::string server = read_text(read_byte());
    if (server != jid_server::kMessenger) fail("a messenger JID of another server");
    Node::Value value = address(user, server);
    if (auto* jid = std::get_if<Jid>(&value)) jid->device = device;
    return value;
  }

  Node::Value read_interop_jid() {
    const std::string user = read_text(read_byte());
    const auto device = static_cast<std::uint16_t>(read_size(2));
    const auto integrator = static_cast<std::uint16_t>(read_size(2));
    const std::string server = read_text(read_byte());
    if (server != jid_server::kInterop) fail("an interop JID of another server");
    Node::Value value = address(user, server);
    if (auto* jid = std::get_if<Jid>(&value)) {
      jid->device = device;
      jid->integrator = integrator;
    }
    return value;
  }

  BytesView data_;
  std::size_t at_ = 0;
  std::size_t items_ = 1;
};

}  // namespace

Node decode_node(BytesView payload) {
  if (payload.empty()) throw Error(ErrorCode::kProtocol, "an empty frame");
  const BytesView body = payload.subspan(1);
  if ((payload[0] & kCompressedFlag) == 0) return Decoder(body).read_whole();
  return Decoder(inflate(body, kMaxInflatedNode)).read_whole();
}

}  // namespace wasync
