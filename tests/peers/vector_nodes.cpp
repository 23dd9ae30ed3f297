#include "vector_tool.h"
#include "wire/node_codec.h"
#include "wire/tokens.h"

namespace wasync::peers {
namespace {

// A node in JSON: {tag, attributes: [[key, value]], content}, where a value is a text or a
// JID's parts, and content is null, a list of nodes, or {bytes}.
Json jid_out(const Jid& jid) {
  return {{"user", jid.user},   {"server", jid.server},         {"device", jid.device},
          {"agent", jid.agent}, {"integrator", jid.integrator}, {"text", jid.to_string()}};
}

Jid jid_in(const Json& parts) {
  return Jid{.user = parts.at("user").get<std::string>(),
             .server = parts.at("server").get<std::string>(),
             .device = parts.value("device", std::uint16_t{0}),
             .agent = parts.value("agent", std::uint8_t{0}),
             .integrator = parts.value("integrator", std::uint16_t{0})};
}

Json node_out(const Node& node) {
  Json out{{"tag", node.tag}, {"attributes", Json::array()}, {"content", nullptr}};
  for (const auto& [key, value] : node.attributes) {
    const auto* jid = std::get_if<Jid>(&value);
    out["attributes"].push_back(Json::array(
        {Json(key), jid != nullptr ? jid_out(*jid) : Json(std::get<std::string>(value))}));
  }
  if (const auto* children = std::get_if<std::vector<Node>>(&node.content)) {
    out["content"] = Json::array();
    for (const Node& child : *children) out["content"].push_back(node_out(child));
  } else if (const auto* bytes = std::get_if<Bytes>(&node.content)) {
    out["content"] = {{"bytes", bytes_out(*bytes)}};
  }
  return out;
}

Node node_in(const Json& json) {
  Node node(json.at("tag").get<std::string>());
  for (const Json& attribute : json.at("attributes")) {
    const Json& value = attribute.at(1);
    if (value.is_string()) {
      node.attributes.emplace_back(attribute.at(0).get<std::string>(), value.get<std::string>());
    } else {
      node.attributes.emplace_back(attribute.at(0).get<std::string>(), jid_in(value));
    }
  }
  const Json& content = json.at("content");
  if (content.is_array()) {
    std::vector<Node> children;
    for (const Json& child : content) children.push_back(node_in(child));
    node.content = std::move(children);
  } else if (content.is_object()) {
    node.content = bytes_in(content, "bytes");
  }
  return node;
}

Json token_tables(const Json&) {
  Json single = Json::array();
  Json doubles = Json::array();
  for (unsigned index = 0; index < 256; ++index) {
    const auto token = single_token(static_cast<std::uint8_t>(index));
    single.push_back(token ? Json(*token) : Json());
  }
  for (unsigned dictionary = 0; dictionary < 256; ++dictionary) {
    Json table = Json::array();
    for (unsigned index = 0; index < 256; ++index) {
      const auto token =
          double_token(static_cast<std::uint8_t>(dictionary), static_cast<std::uint8_t>(index));
      table.push_back(token ? Json(*token) : Json());
    }
    doubles.push_back(std::move(table));
  }
  return {{"version", kDictionaryVersion}, {"single", single}, {"double", doubles}};
}

}  // namespace

void add_node_operations(Operations& operations) {
  operations["token_tables"] = token_tables;
  operations["encode_node"] = [](const Json& request) {
    return bytes_out(encode_node(node_in(request.at("node"))));
  };
  operations["decode_node"] = [](const Json& request) {
    return node_out(decode_node(bytes_in(request, "bytes")));
  };
  // What we would send on if we relayed it.
  operations["recode_node"] = [](const Json& request) {
    return bytes_out(encode_node(decode_node(bytes_in(request, "bytes"))));
  };
}

}  // namespace wasync::peers
