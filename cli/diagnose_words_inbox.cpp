// Words of diagnose about the app's query and what it passes over (diagnose/links_inbox.cpp).
#include "cli/diagnose_words.h"

namespace wasync {
namespace {

using diagnosis::Finding;

constexpr FindingWords kInboxWords[] = {
    // inbox_query
    {.finding = Finding::kWouldShow, .line = {"{shown} to show", "de arătat: {shown}"}},
    {.finding = Finding::kWouldShowInPart,
     .line = {"{threads} read, {shown} to show; {not_read} more not read",
              "{threads} citite, de arătat {shown}; alte {not_read} necitite"}},
    {.finding = Finding::kQueryWorks,
     .line = {"works (index present): {threads} found, {shown} to show",
              "merge (indexul există): {threads} găsite, de arătat {shown}"}},
    {.finding = Finding::kQueryReadInPart,
     .line =
         {"works (index present): {threads} read, {shown} to show; {not_read} more not read",
          "merge (indexul există): {threads} citite, de arătat {shown}; alte {not_read} necitite"}},
    {.finding = Finding::kIndexMissing,
     .line = {"fails: its index is missing", "eșuează: lipsește indexul ei"},
     .why =
         {"the app's query needs an index of threads (accountId ascending, lastMessageAt\n"
          "descending) that the project lacks, so the app gets nothing. This link creates it:\n"
          "{link}",
          "interogarea aplicației cere un index pe threads (accountId crescător, lastMessageAt\n"
          "descrescător) care lipsește, deci aplicația nu primește nimic. Acest link îl creează:\n"
          "{link}"},
     .command = "xdg-open '{link}'",
     .remark = {"building it takes some minutes", "construirea durează câteva minute"}},
    {.finding = Finding::kQueryRefused,
     .line = {"refused: {error}", "refuzată: {error}"},
     .why = {"Firestore refuses the app's query to this host: {error}.\n"
             "The service account needs the role \"Cloud Datastore User\" in this project.",
             "Firestore refuză acestui sistem interogarea aplicației: {error}.\n"
             "Contul de serviciu are nevoie de rolul „Cloud Datastore User” în acest proiect."},
     .command = "wa-sync threads list --source firestore{here}",
     .remark = {"runs the same query", "rulează aceeași interogare"}},
    {.finding = Finding::kQueryUnreachable,
     .line = {"no answer: {error}", "fără răspuns: {error}"},
     .why =
         {"Firestore does not answer the app's query, so wa-sync cannot say what the app\n"
          "shows: {error}.",
          "Firestore nu răspunde la interogarea aplicației, deci wa-sync nu poate spune ce arată\n"
          "aplicația: {error}."},
     .command = "wa-sync threads list --source firestore{here}",
     .remark = {"runs the same query", "rulează aceeași interogare"}},
    // hidden
    {.finding = Finding::kNothingHidden, .line = {"none", "niciuna"}},
    {.finding = Finding::kSomeHidden, .line = {"{hidden}: {reasons}", "{hidden}: {reasons}"}},
    {.finding = Finding::kAllHidden,
     .line = {"all of them: {reasons}", "toate: {reasons}"},
     .why = {"conversations are there, but the app hides every one of them: {reasons}.",
             "conversațiile există, dar aplicația le ascunde pe toate: {reasons}."},
     .command = "wa-sync threads list --all --hidden{source}{here}",
     .remark = {"says why for each", "spune la fiecare de ce"}},
    // without_last_message_at
    {.finding = Finding::kAllHaveTimes,
     .line = {"none lacks lastMessageAt", "toate au lastMessageAt"}},
    {.finding = Finding::kWithoutTime,
     .line = {"{threads} without lastMessageAt", "{threads} fără lastMessageAt"},
     .why = {"{threads} in Firestore have no lastMessageAt, and the app's query passes over them.\n"
             "Another program wrote them: wa-sync always sets it.",
             "{threads} din Firestore nu au lastMessageAt, iar interogarea aplicației le sare.\n"
             "Le-a scris alt program: wa-sync îl setează mereu."},
     .command = "wa-sync diagnose --fix{here}",
     .remark = {"sets it to the time of their newest message",
                "pune ora celui mai nou mesaj al lor"}},
    {.finding = Finding::kWithoutTimeForGood,
     .line = {"{threads} with neither lastMessageAt nor a message",
              "{threads} fără lastMessageAt și fără mesaje"},
     .why = {"{threads} in Firestore have no lastMessageAt, and the app's query passes over them.\n"
             "They have no message with a usable time either: the next message of each sets it.",
             "{threads} din Firestore nu au lastMessageAt, iar interogarea aplicației le sare.\n"
             "Nu au nici vreun mesaj cu o oră folosibilă: următorul mesaj al fiecăreia îl pune."},
     .command = "xdg-open 'https://console.firebase.google.com/project/{project}/firestore'",
     .remark = {"look at them in the console", "uită-te la ele în consolă"}},
    // mangled_ids
    {.finding = Finding::kNoMangledIds, .line = {"none", "niciunul"}},
    {.finding = Finding::kMangledIds,
     .line = {"{threads} with [object Object] in the id, which the app passes over",
              "{threads} cu [object Object] în id, pe care aplicația le sare"}},
    // duplicates
    {.finding = Finding::kNoDuplicates, .line = {"none", "niciuna"}},
    {.finding = Finding::kDuplicates,
     .line = {"{threads} of a phone that has another; see wa-sync diagnose --fix",
              "{threads} ale unui telefon care mai are una; vezi wa-sync diagnose --fix"}},
};

}  // namespace

std::span<const FindingWords> words_inbox() {
  return kInboxWords;
}

}  // namespace wasync
