#include "session/receive/missing_names.h"

#include <string>

#include "proto/verified_name.pb.h"
#include "unit/session/account.h"

namespace missing_names_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr UnixSeconds kNow{1'790'000'000};

struct Names : LinkedAccount {
  void add_thread(const std::string& chat, const std::string& name = "") {
    db.prepare(
          "INSERT INTO threads (jid, name, group_subject, last_message_at) VALUES (?, ?, ?, ?)")
        .bind(chat, name, chat.ends_with("@g.us") ? name : "", ++threads)
        .run();
  }
  Nameless find(UnixSeconds now = kNow) { return find_nameless(db, now); }
  void note(const std::vector<Jid>& who, UnixSeconds now = kNow) {
    Transaction transaction(db, "test");
    note_asked_about(db, who, now);
    transaction.commit();
  }
  std::string name_of(const std::string& chat) {
    auto query = db.prepare("SELECT name FROM threads WHERE jid = ?");
    query.bind(chat);
    return query.step() ? query.text(0) : "(no such thread)";
  }
  int threads = 0;
};

const std::string kNamelessGroup = "120363000000000007@g.us";
const std::string kShop = "40700000777@s.whatsapp.net";

Node answer_with(Node child) {
  return Node("iq", {{"type", "result"}}, std::vector<Node>{std::move(child)});
}

Node user_called(const std::string& who, const std::string& verified_name) {
  pb::VerifiedNameCertificate::Details details;
  details.set_verified_name(verified_name);
  pb::VerifiedNameCertificate certificate;
  certificate.set_details(details.SerializeAsString());
  Node name("verified_name", {}, to_bytes(certificate.SerializeAsString()));
  return Node("user", {{"jid", jid(who)}},
              std::vector<Node>{Node("business", {}, std::vector<Node>{std::move(name)})});
}

Node usync_answer(std::vector<Node> users) {
  return answer_with(Node("usync", {}, std::vector<Node>{Node("list", {}, std::move(users))}));
}

}  // namespace

TEST_CASE("only what is missing is asked for, and not again for a week") {
  Names account;
  account.add_thread(kNamelessGroup);
  account.add_thread("120363000000000008@g.us", "Family");
  account.add_thread(kShop);
  account.add_thread("40700000778@s.whatsapp.net", "Ana");
  account.add_thread("555@newsletter");
  Nameless nameless = account.find();
  CHECK(nameless.groups == std::vector<Jid>{jid(kNamelessGroup)});
  CHECK(nameless.people == std::vector<Jid>{jid(kShop)});
  account.note({jid(kNamelessGroup), jid(kShop)});
  nameless = account.find({kNow.value + 6 * 86'400});
  CHECK(nameless.groups.empty());
  CHECK(nameless.people.empty());
  CHECK(account.find({kNow.value + 8 * 86'400}).groups.size() == 1);
  CHECK(account.find({kNow.value - 86'400}).groups.size() == 1);  // the clock was ahead then
}

TEST_CASE("a phone full of nameless chats is asked about by and by") {
  Names account;
  for (int i = 0; i < 100; ++i) {
    account.add_thread("1203630000000001" + std::to_string(10 + i) + "@g.us");
    account.add_thread("4070000" + std::to_string(1'000 + i) + "@s.whatsapp.net");
  }
  const Nameless first = account.find();
  CHECK(first.groups.size() == 10);
  CHECK(first.people.size() == 20);
  account.note(first.groups);
  account.note(first.people);
  const Nameless second = account.find();
  CHECK(second.groups.size() == 10);
  CHECK(second.groups != first.groups);
}

TEST_CASE("what is asked, in WhatsApp's words") {
  const Node group = group_question(jid(kNamelessGroup));
  CHECK(group.text("xmlns") == "w:g2");
  CHECK(group.jid("to") == jid(kNamelessGroup));
  CHECK(group.child("query")->text("request") == "interactive");
  const Node people = people_question({jid(kShop), jid("111@lid")}, "7");
  CHECK(people.text("xmlns") == "usync");
  const Node* usync = people.child("usync");
  REQUIRE(usync != nullptr);
  CHECK(usync->text("sid") == "7");
  CHECK(usync->child("query")->child("business")->child("verified_name") != nullptr);
  CHECK(usync->child("list")->children_named("user").size() == 2);
}

TEST_CASE("a group's answer names it and its members' other addresses") {
  Names account;
  account.add_thread(kNamelessGroup);
  StanzaGroup group(account.store, account.device);
  const Node member("participant",
                    {{"jid", jid("111@lid")}, {"phone_number", jid("40700000111@s.whatsapp.net")}});
  take_group_answer(jid(kNamelessGroup),
                    answer_with(Node("group", {{"id", "120363000000000007"}, {"subject", "Choir"}},
                                     std::vector<Node>{member})),
                    group);
  group.commit();
  CHECK(account.name_of(kNamelessGroup) == "Choir");
  CHECK(account.number("SELECT count(*) FROM lid_mappings WHERE lid = '111@lid'") == 1);
}

TEST_CASE("an answer about people counts for those who were asked about") {
  Names account;
  account.add_thread(kShop);
  account.add_thread(std::string(kAna));
  StanzaGroup group(account.store, account.device);
  take_people_answer(
      {jid(kShop)},
      usync_answer({user_called(kShop, "The Shop"), user_called(std::string(kAna), "Not asked"),
                    Node("user"), Node("user", {{"jid", jid(kShop)}})}),
      group);
  take_people_answer({jid(kShop)}, answer_with(Node("nonsense")), group);
  group.commit();
  CHECK(account.name_of(kShop) == "The Shop");
  CHECK(account.name_of(std::string(kAna)).empty());
}

}  // namespace missing_names_test
