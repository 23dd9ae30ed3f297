// Words of diagnose about what goes to Firestore: the queue, the project, the account there
// (diagnose/links_firestore.cpp).
#include "cli/diagnose_words.h"

namespace wasync {
namespace {

using diagnosis::Finding;

constexpr FindingWords kFirestoreWords[] = {
    // upload_queue
    {.finding = Finding::kQueueEmpty,
     .line = {"everything is in Firestore", "totul este în Firestore"}},
    {.finding = Finding::kQueueMoving, .line = {"{queued} on their way", "pe drum: {queued}"}},
    {.finding = Finding::kListenerSendsNothing,
     .line = {"{queued} wait, and wa-sync listen sends nothing",
              "așteaptă {queued}, iar wa-sync listen nu trimite"},
     .why =
         {"wa-sync listen runs without Firestore: it started with another configuration than this\n"
          "command has, so everything that it receives stays on this host.",
          "wa-sync listen rulează fără Firestore: a pornit cu altă configurație decât are\n"
          "această comandă, deci tot ce primește rămâne pe acest sistem."},
     .command = "systemctl edit wa-sync",
     .remark = {"name the project and credentials there, then restart it",
                "numește acolo proiectul și datele de acces, apoi repornește-l"}},
    {.finding = Finding::kQueueStuck,
     .line = {"{queued} wait, the oldest from {oldest}: {error}",
              "așteaptă {queued}, cel mai vechi de {oldest}: {error}"},
     .why = {"messages that arrived here do not get to Firestore: {error}.\n"
             "Nothing is lost: wa-sync sends them when Firestore takes them.",
             "mesajele sosite aici nu ajung în Firestore: {error}.\n"
             "Nu s-a pierdut nimic: wa-sync le trimite când Firestore le primește."},
     .command = "wa-sync threads list --source firestore{here}",
     .remark = {"shows what Firestore answers to this host",
                "arată ce răspunde Firestore acestui sistem"}},
    {.finding = Finding::kQueueOld,
     .line = {"{queued} wait, the oldest from {oldest}",
              "așteaptă {queued}, cel mai vechi de {oldest}"},
     .why = {"messages that arrived {oldest} have not got to Firestore, and wa-sync listen\n"
             "cannot say why. Nothing is lost.",
             "mesajele sosite {oldest} nu au ajuns în Firestore, iar wa-sync listen nu poate spune "
             "de\n"
             "ce. Nu s-a pierdut nimic."},
     .command = "systemctl restart wa-sync",
     .remark = {"sends the waiting documents; its log says more",
                "trimite documentele care așteaptă; jurnalul spune mai mult"}},
    {.finding = Finding::kSetAside,
     .line = {"{set_aside} refused for good: {refusal}",
              "refuzate definitiv {set_aside}: {refusal}"},
     .why = {"Firestore refuses {set_aside} for good: {refusal}.\n"
             "All others are there; wa-sync keeps these on this host.",
             "Firestore refuză definitiv {set_aside}: {refusal}.\n"
             "Toate celelalte sunt acolo; pe acestea wa-sync le păstrează pe acest sistem."},
     .command = "wa-sync diagnose --fix{here}",
     .remark = {"offers them to Firestore again", "le oferă din nou lui Firestore"}},
    {.finding = Finding::kSetAsideAgain,
     .line = {"{set_aside} refused again: {refusal}", "refuzate din nou {set_aside}: {refusal}"},
     .why =
         {"Firestore refuses {set_aside} for good: {refusal}.\n"
          "wa-sync offered them again and Firestore refused again. All others are there; wa-sync\n"
          "keeps these on this host.",
          "Firestore refuză definitiv {set_aside}: {refusal}.\n"
          "wa-sync le-a oferit din nou și Firestore le-a refuzat iar. Toate celelalte sunt acolo;\n"
          "pe acestea wa-sync le păstrează pe acest sistem."},
     .command = "wa-sync accounts list --json{here}",
     .remark = {"counts them as set_aside; please report it",
                "le numără ca set_aside; raportează"}},
    // firestore
    {.finding = Finding::kFirestoreReachable,
     .line = {"project {project}, reachable in {took_ms} ms",
              "proiectul {project}, răspunde în {took_ms} ms"}},
    {.finding = Finding::kFirestoreUnreachable,
     .line = {"project {project} not reachable: {error}",
              "proiectul {project} nu răspunde: {error}"},
     .why =
         {"Firestore does not answer this host, so wa-sync cannot say what the app shows:\n"
          "{error}.",
          "Firestore nu răspunde acestui sistem, deci wa-sync nu poate spune ce arată aplicația:\n"
          "{error}."},
     .command = "curl -sS -o /dev/null https://firestore.googleapis.com/",
     .remark = {"says whether network and proxy let it through",
                "spune dacă rețeaua și proxy-ul îl lasă"}},
    {.finding = Finding::kFirestoreRefuses,
     .line = {"project {project} refuses us: {error}", "proiectul {project} refuză: {error}"},
     .why = {"Firestore refuses this host's credentials: {error}.\n"
             "The service account needs the role \"Cloud Datastore User\" in this project.",
             "Firestore refuză datele de acces ale acestui sistem: {error}.\n"
             "Contul de serviciu are nevoie de rolul „Cloud Datastore User” în acest proiect."},
     .command = "gcloud projects get-iam-policy {project}",
     .remark = {"shows who has which role", "arată cine ce rol are"}},
    // account_document
    {.finding = Finding::kDocumentConnected,
     .line = {"its status is \"connected\"", "starea lui este „connected”"}},
    {.finding = Finding::kDocumentOnItsWay,
     .line = {"not \"connected\" yet; its status is on its way",
              "încă nu este „connected”; starea este pe drum"},
     .why = {"the app shows the conversations of connected accounts only, and wa-sync listen is\n"
             "still sending the status of this one to Firestore.",
             "aplicația arată doar conversațiile conturilor conectate, iar wa-sync listen încă\n"
             "trimite starea acestuia în Firestore."},
     .command = "wa-sync diagnose{here}",
     .remark = {"again, in half a minute", "încă o dată, peste o jumătate de minut"}},
    {.finding = Finding::kDocumentMissing,
     .line = {"not in Firestore", "nu este în Firestore"},
     .why =
         {"Firestore has no document of this account, and the app shows only the conversations of\n"
          "accounts that have one. A listener that starts writes it.",
          "Firestore nu are documentul acestui cont, iar aplicația arată doar conversațiile\n"
          "conturilor care au unul. Un listener care pornește îl scrie."},
     .command = "systemctl restart wa-sync",
     .remark = {"writes the account again", "scrie contul din nou"}},
    {.finding = Finding::kDocumentStatus,
     .line = {"its status is \"{status}\", not \"connected\"",
              "starea lui este „{status}”, nu „connected”"},
     .why =
         {"the app shows the conversations of connected accounts only, and in Firestore this one\n"
          "is \"{status}\". Another program may write there: the backend before wa-sync, for "
          "example.",
          "aplicația arată doar conversațiile conturilor conectate, iar în Firestore acesta este\n"
          "„{status}”. Poate alt program scrie acolo: backend-ul dinainte de wa-sync, de exemplu."},
     .command = "systemctl restart wa-sync",
     .remark = {"writes the status again", "scrie starea din nou"}},
    // same_phone
    {.finding = Finding::kOneAccountOfPhone,
     .line = {"no other account of this phone", "niciun alt cont al acestui telefon"}},
    {.finding = Finding::kSamePhone,
     .line = {"{other} is the same phone, connected", "{other} este același telefon, conectat"},
     .why = {"Firestore has the same phone as another account too, {other},\n"
             "and the app shows both: ACCOUNT_NAMESPACE differed when that one was made.",
             "Firestore are același telefon și ca alt cont, {other},\n"
             "iar aplicația le arată pe amândouă: ACCOUNT_NAMESPACE era altul la crearea lui."},
     .command = "wa-sync unpair --account {other}",
     .remark = {"on the host that runs it", "pe sistemul care îl rulează"}},
    {.finding = Finding::kSamePhoneHere,
     .line = {"{other} is the same phone, linked here too",
              "{other} este același telefon, conectat tot aici"},
     .why = {"this host has linked the same phone twice, as {other} too,\n"
             "and the Inbox shows its conversations twice: ACCOUNT_NAMESPACE differed when that\n"
             "one was made.",
             "acest sistem a conectat același telefon de două ori, și ca {other},\n"
             "iar Inbox îi arată conversațiile de două ori: ACCOUNT_NAMESPACE era altul atunci."},
     .command = "wa-sync unpair --account {other}",
     .remark = {"or the other: the one that the app must not show",
                "sau celălalt: cel pe care aplicația nu trebuie să îl arate"}},
};

}  // namespace

std::span<const FindingWords> words_firestore() {
  return kFirestoreWords;
}

}  // namespace wasync
