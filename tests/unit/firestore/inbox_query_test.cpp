#include "firestore/inbox_query.h"

#include "small_firestore.h"

namespace inbox_query_test {

using namespace wasync;
using namespace wasync::firestore;
using namespace wasync::test;
using nlohmann::json;

namespace {

const AccountId kAccount = account_id_for(kPhone);
const std::string kRoot = "projects/p/databases/(default)/documents/";

json text(const char* value) {
  return {{"stringValue", value}};
}
json whole(const char* value) {
  return {{"integerValue", value}};
}
const json kYes = {{"booleanValue", true}};
const json kTime = {{"timestampValue", "2025-06-01T12:00:00Z"}};
constexpr std::int64_t kTimeS = 1'748'779'200;

struct Inbox {
  SmallFirestore server;
  HttpClient http;
  std::shared_ptr<Credentials> credentials = server.credentials();
  Client client{http, *credentials, server.target()};

  // A thread with a name and a time, but for what `fields` says (null: absent).
  void hold(const std::string& id, const json& fields = json::object()) {
    json all = {{"displayName", text("Ana")}, {"lastMessageAt", kTime}};
    for (const auto& [name, value] : fields.items()) {
      if (value.is_null())
        all.erase(name);
      else
        all[name] = value;
    }
    server.found.push_back({{"name", kRoot + "threads/" + id}, {"fields", all}});
  }
  std::vector<InboxThread> threads() { return inbox_threads(client, kAccount); }
  InboxThread only(const json& fields) {
    server.found = json::array();
    hold("t", fields);
    const auto all = threads();
    REQUIRE(all.size() == 1);
    return all.front();
  }
  std::optional<HiddenBecause> hidden(const json& fields) { return only(fields).hidden_because; }
};

}  // namespace

TEST_CASE("the app's own query is sent") {
  Inbox inbox;
  json query;
  inbox.server.instead = [&](const std::string&, const json& body) {
    query = body["structuredQuery"];
    return std::string();
  };
  CHECK(inbox.threads().empty());
  CHECK(query["from"] == json::array({{{"collectionId", "threads"}}}));
  CHECK(query["where"]["fieldFilter"]["field"]["fieldPath"] == "accountId");
  CHECK(query["where"]["fieldFilter"]["value"] == text(kAccount.str().c_str()));
  CHECK(query["orderBy"] ==
        json::array({{{"field", {{"fieldPath", "lastMessageAt"}}}, {"direction", "DESCENDING"}}}));
  CHECK(query["limit"] == 1000);
  CHECK_FALSE(query.contains("select"));
}

TEST_CASE("in the app's order: by milliseconds, else by the timestamp") {
  Inbox inbox;
  inbox.hold("middle");
  inbox.hold("oldest", {{"lastMessageAtMs", whole("1000")}});
  inbox.hold("newest", {{"lastMessageAtMs", whole("1900000000999")}});
  inbox.hold("middle, too");
  const auto threads = inbox.threads();
  REQUIRE(threads.size() == 4);
  CHECK(threads[0].facts.thread_id == "newest");
  CHECK(threads[0].sort_time == UnixSeconds{1'900'000'000});
  CHECK(threads[1].facts.thread_id == "middle");
  CHECK(threads[1].sort_time == UnixSeconds{kTimeS});
  CHECK(threads[2].facts.thread_id == "middle, too");
  CHECK(threads[3].sort_time == UnixSeconds{1});
}

TEST_CASE("why the app hides a thread") {
  Inbox inbox;
  CHECK_FALSE(inbox.hidden({}));
  CHECK(inbox.hidden({{"hidden", kYes}}) == HiddenBecause::kHidden);
  CHECK(inbox.hidden({{"archived", kYes}}) == HiddenBecause::kArchived);
  CHECK(inbox.hidden({{"redirectTo", text("other")}}) == HiddenBecause::kRedirected);
  CHECK_FALSE(inbox.hidden({{"redirectTo", text("")}}));
  CHECK(inbox.hidden({{"clientJid", text("5@lid")}, {"canonicalThreadId", text("other")}}) ==
        HiddenBecause::kMergedLid);
  CHECK_FALSE(inbox.hidden({{"clientJid", text("5@lid")}}));
  CHECK(inbox.hidden({{"clientJid", text("status@broadcast")}}) == HiddenBecause::kBroadcast);
  CHECK(inbox.hidden({{"displayName", nullptr}}) == HiddenBecause::kPlaceholder);
  CHECK_FALSE(inbox.hidden({{"displayName", nullptr}, {"phone", text("+40711111111")}}));
  CHECK_FALSE(inbox.hidden({{"displayName", nullptr}, {"groupSubject", text("Party")}}));
  inbox.server.found = json::array();
  inbox.hold("acc__[object Object]");
  CHECK(inbox.threads().front().hidden_because == HiddenBecause::kMangledId);
}

TEST_CASE("what a line shows") {
  Inbox inbox;
  const InboxThread thread = inbox.only({{"clientJid", text("40711111111@s.whatsapp.net")},
                                         {"phoneE164", text("+40711111111")},
                                         {"lastMessageText", text("Salut")},
                                         {"lastMessageDirection", text("inbound")},
                                         {"unreadCount", whole("3")}});
  CHECK(thread.name == "Ana");
  CHECK(thread.facts.phone == "+40711111111");
  CHECK(thread.facts.last_message_text == "Salut");
  CHECK(thread.direction == Direction::kInbound);
  CHECK(thread.unread == 3);
  CHECK_FALSE(thread.placeholder);
  CHECK(inbox.only({}).placeholder);
  // A name that is but the last message is none.
  CHECK(inbox
            .only({{"displayName", text("Salut")},
                   {"lastMessageText", text("Salut")},
                   {"phone", text("+4071")}})
            .name == "+4071");
}

TEST_CASE("fields of odd types count as absent") {
  Inbox inbox;
  const json list = {{"arrayValue", json::object()}};
  const InboxThread thread = inbox.only({{"displayName", whole("5")},
                                         {"groupSubject", list},
                                         {"phone", {{"nullValue", nullptr}}},
                                         {"clientJid", kYes},
                                         {"hidden", text("true")},
                                         {"archived", whole("1")},
                                         {"redirectTo", kYes},
                                         {"unreadCount", text("3")},
                                         {"lastMessageDirection", text("sideways")},
                                         {"lastMessageText", kTime}});
  CHECK(thread.name.empty());
  CHECK(thread.facts.client_jid.empty());
  CHECK(thread.unread == 0);
  CHECK_FALSE(thread.direction);
  CHECK(thread.placeholder);
  CHECK(thread.hidden_because == HiddenBecause::kPlaceholder);
  CHECK(inbox.only({{"unreadCount", whole("-4")}}).unread == 0);
  CHECK(inbox.only({{"unreadCount", whole("9000000000")}}).unread == 1'000'000);
  // Documents that other writers made have times as numbers, or none.
  CHECK(inbox.only({{"lastMessageAtMs", {{"doubleValue", 5000.0}}}}).sort_time == UnixSeconds{5});
  CHECK(inbox.hidden({{"lastMessageAt", list}}) == HiddenBecause::kNoSortKey);
}

TEST_CASE("an account's status, if there is one") {
  Inbox inbox;
  CHECK_FALSE(account_status(inbox.client, kAccount));
  inbox.server.account_exists = true;
  CHECK(account_status(inbox.client, kAccount) == "");
  inbox.server.instead = [](const std::string&, const json& body) {
    const json account = {{"name", body["documents"][0]},
                          {"fields", {{"status", text("needs_qr")}}}};
    return synthetic::kept(json::array({{{"found", account}}}).dump());
  };
  CHECK(account_status(inbox.client, kAccount) == "needs_qr");
}

}  // namespace inbox_query_test
