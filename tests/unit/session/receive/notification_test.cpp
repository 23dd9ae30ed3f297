#include "session/receive/notification.h"

#include "inbox/queries.h"
#include "unit/session/account.h"

namespace notification_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr std::string_view kGroup = "120363000000000001@g.us";

struct Notified : LinkedAccount {
  StanzaOutcome take(const Node& stanza) {
    StanzaGroup group(store, device);
    take_notification(stanza, group);
    group.commit();
    return std::move(group.outcome);
  }
  StanzaOutcome take(std::string type, const Jid& from, std::vector<Node> content = {}) {
    return take(Node("notification", {{"id", "N1"}, {"type", std::move(type)}, {"from", from}},
                     std::move(content)));
  }
  // A peer whose session and identity we hold.
  void know(std::string_view address) {
    Transaction transaction(db, "test");
    const SignalAddress peer = SignalAddress::from(jid(address));
    store.put_identity(peer, KeyPair::generate().public_key);
    store.put_session(peer, Bytes{1, 2, 3});
    transaction.commit();
  }
  bool knows(std::string_view address) {
    const SignalAddress peer = SignalAddress::from(jid(address));
    return store.has_session(peer) || store.identity(peer);
  }
};

}  // namespace

TEST_CASE("a group's new subject names its thread, and makes none") {
  Notified account;
  const auto rename = [&](std::string_view chat, std::string subject) {
    account.take("w:gp2", jid(chat), {Node("subject", {{"subject", std::move(subject)}})});
  };
  rename(kGroup, "Nobody wrote there yet");
  CHECK(account.number("SELECT count(*) FROM threads") == 0);
  {
    StanzaGroup group(account.store, account.device);
    group.inbox().put_conversation({.chat = jid(kGroup), .name = "Old"});
    group.commit();
  }
  rename(kGroup, "New");
  CHECK(list_threads(account.db, {.include_hidden = true}).at(0).name == "New");
  rename(kGroup, "");
  rename(kAna, "not a group");
  CHECK(list_threads(account.db, {.include_hidden = true}).at(0).name == "New");
  account.take("w:gp2", jid(kGroup),
               {Node("create", {}, std::vector<Node>{Node("group", {{"subject", "Made anew"}})})});
  CHECK(list_threads(account.db, {.include_hidden = true}).at(0).name == "Made anew");
}

TEST_CASE("a new identity makes us forget the sessions with the old one") {
  Notified account;
  const std::vector<Node> identity{Node("identity")};
  SUBCASE("of a person, all devices") {
    account.know(kAna);
    account.know("40722000000:2@s.whatsapp.net");
    account.know("40733000000@s.whatsapp.net");
    account.take("encrypt", jid(kAna), identity);
    CHECK_FALSE(account.knows(kAna));
    CHECK_FALSE(account.knows("40722000000:2@s.whatsapp.net"));
    CHECK(account.knows("40733000000@s.whatsapp.net"));
  }
  SUBCASE("known by the LID") {
    {
      StanzaGroup group(account.store, account.device);
      group.inbox().put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)});
      group.commit();
    }
    account.know(kAnaLid);
    account.take("encrypt", jid(kAna), identity);
    CHECK_FALSE(account.knows(kAnaLid));
  }
  SUBCASE("never of our own phone") {
    for (const std::string_view own : {kOwnPhone, kOwnLid}) {
      account.know(own);
      account.take("encrypt", jid(own), identity);
      CHECK(account.knows(own));
    }
  }
}

