#include <algorithm>
#include <iterator>
#include <optional>

#include "base/error.h"
#include "wire/node_codec.h"
#include "wire/node_form.h"
#include "wire/tokens.h"

namespace wasync {
namespace {

using namespace node_form;

class Encoder {
 public:
  Bytes take() { return std::move(out_); }

  void write(const Node& node) {
    if (node.tag.empty()) throw Error(ErrorCode::kInternal, "a node without a tag");
    const auto attributes =
        std::count_if(node.attributes.begin(), node.attributes.end(),
                      [](const auto& attribute) { return !is_empty(attribute.second); });
    const bool has_content = !std::holds_alternative<std::monostate>(node.content);
    write_list_start(1 + 2 * static_cast<std::size_t>(attributes) + (has_content ? 1 : 0));
    write_text(node.tag);
    for (const auto& [key, value] : node.attributes) {
      if (is_empty(value)) continue;
      if (key.empty()) throw Error(ErrorCode::kInternal, "an attribute without a name");
      write_text(key);
      if (const auto* jid = std::get_if<Jid>(&value)) {
        write_jid(*jid);
      } else {
        write_text(std::get<std::string>(value));
      }
    }
    if (const auto* children = std::get_if<std::vector<Node>>(&node.content)) {
      write_list_start(children->size());
      for (const Node& child : *children) write(child);
    } else if (const auto* bytes = std::get_if<Bytes>(&node.content)) {
      write_raw(*bytes);
    }
  }

 private:
  static bool is_empty(const Node::Value& value) {
    if (const auto* jid = std::get_if<Jid>(&value)) return jid->empty();
    return std::get<std::string>(value).empty();
  }

  void write_list_start(std::size_t size) {
    if (size == 0) {
      out_.push_back(kEmptyList);
    } else if (size < 256) {
      out_.push_back(kList8);
      append_big_endian(out_, size, 1);
    } else if (size < 65536) {
      out_.push_back(kList16);
      append_big_endian(out_, size, 2);
    } else {
      throw Error(ErrorCode::kProtocol, "a node with too many children or attributes to send");
    }
  }

  void write_raw(BytesView bytes) {
    if (bytes.size() < 256) {
      out_.push_back(kBinary8);
      append_big_endian(out_, bytes.size(), 1);
    } else if (bytes.size() < std::size_t{1} << 20) {
      out_.push_back(kBinary20);
      append_big_endian(out_, bytes.size(), 3);
    } else if (bytes.size() < std::size_t{1} << 31) {
      out_.push_back(kBinary32);
      append_big_endian(out_, bytes.size(), 4);
    } else {
      throw Error(ErrorCode::kProtocol, "a node with too long a content to send");
    }
    append(out_, bytes);
  }

  void write_text(std::string_view text) {
    if (const auto token = find_token(text)) {
      if (token->dictionary) {
        out_.push_back(static_cast<std::uint8_t>(kDictionary0 + *token->dictionary));
      }
      out_.push_back(token->index);
    } else if (packable(text, kNibbleAlphabet)) {
      write_packed(kNibble8, text, kNibbleAlphabet);
    } else if (packable(text, kHexAlphabet)) {
      write_packed(kHex8, text, kHexAlphabet);
    } else {
      write_raw(as_bytes(text));
    }
  }

  static bool packable(std::string_view text, std::string_view alphabet) {
    return !text.empty() && text.size() <= kMaxPackedLength &&
           text.find_first_not_of(alphabet) == std::string_view::npos;
  }

  void write_packed(std::uint8_t form, std::string_view text, std::string_view alphabet) {
    const bool odd = text.size() % 2 != 0;
    out_.push_back(form);
    out_.push_back(static_cast<std::uint8_t>((text.size() + 1) / 2 | (odd ? kOddLengthFlag : 0)));
    for (std::size_t i = 0; i < text.size(); i += 2) {
      const std::size_t high = alphabet.find(text[i]);
      const std::size_t low = i + 1 < text.size() ? alphabet.find(text[i + 1]) : kPackedFiller;
      out_.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
  }

  void write_jid(const Jid& jid) {
    if (jid.is(jid_server::kMessenger)) {
      out_.push_back(kMessengerJid);
      write_text(jid.user);
      append_big_endian(out_, jid.device, 2);
      write_text(jid.server);
    } else if (jid.is(jid_server::kInterop)) {
      out_.push_back(kInteropJid);
      write_text(jid.user);
      append_big_endian(out_, jid.device, 2);
      append_big_endian(out_, jid.integrator, 2);
      write_text(jid.server);
    } else if (const auto domain = device_domain(jid)) {
      if (jid.device > 255) throw Error(ErrorCode::kProtocol, "a device number above 255");
      out_.push_back(kDeviceJid);
      out_.push_back(*domain);
      append_big_endian(out_, jid.device, 1);
      write_text(jid.user);
    } else {
      out_.push_back(kJidPair);
      if (jid.user.empty()) {
        out_.push_back(kEmptyList);
      } else {
        write_text(jid.user);
      }
      write_text(jid.server);
    }
  }

  // The domain type under which the JID is written as a device JID, or nothing when it is
  // written as a pair. Hosted addresses have no pair form (whatsmeow writes them so; Baileys
  // writes a pair when the device is 0).
  static std::optional<std::uint8_t> device_domain(const Jid& jid) {
    for (const auto& [type, server] : kDomains) {
      if (!jid.is(server)) continue;
      const bool hosted = jid.is(jid_server::kHosted) || jid.is(jid_server::kHostedLid);
      if (jid.device == 0 && !hosted) return std::nullopt;
      // An agent shares this byte. Drop an agent whose number would name another server.
      return jid.is(jid_server::kUser) && !is_domain_type(jid.agent) ? jid.agent : type;
    }
    return std::nullopt;
  }

  static bool is_domain_type(std::uint8_t number) {
    return std::any_of(std::begin(kDomains), std::end(kDomains),
                       [number](const Domain& domain) { return domain.type == number; });
  }

  Bytes out_{0};  // no flags
};

}  // namespace

Bytes encode_node(const Node& node) {
  Encoder encoder;
  encoder.write(node);
  return encoder.take();
}

}  // namespace wasync
