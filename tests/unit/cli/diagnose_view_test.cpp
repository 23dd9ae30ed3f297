#include "cli/diagnose_view.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "unit/diagnose/broken_inboxes.h"

namespace diagnose_view_test {

using namespace wasync;
using namespace wasync::test;

namespace {

DiagnoseView view(Language language = Language::kEnglish) {
  return {.language = language, .now = kLookedAt};
}

std::string text(const Observations& seen, const DiagnoseView& how) {
  return diagnosis_text(how, diagnosis::diagnose(seen));
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
  for (const auto* rows : {&rows_anywhere(), &rows_live()}) {
    add(*rows, healthy());
    add(*rows, healthy_in_firestore());
  }
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
  ✓ phone           last seen 3 hours ago
  ✓ listener        wa-sync listen runs, as host-4711
  ✓ connection      connected 24 hours ago; last message 5 minutes ago, delivery 2 minutes ago, answer 20 seconds ago
  ✗ history         no history sync ever arrived for this account
  – threads         none here
  – upload          everything is in Firestore
  ✓ firestore       project superparty, reachable in 84 ms
  – app's account   its status is "connected"
  – inbox query     works (index present): 0 conversations found, 0 conversations to show

Why: the account is connected, but WhatsApp sent no history when it was paired
and no message has come since. Backfill cannot help: it only fills threads that
already exist. The phone was last seen 3 hours ago: switch it on first, and open
WhatsApp.

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
  ✓ telefon         văzut ultima dată acum 3 ore
  ✓ listener        rulează wa-sync listen, ca host-4711
  ✓ conexiune       conectat acum 24 de ore; ultimul mesaj acum 5 minute, livrare acum 2 minute, răspuns acum 20 de secunde
  ✗ istoric         pentru acest cont nu a sosit niciodată istoric
  – conversații     niciuna aici
  – trimitere       totul este în Firestore
  ✓ firestore       proiectul superparty, răspunde în 84 ms
  – cont în app     starea lui este „connected”
  – interogare      merge (indexul există): 0 conversații găsite, de arătat 0 conversații

De ce: contul este conectat, dar WhatsApp nu a trimis istoric la conectare și de
atunci nu a venit niciun mesaj. Backfill nu ajută: completează doar conversații
deja existente. Telefonul a fost văzut ultima dată acum 3 ore: pornește-l întâi
și deschide WhatsApp.

Fă:  wa-sync pair --again    (re-pair: scanează din nou QR)
     sau trimite/primește un mesaj, apoi: wa-sync backfill
)");
}

TEST_CASE("WhatsApp refuses the login: in both languages") {
  Observations seen = healthy();
  holder_in(seen) = {};
  set_live(seen, Unanswered{.code = ErrorCode::kBanned,
                            .message = Phrase{"WhatsApp has banned this account for a while (402)",
                                              "WhatsApp a blocat contul pentru o vreme (402)"},
                            .hint = Phrase{
                                "The ban ends in about 3 hours: run the command again then.",
                                "Blocarea se termină peste vreo 3 ore: rulează atunci din nou."}});
  CHECK(text(seen, view()) ==
        R"(Inbox: STALE (12 conversations would be shown)

  ✓ inbox           SQLite in the state directory
  ✓ state           /var/lib/wa-sync, 20 GiB free
  ✓ account         +40 737 ••• 397 paired 2 days ago
  ✓ phone           last seen 3 hours ago
  – listener        wa-sync listen does not run; last connected 24 hours ago, delivery 2 minutes ago
  ✗ live            banned: WhatsApp has banned this account for a while (402)
  – history         complete: 6 chunks, 580 messages
  – threads         14 conversations here, 580 messages
  – inbox query     12 conversations to show
  – hidden          2 conversations: archived 1, placeholder 1

Why: WhatsApp was reached, and does not let the account in: WhatsApp has banned
this account for a while (402). The ban ends in about 3 hours: run the command
again then.

Do:  wa-sync diagnose --live    (once WhatsApp works on the phone again)
)");
  CHECK(text(seen, view(Language::kRomanian)) ==
        R"(Inbox: ÎNVECHIT (s-ar arăta 12 conversații)

  ✓ inbox           SQLite în directorul de stare
  ✓ stare           /var/lib/wa-sync, liber 20 GiB
  ✓ cont            +40 737 ••• 397 conectat acum 2 zile
  ✓ telefon         văzut ultima dată acum 3 ore
  – listener        wa-sync listen nu rulează; ultima conexiune acum 24 de ore, livrare acum 2 minute
  ✗ pe viu          blocat: WhatsApp a blocat contul pentru o vreme (402)
  – istoric         complet: 6 fragmente, 580 de mesaje
  – conversații     aici 14 conversații, 580 de mesaje
  – interogare      de arătat: 12 conversații
  – ascunse         2 conversații: archived 1, placeholder 1

De ce: WhatsApp a fost contactat și nu primește contul: WhatsApp a blocat contul
pentru o vreme (402). Blocarea se termină peste vreo 3 ore: rulează atunci din
nou.

Fă:  wa-sync diagnose --live    (după ce WhatsApp merge din nou pe telefon)
)");
}

TEST_CASE("WhatsApp was asked, or not: a line in both languages") {
  const auto line = [](const LiveAnswer& answer, bool by_listener, Language language) {
    Observations seen = healthy_in_firestore();
    set_live(seen, answer, by_listener);
    const std::string told = text(seen, view(language));
    const std::string label = language == Language::kEnglish ? " live " : " pe viu ";
    const std::size_t at = told.find(label);
    REQUIRE(at != std::string::npos);
    return told.substr(told.find_first_not_of(' ', at + label.size()),
                       told.find('\n', at) - told.find_first_not_of(' ', at + label.size()));
  };
  const auto check = [&](const LiveAnswer& answer, bool by_listener, std::string_view english,
                         std::string_view romanian) {
    CHECK(line(answer, by_listener, Language::kEnglish) == english);
    CHECK(line(answer, by_listener, Language::kRomanian) == romanian);
  };
  const Answered answered{.round_trip = std::chrono::milliseconds(48)};
  check(answered, true, "WhatsApp answered in 48 ms, over the listener's connection",
        "WhatsApp a răspuns în 48 ms, pe conexiunea listenerului");
  check(answered, false, "WhatsApp lets the account in, and answered in 48 ms",
        "WhatsApp primește contul și a răspuns în 48 ms");
  check(NotAsked::kNotLinked, false, "not asked: the account is not linked",
        "neîntrebat: contul nu este conectat");
  check(NotAsked::kLeaseUnknown, false,
        "not asked: Firestore does not say whether another host has the account",
        "neîntrebat: Firestore nu spune dacă alt sistem ține contul");
  CHECK(line(NotAsked::kHeldElsewhere, false, Language::kEnglish)
            .starts_with("not asked: host-4711 has it until "));
  CHECK(line(NotAsked::kHeldElsewhere, false, Language::kRomanian)
            .starts_with("neîntrebat: îl ține host-4711 până la "));
}

TEST_CASE("a phone that was never heard of, or not for long: in both languages") {
  Observations seen = healthy();
  stored_in(seen).phone_heard_at = {};
  CHECK(text(seen, view()).find("? phone           not seen since it was linked\n") !=
        std::string::npos);
  CHECK(text(seen, view(Language::kRomanian))
            .find("? telefon         nu a dat niciun semn de la conectare\n") != std::string::npos);
  stored_in(seen).phone_heard_at = ago(13 * kDay_s);
  CHECK(text(seen, view())
            .find("? phone           last seen 13 days ago; WhatsApp logs out after about 14 days "
                  "without the phone\n") != std::string::npos);
  CHECK(text(seen, view(Language::kRomanian))
            .find("? telefon         văzut ultima dată acum 13 zile; după vreo 14 zile fără "
                  "telefon WhatsApp deconectează\n") != std::string::npos);
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

TEST_CASE("numbers of phones are masked") {
  CHECK(masked_phone("+40737123397") == "+40 737 ••• 397");
  CHECK(masked_phone("+4073712") == "+40 ••• 712");
  CHECK(masked_phone("") == "");
  CHECK(masked_numbers("threads/x__40737123397@s.whatsapp.net: HTTP 503") ==
        "threads/x__+40 737 ••• 397@s.whatsapp.net: HTTP 503");
  CHECK(masked_numbers("+40737123397") == "+40 737 ••• 397");
  CHECK(masked_numbers("web version 2.3000.1010456367 of 40737123397.") ==
        "web version 2.3000.1010456367 of +40 737 ••• 397.");
}

}  // namespace diagnose_view_test
