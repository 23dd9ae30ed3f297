#include "cli/diagnose_words.h"

namespace wasync {
namespace {

using diagnosis::CheckId;
using diagnosis::Finding;
using diagnosis::Verdict;

// Any check can come to this one.
constexpr FindingWords kNotLookedWords = {
    .finding = Finding::kNotLooked,
    .line = {"could not be checked: {why}", "nu s-a putut verifica: {why}"},
    .why = {"the check failed: {why}.\n"
            "{hint}",
            "verificarea nu a reușit: {why}.\n"
            "{hint}"},
    .command = "wa-sync diagnose --timeout 1m{here}",
    .remark = {"after you correct that", "după ce corectezi asta"}};

using Part = std::span<const FindingWords> (*)();
constexpr Part kParts[] = {words_here,    words_phone,     words_connection, words_live,
                           words_history, words_firestore, words_inbox};

}  // namespace

const FindingWords& words_of(Finding finding) {
  for (const auto part : kParts)
    for (const FindingWords& words : part())
      if (words.finding == finding) return words;
  return kNotLookedWords;
}

Phrase phone_first(bool ever_heard) {
  if (ever_heard)
    return {"The phone was last seen {last_heard}: switch it on first, and open WhatsApp.",
            "Telefonul a fost văzut ultima dată {last_heard}: pornește-l întâi și deschide "
            "WhatsApp."};
  return {"The phone has not been seen since it was linked: switch it on first, and open WhatsApp.",
          "Telefonul nu a dat niciun semn de la conectare: pornește-l întâi și deschide "
          "WhatsApp."};
}

Phrase label_of(CheckId check) {
  switch (check) {
    case CheckId::kConfig: return {"inbox", "inbox"};
    case CheckId::kClock: return {"clock", "ceas"};
    case CheckId::kStateDir: return {"state", "stare"};
    case CheckId::kFile: return {"file", "fișier"};
    case CheckId::kAccount: return {"account", "cont"};
    case CheckId::kPhone: return {"phone", "telefon"};
    case CheckId::kHolder: return {"listener", "listener"};
    case CheckId::kConnection: return {"connection", "conexiune"};
    case CheckId::kLive: return {"live", "pe viu"};
    case CheckId::kHistory: return {"history", "istoric"};
    case CheckId::kThreads: return {"threads", "conversații"};
    case CheckId::kBackfill: return {"backfill", "backfill"};
    case CheckId::kUploadQueue: return {"upload", "trimitere"};
    case CheckId::kFirestore: return {"firestore", "firestore"};
    case CheckId::kAccountDocument: return {"app's account", "cont în app"};
    case CheckId::kLease: return {"lease", "rezervare"};
    case CheckId::kInboxQuery: return {"inbox query", "interogare"};
    case CheckId::kHidden: return {"hidden", "ascunse"};
    case CheckId::kWithoutLastMessageAt: return {"undated", "nedatate"};
    case CheckId::kMangledIds: return {"mangled ids", "id-uri stricate"};
    case CheckId::kDuplicates: return {"duplicates", "dubluri"};
    case CheckId::kSamePhone: return {"same phone", "același telefon"};
  }
  return {};
}

Phrase word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHealthy: return {"HEALTHY", "ÎN REGULĂ"};
    case Verdict::kBlind: return {"BLIND", "NU SE VEDE"};
    case Verdict::kIncomplete: return {"INCOMPLETE", "INCOMPLET"};
    case Verdict::kStale: return {"STALE", "ÎNVECHIT"};
    case Verdict::kEmpty: return {"EMPTY", "GOL"};
  }
  return {};
}

}  // namespace wasync
