// A stanza or a part of one: WhatsApp's XML-like tree, which travels in a binary form
// (see wire/node_codec.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/jid.h"

namespace wasync {

// Value type. An attribute is a text or a JID: the binary form writes the two
// differently, so the distinction is kept. Content is nothing, children, or bytes.
struct Node {
  using Value = std::variant<std::string, Jid>;
  using Attributes = std::vector<std::pair<std::string, Value>>;
  using Content = std::variant<std::monostate, std::vector<Node>, Bytes>;

  std::string tag;
  Attributes attributes;
  Content content;

  Node() = default;
  explicit Node(std::string tag_, Attributes attributes_ = {}, Content content_ = {})
      : tag(std::move(tag_)), attributes(std::move(attributes_)), content(std::move(content_)) {}

  bool has(std::string_view key) const;
  // The attribute as text (a JID in its text form), or empty when absent.
  std::string text(std::string_view key) const;
  // The attribute as a JID; a text is parsed. Nothing when absent or malformed.
  std::optional<Jid> jid(std::string_view key) const;
  // The attribute as an unsigned decimal number. Nothing when absent or malformed.
  std::optional<std::uint64_t> number(std::string_view key) const;
  // The attribute as a time in seconds; unknown when absent or malformed.
  UnixSeconds time(std::string_view key) const;
  // Replaces or adds.
  void set(std::string_view key, Value value);

  // Empty when the content is of another kind.
  const std::vector<Node>& children() const;
  BytesView bytes() const;
  // First child of that tag, or null; owned by this node.
  const Node* child(std::string_view tag_) const;
  std::vector<const Node*> children_named(std::string_view tag_) const;

  // One line for debug logs: tags and attributes, byte contents as a length only,
  // control characters replaced.
  std::string describe() const;

  bool operator==(const Node&) const = default;
};

}  // namespace wasync
