#include "service/api_rights.h"

#include <fstream>

#include "base/error.h"
#include "unit/inbox/fixture.h"

namespace api_rights_test {

using namespace wasync;
using namespace wasync::test;

namespace {

const std::string kFirst = account_id_for("+40737123397").str();
const AccountId kFirstId = *AccountId::parse(kFirst);
const AccountId kSecondId = account_id_for("+40711111111");

struct List {
  ScratchDir scratch;
  std::filesystem::path file = scratch.path() / "allow";

  void write(const std::string& lines, unsigned permissions = 0644) const {
    std::ofstream(file) << lines;
    std::filesystem::permissions(file, std::filesystem::perms(permissions));
  }
  std::vector<ApiAllowed> read(const std::string& lines) const {
    write(lines);
    return read_allow_file(file);
  }
  std::string complaint(const std::string& lines, unsigned permissions = 0644) const {
    write(lines, permissions);
    try {
      read_allow_file(file);
      return "";
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kConfig);
      CHECK_FALSE(error.hint().empty());
      CHECK(std::string(error.what()).find(file.string()) != std::string::npos);
      return error.what();
    }
  }
};

bool may_read(const FirebaseToken& user, const std::vector<ApiAllowed>& list) {
  return rights_of(user, list).allow(ApiRole::kRead, kFirstId);
}

}  // namespace

TEST_CASE("a user is named by uid, by verified e-mail address, or by a claim") {
  List list;
  const auto lines = list.read("u1\n  Ana@Example.com\r\nrole=staff\nadmin=true\n");
  REQUIRE(lines.size() == 4);
  CHECK(may_read({.subject = "u1"}, lines));
  CHECK_FALSE(may_read({.subject = "U1"}, lines));
  CHECK(may_read({.subject = "u2", .verified_email = "ana@example.COM"}, lines));
  CHECK_FALSE(may_read({.subject = "ana@example.com"}, lines));
  CHECK(may_read({.subject = "u2", .claims = {{"role", "staff"}}}, lines));
  CHECK(may_read({.subject = "u2", .claims = {{"role", "guest"}, {"role", "staff"}}}, lines));
  CHECK(may_read({.subject = "u2", .claims = {{"admin", "true"}}}, lines));
  CHECK_FALSE(may_read({.subject = "u2", .claims = {{"role", "staf"}, {"role2", "staff"}}}, lines));
  CHECK_FALSE(may_read({.subject = "u2", .verified_email = ""}, lines));
}

TEST_CASE("read is all that a line gives, unless it says more; accounts are all, unless it says") {
  List list;
  const auto lines = list.read("# who may\n\nu1 # Ana\nu2 manage\nu3 manage " + kFirst +
                               "\nu3 read\nu4 " + kFirst + "\n");
  const auto rights = [&](const char* uid) { return rights_of({.subject = uid}, lines); };
  CHECK(rights("u1").allow(ApiRole::kRead, kSecondId));
  CHECK_FALSE(rights("u1").allow(ApiRole::kManage, kSecondId));
  CHECK(rights("u2").allow(ApiRole::kManage, kSecondId));
  CHECK(rights("u2").allow(ApiRole::kRead, kSecondId));
  CHECK(rights("u3").allow(ApiRole::kManage, kFirstId));
  CHECK_FALSE(rights("u3").allow(ApiRole::kManage, kSecondId));
  CHECK(rights("u3").allow(ApiRole::kRead, kSecondId));
  CHECK_FALSE(rights("u4").allow(ApiRole::kManage, kFirstId));
  CHECK_FALSE(rights("u4").allow(ApiRole::kRead, kSecondId));
  CHECK_FALSE(rights("u5").any());
  CHECK(list.read("").empty());
}

TEST_CASE("a line that is wrong is named") {
  List list;
  for (const char* line :
       {"u2 write", "u2 read manage", "u2 read account_prod_12", "u2 READ", "u2 account", "=x",
        "role=", "@example.com", "ana@", "email=ana@example.com", "name=Ana", "email_verified=true",
        "aud=superparty", "sub=u1", "firebase=x", "phone_number=+40737123397"})
    CHECK(list.complaint("u1\n\n" + std::string(line) + "\nu3\n").find("line 3") !=
          std::string::npos);
}

TEST_CASE("who can change the list decides who may: it belongs to us or to root alone") {
  List list;
  CHECK(list.complaint("u1\n", 0644).empty());
  CHECK(list.complaint("u1\n", 0600).empty());
  CHECK_FALSE(list.complaint("u1\n", 0664).empty());
  CHECK_FALSE(list.complaint("u1\n", 0646).empty());
  CHECK_THROWS_AS(read_allow_file(list.scratch.path()), Error);
  CHECK_THROWS_AS(read_allow_file(list.scratch.path() / "none"), Error);
  CHECK_FALSE(list.complaint(std::string((1 << 20) + 1, 'u')).empty());
}

TEST_CASE("the Inbox's staff have a line of their own, with a role and accounts like the others") {
  const List list;
  CHECK_FALSE(names_staff(list.read("ana@example.com manage")));
  const auto lines = list.read("@staff manage " + kFirst + " " + kSecondId.str());
  CHECK(names_staff(lines));
  const StaffRule rule{.is_staff = true, .admin_only = {phone_hash_of(kSecondId)}};
  const ApiRights rights = rights_of({.subject = "ana"}, lines, rule);
  CHECK(rights.allow(ApiRole::kManage, kFirstId));
  CHECK_FALSE(rights.allow(ApiRole::kRead, kSecondId));
  CHECK_FALSE(rights_of({.subject = "ana"}, lines).any());
  CHECK_FALSE(rights_of({.subject = "@staff"}, lines).any());
  CHECK(list.complaint("@stuff") != "");
}

}  // namespace api_rights_test
