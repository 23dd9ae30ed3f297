#include "cli/repair_view.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/term/width.h"
#include "inbox/ids.h"

namespace repair_view_test {

using namespace wasync;
using namespace wasync::diagnosis;

namespace {

const AccountId kAccount = account_id_for("+40737123397");
const std::string kChat = "threads/" + kAccount.str() + "__40799999999@s.whatsapp.net";

RepairPlan plan() {
  return {.repairs = {{.account = kAccount,
                       .document = kChat + "/messages/3EB0123456789",
                       .work = RetryDocument{.error = "invalid: the document 40737123397",
                                             .refusals = 2}},
                      {.account = kAccount,
                       .document = "threads/" + kAccount.str() + "__98765432109876@lid",
                       .work = Redirect{.in_firestore = true, .into = kChat, .messages = 1}}},
          .left = {{.account = kAccount, .document = kChat, .why = LeftBecause::kNoMessage}},
          .firestore_reads = 1234};
}

}  // namespace

TEST_CASE("what is to be done, and what is left alone, in English") {
  CHECK(repair_plan_text({}, plan()) ==
        R"(wa-sync can repair:
  threads/…__407•••999@s.whatsapp.net/messages/3EB0123456789
      refusals: 2, the last one: invalid: the document +40 737 ••• 397; offer it to Firestore again
  threads/…__987•••876@lid
      the same person as threads/…__407•••999@s.whatsapp.net; let it point there, with 1 message

wa-sync leaves alone:
  threads/…__407•••999@s.whatsapp.net
      has neither lastMessageAt nor a message: the next message sets it
The search cost 1,234 Firestore reads.

)");
}

TEST_CASE("in Romanian") {
  const std::string text = repair_plan_text({.language = Language::kRomanian}, plan());
  CHECK(text.find("wa-sync poate repara:") == 0);
  CHECK(text.find("va trimite acolo, cu 1 mesaj") != std::string::npos);
  CHECK(text.find("wa-sync lasă cum sunt:") != std::string::npos);
}

TEST_CASE("on a terminal no line is too long for it") {
  for (const Language language : {Language::kEnglish, Language::kRomanian}) {
    std::istringstream lines(repair_plan_text({.language = language, .columns = 80}, plan()));
    for (std::string line; std::getline(lines, line);) CHECK(term::display_width(line) <= 80);
  }
}

TEST_CASE("whole numbers are shown when all is asked for") {
  const std::string text = repair_plan_text({.verbose = true}, plan());
  CHECK(text.find(kChat) != std::string::npos);
  CHECK(text.find("document 40737123397") != std::string::npos);
}

TEST_CASE("of many, the first of each kind") {
  RepairPlan many;
  for (int i = 0; i < 25; ++i) {
    many.repairs.push_back({.account = kAccount, .document = kChat, .work = SetTime{}});
    many.repairs.push_back({.account = kAccount, .document = kChat, .work = RetryDocument{}});
  }
  const std::string text = repair_plan_text({}, many);
  const auto first = text.find("and 5 more");
  REQUIRE(first != std::string::npos);
  CHECK(text.find("and 5 more", first + 1) != std::string::npos);
  // A failure is told all the same.
  const RepairOutcome good{.end = RepairEnd::kDone};
  CHECK_FALSE(repair_outcome_text({}, many, 38, good).empty());
  CHECK(repair_outcome_text({}, many, 40, good).empty());
  CHECK_FALSE(repair_outcome_text({}, many, 40, {.error = "no"}).empty());
}

TEST_CASE("for scripts: all of them, with what became of each") {
  const auto json = repairs_json(
      {.language = Language::kRomanian}, plan(),
      {RepairOutcome{.end = RepairEnd::kFailed, .error = "of 40737123397"}, std::nullopt});
  const auto& first = json["repairs"][0];
  CHECK(first["kind"] == "retry_document");
  CHECK(first["account"] == kAccount.str());
  CHECK(first["done"] == false);
  CHECK(first["error"] == "of +40 737 ••• 397");
  CHECK(first["document"] ==
        "threads/" + kAccount.str() + "__407•••999@s.whatsapp.net/messages/3EB0123456789");
  const auto& second = json["repairs"][1];
  CHECK(second["kind"] == "redirect_duplicate");
  CHECK(second["thread"] == kAccount.str() + "__987•••876@lid");
  CHECK(second["done"] == false);
  CHECK(second["error"].is_null());
  CHECK(second["outcome"].is_null());
  CHECK(json["left_alone"][0]["reason"] == "no_message");
  CHECK(json["repair_reads"] == 1234);
}

}  // namespace repair_view_test