TEST_CASE("a contact's new identity is told with its time, and counted once") {
  Notified account;
  const auto changed = [&](std::string_view who, std::string at) {
    return account
        .take(Node("notification",
                   {{"id", "N"}, {"type", "encrypt"}, {"from", jid(who)}, {"t", std::move(at)}},
                   std::vector<Node>{Node("identity")}))
        .identities_changed;
  };
  const auto told = [&] {
    return list_threads(account.db, {.include_hidden = true}).at(0).identity_changed_at;
  };
  CHECK(changed(kAna, "1700000000") == 0);
  CHECK(account.number("SELECT count(*) FROM threads") == 0);  // a stranger's makes no row
  {
    StanzaGroup group(account.store, account.device);
    group.inbox().put_conversation({.chat = jid(kAna), .lid_alias = jid(kAnaLid), .name = "Ana"});
    group.commit();
  }
  CHECK_FALSE(told().known());
  CHECK(changed("40722000000:2@s.whatsapp.net", "1700000000") == 0);  // a linked device's
  CHECK(changed(kAna, "1700000100") == 1);
  CHECK(told() == UnixSeconds{1'700'000'100});
  CHECK(changed(kAna, "1700000100") == 0);     // delivered again
  CHECK(changed(kAnaLid, "1700003699") == 0);  // within the hour
  CHECK(told() == UnixSeconds{1'700'000'100});
  CHECK(changed(kAnaLid, "1700003700") == 1);
  CHECK(told() == UnixSeconds{1'700'003'700});
  CHECK(changed(kAna, "1700000000") == 0);                                        // an older one
  CHECK(account.number("SELECT count(*) FROM threads WHERE revision > 1") == 0);  // not uploaded
  const auto now = UnixSeconds::now();
  CHECK(changed(kAna, std::to_string(now.value + 100'000)) == 1);
  CHECK(told() <= UnixSeconds::now());
}

TEST_CASE("the server's count of our pre-keys is news when it is low") {
  Notified account;
  const auto left = [&](std::string count) {
    return account.take("encrypt", server_jid(), {Node("count", {{"value", std::move(count)}})})
        .few_pre_keys;
  };
  CHECK(left("4"));
  CHECK_FALSE(left("5"));
  CHECK_FALSE(left("many"));
  CHECK_FALSE(account.take("encrypt", jid(kAna), {Node("count", {{"value", "1"}})}).few_pre_keys);
}

TEST_CASE("a notice about devices states both addresses of their owner") {
  Notified account;
  const auto notice = [&](std::string_view from, std::string_view lid) {
    account.take(Node("notification",
                      {{"id", "N"}, {"type", "devices"}, {"from", jid(from)}, {"lid", jid(lid)}}));
  };
  notice(kAna, kAnaLid);
  CHECK(lid_for_phone(account.db, jid(kAna)) == jid(kAnaLid));
  SUBCASE("ours cannot be claimed") {
    notice("40733000000@s.whatsapp.net", kOwnLid);
    CHECK_FALSE(lid_for_phone(account.db, jid("40733000000@s.whatsapp.net")));
  }
}

TEST_CASE("who changes the number keeps the name, and the old chat stays") {
  Notified account;
  constexpr std::string_view kNew = "40755000000@s.whatsapp.net";
  {
    StanzaGroup group(account.store, account.device);
    group.inbox().put_contact({.jid = jid(kAna), .saved_name = "Ana Pop"});
    group.inbox().put_message({.key = {.id = "A1", .remote_jid = std::string(kAna)},
                               .chat = jid(kAna),
                               .sent_at = {1'700'000'000},
                               .body = "old"});
    group.inbox().put_message({.key = {.id = "A2", .remote_jid = std::string(kNew)},
                               .chat = jid(kNew),
                               .sent_at = {1'700'000'100},
                               .body = "new"});
    group.commit();
  }
  const auto change = [&](Node::Attributes attributes) {
    account.take("contacts", jid(kAna), {Node("modify", std::move(attributes))});
  };
  SUBCASE("with new LID") {
    change({{"old", jid(kAna)},
            {"new", jid(kNew)},
            {"old_lid", jid(kAnaLid)},
            {"new_lid", jid("556@lid")}});
    CHECK(lid_for_phone(account.db, jid(kAna)) == jid(kAnaLid));
    CHECK(lid_for_phone(account.db, jid(kNew)) == jid("556@lid"));
  }
  SUBCASE("under the same LID") {
    change({{"old", jid(kAna)},
            {"new", jid(kNew)},
            {"old_lid", jid(kAnaLid)},
            {"new_lid", jid(kAnaLid)}});
    CHECK(lid_for_phone(account.db, jid(kNew)) == jid(kAnaLid));
    CHECK_FALSE(lid_for_phone(account.db, jid(kAna)));
  }
  SUBCASE("without LIDs") {
    change({{"old", jid(kAna)}, {"new", jid(kNew)}});
  }
  const auto threads = list_threads(account.db);
  REQUIRE(threads.size() == 2);
  for (const ThreadListing& thread : threads) CHECK(thread.name == "Ana Pop");
  CHECK(account.number("SELECT count(*) FROM messages") == 2);
  // Ours cannot be claimed.
  change({{"old", jid(kOwnPhone)}, {"new", jid("40766000000@s.whatsapp.net")}});
  change(
      {{"old", jid(kNew)}, {"new", jid("40766000000@s.whatsapp.net")}, {"new_lid", jid(kOwnLid)}});
  CHECK_FALSE(lid_for_phone(account.db, jid("40766000000@s.whatsapp.net")));
}

TEST_CASE("other notifications change nothing") {
  Notified account;
  account.db.execute("PRAGMA query_only = 1");
  for (const char* type : {"picture", "contacts", "business", "account_sync", "status", "mex",
                           "privacy_token", "newsletter", "some day's kind"}) {
    const StanzaOutcome news = account.take(type, jid(kAna), {Node("update"), Node("identity")});
    CHECK_FALSE(news.app_state_news);
    CHECK_FALSE(news.few_pre_keys);
  }
}

}  // namespace notification_test
