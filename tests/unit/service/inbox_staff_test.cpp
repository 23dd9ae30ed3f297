#include "service/inbox_staff.h"

#include "base/error.h"
#include "unit/firestore/small_firestore.h"
#include "unit/wire/loopback.h"

namespace inbox_staff_test {

using namespace wasync;
using namespace wasync::test;
using wasync::testing::Loop;
using Json = nlohmann::json;

namespace {

const AccountId kDesk = account_id_for("+40711111111");
const AccountId kBoss = account_id_for("+40737123397");

Json text(const std::string& value) {
  return {{"stringValue", value}};
}

// What Firestore has by path, in the form of its API.
struct Inbox {
  SmallFirestore server;
  std::map<std::string, Json> documents{{"staffProfiles/ana", Json::object()}};
  bool forbidden = false;
  Loop loop;
  std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
  InboxStaff staff;

  Inbox()
      : staff(loop.io.get_executor(),
              {.target = server.target(), .credentials = server.credentials()},
              [this] { return now; }) {
    server.instead = [this](const std::string&, const Json& body) {
      if (forbidden) return synthetic::kept("{}", "403 Forbidden");
      Json out = Json::array();
      for (const std::string name : body["documents"]) {
        const auto found = documents.find(name.substr(name.find("/documents/") + 11));
        if (found == documents.end())
          out.push_back({{"missing", name}});
        else
          out.push_back({{"found", {{"name", name}, {"fields", found->second}}}});
      }
      return synthetic::kept(out.dump());
    };
  }
  void admin_only(Json values) {
    documents["config/whatsapp_inbox"] = {
        {"adminOnlyAccountIds", {{"arrayValue", {{"values", std::move(values)}}}}}};
  }
  StaffRule rule(const std::string& uid = "ana") { return loop.run(staff.rule_for(uid)); }
  ApiRights rights(const std::string& uid = "ana") {
    return rights_of({.subject = uid},
                     {{.by = ApiAllowed::By::kStaff}, {.who = "uid2", .grant = {}}}, rule(uid));
  }
  bool reads(const AccountId& account) { return rights().allow(ApiRole::kRead, account); }
  std::string complaint() {
    try {
      rule();
      return "";
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kConfig);
      return error.what();
    }
  }
};

}  // namespace

TEST_CASE("who has a staff document reads all accounts; others none") {
  Inbox inbox;
  CHECK(inbox.reads(kDesk));
  CHECK_FALSE(inbox.rights().allow(ApiRole::kManage, kDesk));
  CHECK_FALSE(inbox.rights("bob").any());
}

TEST_CASE("the admin's phone is not for staff, whatever the form of its id") {
  const std::string hash = phone_hash_of(kBoss);
  for (const std::string& id : {kBoss.str(), "account_dev_" + hash, std::string("a6c9ff8d:45"),
                                std::string("40737123397")}) {
    CAPTURE(id);
    Inbox inbox;
    inbox.admin_only(Json::array({text(id)}));
    inbox.documents["accounts/" + id] = {{"phone", text("+40 737 123 397")}};
    CHECK_FALSE(inbox.reads(kBoss));
    CHECK(inbox.reads(kDesk));
  }
}

TEST_CASE("where nobody can say which accounts are not for staff, there is no staff") {
  Inbox orphan;
  orphan.admin_only(Json::array({text("a6c9ff8d:45")}));
  CHECK(orphan.complaint().find("a6c9ff8d:45") != std::string::npos);
  Inbox nameless;
  nameless.admin_only(Json::array({text("a6c9ff8d:45")}));
  nameless.documents["accounts/a6c9ff8d:45"] = {{"phone", text("soon")}};
  CHECK(nameless.complaint() != "");
  for (Json values : {Json::array({{{"integerValue", "1"}}}), Json::array({text("a/b/c")}),
                      Json(101, text(kBoss.str()))}) {
    Inbox wrong;
    wrong.admin_only(std::move(values));
    CHECK(wrong.complaint() != "");
  }
  Inbox no_list;
  no_list.documents["config/whatsapp_inbox"] = {{"adminOnlyAccountIds", text(kBoss.str())}};
  CHECK(no_list.complaint() != "");
}

TEST_CASE("a uid that would name another document is nobody's") {
  Inbox inbox;
  inbox.documents["staffProfiles/ana/shifts/1"] = Json::object();
  CHECK_FALSE(inbox.rule("ana/shifts/1").is_staff);
  CHECK_FALSE(inbox.rule("..").is_staff);
  CHECK(inbox.server.requests() == 0);
}

TEST_CASE("a user is remembered for a minute, and a failure for ten seconds") {
  Inbox inbox;
  CHECK(inbox.rule().is_staff);
  CHECK_FALSE(inbox.rule("bob").is_staff);
  inbox.documents.erase("staffProfiles/ana");
  inbox.documents["staffProfiles/bob"] = Json::object();
  CHECK(inbox.rule().is_staff);
  CHECK_FALSE(inbox.rule("bob").is_staff);
  CHECK(inbox.server.requests() == 2);
  inbox.now += std::chrono::seconds(61);
  CHECK_FALSE(inbox.rule().is_staff);
  CHECK(inbox.rule("bob").is_staff);

  inbox.forbidden = true;
  CHECK_THROWS_AS(inbox.rule("eve"), Error);
  const int asked = inbox.server.requests();
  inbox.forbidden = false;
  CHECK_THROWS_AS(inbox.rule("eve"), Error);
  CHECK(inbox.rule("bob").is_staff);
  CHECK(inbox.server.requests() == asked);
  inbox.now += std::chrono::seconds(11);
  CHECK_FALSE(inbox.rule("eve").is_staff);
}

TEST_CASE("after its end it answers nobody") {
  Inbox inbox;
  inbox.staff.stop();
  CHECK_THROWS_AS(inbox.rule(), Error);
}

}  // namespace inbox_staff_test
