#include "cli/diagnose_view.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "cli/diagnose_words.h"
#include "cli/term/width.h"
#include "unit/diagnose/broken_inboxes.h"

using namespace wasync;
using namespace wasync::test;

namespace {

DiagnoseView view(Language language = Language::kEnglish) {
  return {.language = language, .now = kLookedAt};
}

std::string text(const Observations& seen, const DiagnoseView& how) {
  return diagnosis_text(how, diagnosis::diagnose(seen));
}

std::set<std::string> placeholders(std::string_view words) {
  std::set<std::string> out;
  for (std::size_t at = words.find('{'); at != std::string_view::npos; at = words.find('{', at + 1))
    out.insert(std::string(words.substr(at, words.find('}', at) - at)));
  return out;
}

Observations without_history() {
  Observations seen = healthy_in_firestore();
  no_history(stored_in(seen));
  nothing_here(stored_in(seen));
  seen.accounts.front().firestore.query = std::variant<InboxSight, Refusal>(InboxSight{});
  return seen;
}

std::vector<Observations> all_broken() {
  std::vector<Observations> out;
  const auto add = [&out](const std::vector<Row>& rows, const Observations& from) {
    for (const Row& row : rows) {
      out.push_back(from);
      row.breaking(out.back());
    }
  };
  add(rows_anywhere(), healthy());
  add(rows_anywhere(), healthy_in_firestore());
  add(rows_of_sqlite(), healthy());
  add(rows_of_firestore(), healthy_in_firestore());
  return out;
}

}  // namespace

TEST_CASE("no history: evidence, cause and action, in English") {
  CHECK(text(without_history(), view()) ==
        R"(Inbox: EMPTY (0 conversations would be shown)

  ✓ inbox           Firestore, project superparty
  ✓ state           /var/lib/wa-sync, 20 GiB free
  ✓ account         +40 737 ••• 397 paired 2 days ago
  ✓ listener        wa-sync listen runs, as host-4711
  ✓ connection      connected 24 hours ago, last message 5 minutes ago
  ✗ history         no history sync ever arrived for this account
  – threads         none here
  – upload          all of it is in Firestore
  ✓ firestore       project superparty, reachable in 84 ms
  – app's account   its status is "connected"
  – inbox query     works (index present): 0 conversations found, 0 conversations to show

Why: the account is connected, but WhatsApp sent no history when it was paired
and no message has come since. Backfill cannot help: it only fills threads that
already exist.

Do:  wa-sync pair --again    (re-pair: scan the QR again)
     or send or receive one message, then: wa-sync backfill
)");
}

TEST_CASE("no history, in Romanian") {
  CHECK(text(without_history(), view(Language::kRomanian)) ==
        R"(Inbox: GOL (s-ar arăta 0 conversații)

  ✓ inbox           Firestore, proiectul superparty
  ✓ stare           /var/lib/wa-sync, liber 20 GiB
  ✓ cont            +40 737 ••• 397 conectat acum 2 zile
  ✓ listener        rulează wa-sync listen, ca host-4711
  ✓ conexiune       conectat acum 24 de ore, ultimul mesaj acum 5 minute
  ✗ istoric         pentru acest cont nu a sosit niciodată istoric
  – conversații     niciuna aici
  – trimitere       totul este în Firestore
  ✓ firestore       proiectul superparty, răspunde în 84 ms
  – cont în app     starea lui este „connected”
  – interogare      merge (indexul există): 0 conversații găsite, de arătat 0 conversații

De ce: contul este conectat, dar WhatsApp nu a trimis istoric la conectare și de
atunci nu a venit niciun mesaj. Backfill nu ajută: completează doar conversații
deja existente.

Fă:  wa-sync pair --again    (re-pair: scanează din nou QR)
     sau trimite/primește un mesaj, apoi: wa-sync backfill
)");
}

TEST_CASE("each broken Inbox has its words in both languages, and nothing is left out") {
  for (const Observations& seen : all_broken())
    for (const Language language : {Language::kEnglish, Language::kRomanian}) {
      const std::string told = text(seen, view(language));
      CAPTURE(told);
      CHECK(told.find_first_of("{}") == std::string::npos);
      CHECK(told.find("40737123397") == std::string::npos);
      CHECK(told.find(language == Language::kEnglish ? "\nWhy: " : "\nDe ce: ") !=
            std::string::npos);
      CHECK(told.find(language == Language::kEnglish ? "\nDo:  " : "\nFă:  ") != std::string::npos);
    }
}

