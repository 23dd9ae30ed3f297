#include "wire/node.h"

#include <algorithm>
#include <limits>

#include "base/number.h"

namespace wasync {
namespace {

// A log line is read by people; a stanza of a thousand participants is not.
constexpr std::size_t kMaxDescription = 4096;

const Node::Value* find(const Node& node, std::string_view key) {
  for (const auto& [name, value] : node.attributes) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string as_string(const Node::Value& value) {
  if (const auto* jid = std::get_if<Jid>(&value)) return jid->to_string();
  return std::get<std::string>(value);
}

// Printable ASCII as it is and everything else as \xNN: nothing that a peer chose can end
// the line, steer a terminal or imitate the quotes around it.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c >= ' ' && c <= '~' && c != '\\' && c != '\'') {
      out.push_back(c);
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      out += "\\x" + hex_encode({&byte, 1});
    }
  }
}

void describe_to(std::string& out, const Node& node) {
  if (out.size() > kMaxDescription) return;
  out += '<';
  append_escaped(out, node.tag);
  for (const auto& [key, value] : node.attributes) {
    if (out.size() > kMaxDescription) return;
    out += ' ';
    append_escaped(out, key);
    out += "='";
    // The media hosts' bearer token is the one secret that travels in an attribute.
    append_escaped(out, key == "auth" ? "(hidden)" : as_string(value));
    out += '\'';
  }
  if (std::holds_alternative<std::monostate>(node.content)) {
    out += "/>";
    return;
  }
  out += '>';
  if (const auto* bytes = std::get_if<Bytes>(&node.content)) {
    out += '(' + std::to_string(bytes->size()) + " bytes)";
  }
  for (const Node& child : node.children()) describe_to(out, child);
  out += "</";
  append_escaped(out, node.tag);
  out += '>';
}

}  // namespace

bool Node::has(std::string_view key) const {
  return find(*this, key) != nullptr;
}

std::string Node::text(std::string_view key) const {
  const Value* value = find(*this, key);
  return value == nullptr ? std::string() : as_string(*value);
}

std::optional<Jid> Node::jid(std::string_view key) const {
  const Value* value = find(*this, key);
  if (value == nullptr) return std::nullopt;
  if (const auto* jid = std::get_if<Jid>(value)) return *jid;
  return Jid::parse(std::get<std::string>(*value));
}

std::optional<std::uint64_t> Node::number(std::string_view key) const {
  return parse_number<std::uint64_t>(text(key));
}

UnixSeconds Node::time(std::string_view key) const {
  const auto seconds = number(key);
  if (!seconds || *seconds > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return {};
  return {static_cast<std::int64_t>(*seconds)};
}

void Node::set(std::string_view key, Value value) {
  for (auto& [name, old] : attributes) {
    if (name == key) {
      old = std::move(value);
      return;
    }
  }
  attributes.emplace_back(std::string(key), std::move(value));
}

const std::vector<Node>& Node::children() const {
  static const std::vector<Node> none;
  const auto* nodes = std::get_if<std::vector<Node>>(&content);
  return nodes == nullptr ? none : *nodes;
}

BytesView Node::bytes() const {
  const auto* data = std::get_if<Bytes>(&content);
  return data == nullptr ? BytesView() : BytesView(*data);
}

const Node* Node::child(std::string_view tag_) const {
  const auto& nodes = children();
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [tag_](const Node& node) { return node.tag == tag_; });
  return found == nodes.end() ? nullptr : &*found;
}

std::vector<const Node*> Node::children_named(std::string_view tag_) const {
  std::vector<const Node*> found;
  for (const Node& node : children()) {
    if (node.tag == tag_) found.push_back(&node);
  }
  return found;
}

std::string Node::describe() const {
  std::string out;
  describe_to(out, *this);
  if (out.size() > kMaxDescription) {
    out.resize(kMaxDescription);
    out += " (cut)";
  }
  return out;
}

}  // namespace wasync
