#include "session/connection/receipt.h"

namespace wasync {
namespace {

void copy_attribute(Node& to, std::string_view as, const Node& from, std::string_view key) {
  for (const auto& [name, value] : from.attributes) {
    if (name == key) to.set(as, value);
  }
}

}  // namespace

Node ack(const Node& stanza, std::optional<Nack> nack) {
  Node node("ack", {{"class", stanza.tag}});
  copy_attribute(node, "id", stanza, "id");
  copy_attribute(node, "to", stanza, "from");
  copy_attribute(node, "participant", stanza, "participant");
  copy_attribute(node, "recipient", stanza, "recipient");
  // A message's own type ("text", "media") is not repeated; a receipt's or notification's is.
  if (stanza.tag != "message") copy_attribute(node, "type", stanza, "type");
  if (nack) node.set("error", std::to_string(static_cast<int>(*nack)));
  return node;
}

std::optional<Nack> nack_in(const Node& answer) {
  const auto code = answer.tag == "ack" ? answer.number("error") : std::nullopt;
  if (!code) return std::nullopt;
  return static_cast<Nack>(*code);
}

Node receipt(const Node& message, std::string_view type) {
  Node node("receipt");
  copy_attribute(node, "id", message, "id");
  copy_attribute(node, "to", message, "from");
  copy_attribute(node, "recipient", message, "recipient");
  copy_attribute(node, "participant", message, "participant");
  if (!type.empty()) node.set("type", std::string(type));
  return node;
}

Node peer_receipt(std::string_view message_id, const Jid& own, std::string_view type) {
  return Node("receipt",
              {{"id", std::string(message_id)}, {"type", std::string(type)}, {"to", own.bare()}});
}

}  // namespace wasync