TEST_CASE("what scripts read: stable names, whatever the language") {
  for (const Observations& seen : all_broken()) {
    const auto found = diagnosis::diagnose(seen);
    const auto english = diagnosis_json(view(), found);
    CHECK(english == diagnosis_json(view(Language::kRomanian), found));
    CHECK(english["exit_code"] == static_cast<int>(found.judgement.cause));
    CHECK(english["verdict"].is_string());
    CHECK(english["action"].is_string());
    for (const char* field : {"cause", "accounts", "checks", "why", "shown", "firestore_reads"})
      CHECK(english.contains(field));
    for (const auto& check : english["checks"]) {
      CHECK(check["id"].is_string());
      CHECK((check["ok"].is_boolean() || check["ok"].is_null()));
      CHECK(check["detail"].is_string());
    }
    CHECK(english.dump().find("40737123397") == std::string::npos);
  }
  const auto healthy_json = diagnosis_json(view(), diagnosis::diagnose(healthy_in_firestore()));
  CHECK(healthy_json["action"].is_null());
  CHECK(healthy_json["cause"].is_null());
  CHECK(healthy_json["firestore_reads"] == 16);
}

TEST_CASE("what waits for Firestore, and what is not read there") {
  Observations seen = healthy_in_firestore();
  stored_in(seen).totals.unsent = 1200;
  stored_in(seen).unsent_since = ago(3 * 3600);
  std::get<InboxSight>(std::get<1>(seen.accounts.front().firestore.query)).not_read = 670;
  std::string told = text(seen, view());
  CHECK(told.starts_with("Inbox: STALE (at least 12 conversations would be shown)\n"));
  CHECK(told.find("1,200 documents wait, the oldest from 3 hours ago\n") != std::string::npos);
  CHECK(told.find("12 conversations to show; 670 more not read\n") != std::string::npos);
  told = text(seen, view(Language::kRomanian));
  CHECK(told.starts_with("Inbox: ÎNVECHIT (s-ar arăta cel puțin 12 conversații)\n"));
  CHECK(told.find("cel mai vechi de acum 3 ore\n") != std::string::npos);
  stored_in(seen).unsent_since = {};
  holder_in(seen).listening->upload_trouble = "Quota exceeded.";
  CHECK(text(seen, view()).find("the oldest from an unknown time: Quota exceeded\n") !=
        std::string::npos);
}

TEST_CASE("several accounts: those in order are a line each, and the action names the other") {
  Observations seen = healthy();
  seen.accounts.push_back(account("+40711111111"));
  std::get<Holder>(seen.accounts[1].holder) = {};
  DiagnoseView how = view();
  how.where = " --state-dir /srv/wa";
  const std::string told = text(seen, how);
  CAPTURE(told);
  CHECK(told.find("\n+40 737 ••• 397 Shop: HEALTHY (12 conversations would be shown)\n\n") !=
        std::string::npos);
  CHECK(told.find("Do:  wa-sync listen --account " + seen.accounts[1].id.str() +
                  " --state-dir /srv/wa") != std::string::npos);
  how.verbose = true;
  CHECK(text(seen, how).find("+40737123397 paired") != std::string::npos);
}

TEST_CASE("every finding has words, with the same facts in both languages") {
  for (int i = 0; i < static_cast<int>(Finding::kCount); ++i) {
    CAPTURE(i);
    const FindingWords& words = words_of(static_cast<Finding>(i));
    CHECK(words.finding == static_cast<Finding>(i));
    CHECK_FALSE(words.line.english.empty());
    for (const BothLanguages* each : {&words.line, &words.why, &words.remark, &words.otherwise}) {
      CHECK(each->english.empty() == each->romanian.empty());
      CHECK(placeholders(each->english) == placeholders(each->romanian));
    }
    CHECK(words.why.english.empty() == words.command.empty());
    // A terminal has 80 columns.
    for (const Language language : {Language::kEnglish, Language::kRomanian})
      CHECK(term::display_width(label_of(CheckId::kHistory).in(language)) <= 15);
  }
}

TEST_CASE("numbers of phones are masked") {
  CHECK(masked_phone("+40737123397") == "+40 737 ••• 397");
  CHECK(masked_phone("+4073712") == "+40 ••• 712");
  CHECK(masked_phone("") == "");
  CHECK(masked_numbers("threads/x__40737123397@s.whatsapp.net: HTTP 503") ==
        "threads/x__+40 737 ••• 397@s.whatsapp.net: HTTP 503");
  CHECK(masked_numbers("+40737123397") == "+40 737 ••• 397");
}
