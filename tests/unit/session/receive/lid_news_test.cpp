#include "session/receive/lid_news.h"

#include <string>

#include "unit/session/account.h"

namespace lid_news_test {

using namespace wasync;
using namespace wasync::test;

namespace {

struct News : LinkedAccount {
  void take(const Node& notification) {
    StanzaGroup group(store, device);
    learn_linked_profiles(notification, group);
    group.commit();
  }
  void take_members(std::vector<Node> members) {
    StanzaGroup group(store, device);
    learn_participants(Node("add", {}, std::move(members)), group);
    group.commit();
  }
  std::string mappings() {
    std::string all;
    auto query = db.prepare("SELECT lid || '=' || phone FROM lid_mappings ORDER BY lid");
    while (query.step()) all += query.text(0) + ' ';
    return all;
  }
};

Node mex(const std::string& json, bool in_update = true) {
  Node content(in_update ? "update" : "mex", {}, to_bytes(json));
  if (in_update) content.set("op_name", std::string("NotificationLinkedProfilesUpdates"));
  return Node("notification", {{"type", "mex"}}, std::vector<Node>{std::move(content)});
}

}  // namespace

TEST_CASE("members of a group are told with both of their addresses") {
  News account;
  account.take_members({
      Node("participant",
           {{"jid", jid("111@lid")}, {"phone_number", jid("40700000111@s.whatsapp.net")}}),
      Node("participant", {{"jid", jid("40700000222@s.whatsapp.net")}, {"lid", jid("222@lid")}}),
      Node("participant", {{"jid", jid("333@lid")}}),
      Node("participant", {{"jid", jid("444@lid")}, {"phone_number", jid("555@lid")}}),
      // Somebody else's LID for our own number.
      Node("participant", {{"jid", account.device.jid.bare()}, {"lid", jid("666@lid")}}),
  });
  const std::string known = account.mappings();
  CHECK(known.find("111@lid=") != std::string::npos);
  CHECK(known.find("222@lid=") != std::string::npos);
  for (const char* lid : {"333@lid", "444@lid", "555@lid", "666@lid"}) {
    CHECK(known.find(lid) == std::string::npos);
  }
}

TEST_CASE("linked profiles tell the number behind a LID, in every form they come in") {
  News account;
  account.take(mex(R"({"data":{"xwa2_notify_linked_profiles":{"jid":"111@lid",
      "added_profiles":["40700000111@s.whatsapp.net"]}}})"));
  account.take(mex(R"({"data":{"xwa2_notify_linked_profiles":{"jid":"222@lid",
      "added_profiles":[{"pn":"40700000222@s.whatsapp.net"}]}}})"));
  account.take(mex(R"({"operation":"NotificationLinkedProfilesUpdates",
      "updates":[{"jid":"333@lid","added_profiles":[{"jid":"40700000333@s.whatsapp.net"}]}]})",
                   false));
  const std::string known = account.mappings();
  for (const char* lid : {"111@lid=", "222@lid=", "333@lid="}) {
    CHECK(known.find(lid) != std::string::npos);
  }
}

TEST_CASE("what is no such notice, or nonsense, tells nothing") {
  News account;
  const std::string before = account.mappings();
  for (const char* json :
       {"", "{", "[]", "1", "null", R"({"data":1,"updates":2})", R"({"updates":[1,null,{}]})",
        R"({"data":{"xwa2_notify_linked_profiles":{"jid":7,"added_profiles":[7,{},null,"x"]}}})",
        R"({"data":{"xwa2_notify_linked_profiles":{"jid":"1@lid","added_profiles":{}}}})"}) {
    account.take(mex(json));
  }
  account.take(Node("notification", {{"type", "mex"}}));
  account.take(mex(R"({"operation":"NotificationNewsletterUpdate",
      "updates":[{"jid":"333@lid","added_profiles":["40700000333@s.whatsapp.net"]}]})",
                   false));
  CHECK(account.mappings() == before);
}

}  // namespace lid_news_test
