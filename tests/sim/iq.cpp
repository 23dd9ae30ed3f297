#include "sim/iq.h"

#include <array>
#include <functional>

#include "base/clock.h"
#include "base/error.h"
#include "sim/iq_keys.h"
#include "sim/iq_people.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

using Children = std::vector<Node>;

Node reply(const Node& iq, const std::string& type) {
  Node answer("iq", {{"from", server_jid()}, {"type", type}, {"id", iq.text("id")}});
  if (const auto to = iq.jid("to")) answer.set("from", *to);
  return answer;
}

Node result(const Node& iq, Children children = {}) {
  Node answer = reply(iq, "result");
  if (!children.empty()) answer.content = std::move(children);
  return answer;
}

Node error(const Node& iq, const std::string& code, const std::string& text) {
  Node answer = reply(iq, "error");
  answer.content = Children{Node("error", {{"code", code}, {"text", text}})};
  return answer;
}

Node media_connection(const World& world, const Node& iq) {
  Node host("host", {{"hostname", world.service.media_hostname}, {"type", "primary"}});
  return result(iq, {with_children("media_conn",
                                   {{"auth", world.media.auth},
                                    {"ttl", "300"},
                                    {"auth_ttl", "21600"},
                                    {"max_buckets", "12"},
                                    {"max_manual_retry", "3"}},
                                   {std::move(host)})});
}

Node privacy(const Node& iq) {
  Children categories;
  for (const char* name :
       {"readreceipts", "profile", "status", "online", "last", "groupadd", "calladd"})
    categories.push_back(Node("category", {{"name", name}, {"value", "all"}}));
  return result(iq, {with_children("privacy", {}, std::move(categories))});
}

Node props(const Node& iq) {
  return result(iq,
                {with_children("props", {{"protocol", "1"}, {"hash", "sim1"}, {"refresh", "86400"}},
                               {Node("prop", {{"config_code", "1"}, {"config_value", "0"}})})});
}

// Who may ask: everybody, or only a companion that has logged in.
struct Answerer {
  std::string_view xmlns;
  bool before_login;
  std::function<Node(World&, Companion*, const Node&)> answer;
};

Node plain_result(World&, Companion*, const Node& iq) {
  return result(iq);
}

Node pong(World&, Companion*, const Node& iq) {
  Node answer = result(iq);
  answer.set("t", std::to_string(UnixSeconds::now().value));
  return answer;
}

const std::vector<Answerer>& answerers() {
  static const std::vector<Answerer> table{
      {"w:p", true, pong},
      {"passive", false, plain_result},
      {"urn:xmpp:whatsapp:dirty", false, plain_result},
      {"urn:xmpp:whatsapp:push", false, plain_result},
      {"w:stats", false, plain_result},
      {"encrypt", false,
       [](World& world, Companion* companion, const Node& iq) {
         return answer_keys(world, *companion, iq, reply(iq, "result"));
       }},
      {"usync", false,
       [](World& world, Companion* companion, const Node& iq) {
         watch_for_bursts(world, *companion, iq);
         return answer_usync(world, iq, reply(iq, "result"));
       }},
      {"w:g2", false,
       [](World& world, Companion* companion, const Node& iq) {
         watch_for_bursts(world, *companion, iq);
         return answer_groups(world, iq, reply(iq, "result"));
       }},
      {"w:m", false,
       [](World& world, Companion*, const Node& iq) { return media_connection(world, iq); }},
      {"privacy", false, [](World&, Companion*, const Node& iq) { return privacy(iq); }},
      {"blocklist", false,
       [](World&, Companion*, const Node& iq) { return result(iq, {Node("list")}); }},
      {"abt", false, [](World&, Companion*, const Node& iq) { return props(iq); }},
      {"w", false, [](World&, Companion*, const Node& iq) { return props(iq); }},
      {"w:sync:app:state", false,
       [](World& world, Companion*, const Node& iq) {
         return answer_app_state(world, iq, reply(iq, "result"));
       }},
      {"md", false,
       [](World&, Companion*, const Node& iq) {
         return iq.child("remove-companion-device") != nullptr
                    ? result(iq)
                    : error(iq, "501", "feature-not-implemented");
       }},
  };
  return table;
}

}  // namespace

Node with_children(const std::string& tag, Node::Attributes attributes, Children children) {
  Node node(tag, std::move(attributes));
  node.content = std::move(children);
  return node;
}

Node answer_iq(World& world, Companion* companion, const Node& iq) {
  const std::string xmlns = iq.text("xmlns");
  for (const Answerer& entry : answerers()) {
    if (entry.xmlns != xmlns) continue;
    if (companion == nullptr && !entry.before_login) return error(iq, "401", "not-authorized");
    try {
      return entry.answer(world, companion, iq);
    } catch (const Error& failed) {
      Journal::add(world.journal.complaints, xmlns + ": " + failed.what());
      return error(iq, "406", "not-acceptable");
    }
  }
  Journal::add(world.journal.unknown_queries, iq.describe());
  return error(iq, "501", "feature-not-implemented");
}

}  // namespace wasync::sim
