#include "session/receive/missing_names.h"

#include <algorithm>
#include <utility>

#include "base/sqlite.h"
#include "proto/verified_name.pb.h"
#include "session/receive/lid_news.h"

namespace wasync {
namespace {

constexpr std::size_t kMostGroups = 10;
constexpr std::int64_t kAskAgainS = 7 * std::int64_t{86'400};

std::string verified_name_in(const Node& user) {
  const Node* business = user.child("business");
  const Node* name = business != nullptr ? business->child("verified_name") : nullptr;
  pb::VerifiedNameCertificate certificate;
  pb::VerifiedNameCertificate::Details details;
  if (name == nullptr || !certificate.ParseFromString(to_string(name->bytes())) ||
      !details.ParseFromString(certificate.details())) {
    return {};
  }
  return details.verified_name();
}

}  // namespace

bool was_asked_about(Database& database, const Jid& who, UnixSeconds now) {
  // What seems to have been asked in the future was asked before the clock was set back.
  auto query = database.prepare(
      "SELECT 1 FROM name_questions WHERE address = ? AND asked_at > ? AND asked_at <= ?");
  query.bind(who.to_string(), now.value - kAskAgainS, now);
  return query.step();
}

Nameless find_nameless(Database& database, UnixSeconds now) {
  std::vector<Jid> candidates;
  {
    auto query = database.prepare(
        "SELECT jid FROM (SELECT jid, name, group_subject, redirect_to FROM threads"
        " ORDER BY last_message_at DESC LIMIT 500)"
        " WHERE name = '' AND group_subject = '' AND redirect_to = ''");
    while (query.step()) {
      if (auto jid = Jid::parse(query.text_view(0))) candidates.push_back(*std::move(jid));
    }
  }
  Nameless nameless;
  for (Jid& jid : candidates) {
    const std::size_t most = jid.is_group() ? kMostGroups : kMostPeople;
    std::vector<Jid>& wanted = jid.is_group() ? nameless.groups : nameless.people;
    const bool can_be_asked = jid.is_group() || jid.is_person();
    if (!can_be_asked || wanted.size() >= most || was_asked_about(database, jid, now)) continue;
    wanted.push_back(std::move(jid));
  }
  return nameless;
}

void note_asked_about(Database& database, const std::vector<Jid>& who, UnixSeconds now) {
  database.prepare("DELETE FROM name_questions WHERE asked_at <= ?")
      .bind(now.value - kAskAgainS)
      .run();
  for (const Jid& each : who) {
    database.prepare("INSERT OR REPLACE INTO name_questions (address, asked_at) VALUES (?, ?)")
        .bind(each.to_string(), now)
        .run();
  }
}

Node group_question(const Jid& group) {
  return Node("iq", {{"to", group}, {"type", "get"}, {"xmlns", "w:g2"}},
              std::vector<Node>{Node("query", {{"request", "interactive"}})});
}

Node people_question(const std::vector<Jid>& people, std::string id) {
  std::vector<Node> users;
  users.reserve(people.size());
  for (const Jid& each : people) users.emplace_back("user", Node::Attributes{{"jid", each.bare()}});
  Node business("business", {}, std::vector<Node>{Node("verified_name")});
  Node query("query", {}, std::vector<Node>{std::move(business), Node("lid")});
  Node list("list", {}, std::move(users));
  Node usync("usync",
             {{"sid", std::move(id)},
              {"mode", "full"},
              {"last", "true"},
              {"index", "0"},
              {"context", "background"}},
             std::vector<Node>{std::move(query), std::move(list)});
  return Node("iq", {{"to", server_jid()}, {"type", "get"}, {"xmlns", "usync"}},
              std::vector<Node>{std::move(usync)});
}

void take_group_answer(const Jid& asked, const Node& answer, StanzaGroup& group) {
  const Node* info = answer.child("group");
  if (info == nullptr) return;
  if (info->has("subject")) group.inbox().put_group_subject(asked, info->text("subject"));
  learn_participants(*info, group);
}

void take_people_answer(const std::vector<Jid>& asked, const Node& answer, StanzaGroup& group) {
  const Node* usync = answer.child("usync");
  const Node* list = usync != nullptr ? usync->child("list") : nullptr;
  if (list == nullptr) return;
  for (const Node* user : list->children_named("user")) {
    const Jid who = user->jid("jid").value_or(Jid{}).bare();
    if (std::find(asked.begin(), asked.end(), who) == asked.end()) continue;
    if (const Node* lid = user->child("lid")) {
      learn_pair(who, lid->jid("val").value_or(Jid{}), group);
    }
    if (std::string name = verified_name_in(*user); !name.empty()) {
      group.inbox().put_contact({.jid = who, .verified_name = std::move(name)});
    }
  }
}

}  // namespace wasync
