#include "cli/inbox_choice.h"

#include "unit/google/google.h"

namespace inbox_choice_test {

using namespace wasync;
using namespace wasync::test;

namespace {

// Nobody answers there, and at once.
constexpr const char* kNoMetadata = "127.0.0.1:1";

struct Chooser : Surroundings {
  GlobalOptions global{};

  Chooser() { variables["GCE_METADATA_HOST"] = kNoMetadata; }
  void gcloud_login(const json& login) const {
    file(".config/gcloud/application_default_credentials.json", login.dump());
  }
  std::optional<FirestoreInbox> choice() const { return firestore_inbox(global, environment()); }
  std::string project() const {
    const auto chosen = choice();
    return chosen ? chosen->target.project : "(SQLite)";
  }
  ErrorCode refusal() const {
    return error_of([&] { choice(); }).code();
  }
};

json login_without_project() {
  json out = user_file();
  out.erase("quota_project_id");
  return out;
}

}  // namespace

TEST_CASE("with nothing configured conversations stay in SQLite") {
  Chooser here;
  CHECK_FALSE(here.choice());
  here.global.inbox = "firestore";
  const Error error = error_of([&] { here.choice(); });
  CHECK(error.code() == ErrorCode::kConfig);
  CHECK(says(error, "--project"));
}

TEST_CASE("--inbox sqlite wins over all that is configured, and looks at none of it") {
  Chooser here;
  here.variables["FIRESTORE_EMULATOR_HOST"] = "127.0.0.1:8080";
  here.variables["GOOGLE_CLOUD_PROJECT"] = "shop";
  here.variables["GOOGLE_APPLICATION_CREDENTIALS"] = "/nonexistent";
  here.variables["FIREBASE_SERVICE_ACCOUNT_JSON"] = "no json";
  here.gcloud_login(user_file());
  here.global.project = "NOT AN ID";
  here.global.inbox = "sqlite";
  CHECK_FALSE(here.choice());
}

TEST_CASE("an emulator is enough, and needs no project") {
  Chooser here;
  here.variables["FIRESTORE_EMULATOR_HOST"] = "127.0.0.1:8080";
  auto chosen = here.choice();
  REQUIRE(chosen);
  CHECK(chosen->target.project == kEmulatorProject);
  CHECK(chosen->target.emulator == "127.0.0.1:8080");
  CHECK(chosen->target.database == "(default)");
  here.variables["GOOGLE_CLOUD_PROJECT"] = "shop";
  here.global.database = "inbox";
  chosen = here.choice();
  CHECK(chosen->target.project == "shop");
  CHECK(chosen->target.database == "inbox");
}

TEST_CASE("the project is the first that is named") {
  Chooser here;
  here.variables["GOOGLE_APPLICATION_CREDENTIALS"] = here.file("key.json", key_file().dump());
  CHECK(here.project() == "superparty");  // of the key
  here.variables["GOOGLE_CLOUD_PROJECT"] = "third";
  CHECK(here.project() == "third");
  here.variables["WA_SYNC_FIRESTORE_PROJECT"] = "second";
  CHECK(here.project() == "second");
  here.global.project = "first";
  CHECK(here.project() == "first");
  CHECK(here.choice()->target.emulator.empty());
  CHECK(here.choice()->credentials->source().find("key.json") != std::string::npos);
}

TEST_CASE("a project alone means Firestore, with the credentials of the machine") {
  Chooser here;
  here.variables["GOOGLE_CLOUD_PROJECT"] = "shop";
  CHECK(here.project() == "shop");
  CHECK(here.choice()->credentials->source().find("metadata") != std::string::npos);
}

TEST_CASE("a gcloud login that names no project does not choose Firestore by itself") {
  Chooser here;
  here.gcloud_login(login_without_project());
  CHECK_FALSE(here.choice());
  here.global.inbox = "firestore";
  CHECK(here.refusal() == ErrorCode::kConfig);
  here.global.inbox.clear();
  here.variables["GOOGLE_CLOUD_PROJECT"] = "shop";
  CHECK(here.project() == "shop");
  here.variables.erase("GOOGLE_CLOUD_PROJECT");
  here.gcloud_login(user_file());
  CHECK(here.project() == "billed");
}

TEST_CASE("credentials that are meant and broken are not passed over") {
  Chooser here;
  here.variables["FIREBASE_SERVICE_ACCOUNT_JSON"] = "no json";
  CHECK(here.refusal() == ErrorCode::kConfig);
  here.variables.erase("FIREBASE_SERVICE_ACCOUNT_JSON");
  here.variables["GOOGLE_APPLICATION_CREDENTIALS"] = "/nonexistent";
  CHECK(here.refusal() == ErrorCode::kConfig);
}

TEST_CASE("what is no id never gets into an URL") {
  Chooser here;
  here.variables["FIRESTORE_EMULATOR_HOST"] = "127.0.0.1:8080";
  for (const std::string& wrong :
       {std::string("Shop"), std::string("a/b"), std::string(".."), std::string("."),
        std::string("a b"), std::string("a?b"), std::string("a#"), std::string("a%2fb"),
        std::string("a\nb"), std::string("-a"), std::string("ă"), std::string(101, 'a')}) {
    CAPTURE(wrong);
    here.global.project = wrong;
    CHECK(here.refusal() == ErrorCode::kConfig);
    here.global.project = "shop";
    here.global.database = wrong;
    CHECK(here.refusal() == ErrorCode::kConfig);
    here.global.database = "(default)";
  }
  for (const char* right : {"shop-123", "example.com:shop", "a"}) {
    here.global.project = right;
    CHECK(here.project() == right);
  }
  // A database has no default by another name.
  here.global.database = "";
  CHECK(here.refusal() == ErrorCode::kConfig);
}

}  // namespace inbox_choice_test
