// Words of diagnose about the history, the conversations and backfill (diagnose/links_history.cpp).
#include "cli/diagnose_words.h"

namespace wasync {
namespace {

using diagnosis::Finding;

constexpr FindingWords kHistoryWords[] = {
    // history
    {.finding = Finding::kHistoryHere,
     .line = {"complete: {chunks}, {saved}", "complet: {chunks}, {saved}"}},
    {.finding = Finding::kHistoryRecent,
     .line = {"recent history only, as requested: {chunks}, {saved}",
              "doar istoricul recent, cum s-a cerut: {chunks}, {saved}"}},
    {.finding = Finding::kHistoryWithoutLarge,
     .line = {"{chunks}, {saved}; {too_large} too large to take in, most of them in {too_large_in}",
              "{chunks}, {saved}; {too_large} prea mari pentru a fi preluate, cele mai multe în "
              "{too_large_in}"}},
    {.finding = Finding::kNoHistory,
     .line = {"no history sync ever arrived for this account",
              "pentru acest cont nu a sosit niciodată istoric"},
     .why =
         {"the account is connected, but WhatsApp sent no history when it was paired and no\n"
          "message has come since. Backfill cannot help: it only fills threads that already\n"
          "exist.",
          "contul este conectat, dar WhatsApp nu a trimis istoric la conectare și de atunci nu a\n"
          "venit niciun mesaj. Backfill nu ajută: completează doar conversații deja existente."},
     .command = "wa-sync pair --again{here}",
     .remark = {"re-pair: scan the QR again", "re-pair: scanează din nou QR"},
     .otherwise = {"or send or receive one message, then: wa-sync backfill{here}",
                   "sau trimite/primește un mesaj, apoi: wa-sync backfill{here}"}},
    {.finding = Finding::kNoHistoryOfThisLink,
     .line = {"none arrived when the account was paired {paired_at}",
              "niciunul la conectarea contului, {paired_at}"}},
    {.finding = Finding::kHistoryAwaited,
     .line = {"awaited: paired {paired_at}, nothing has arrived yet",
              "așteptat: conectat {paired_at}, încă nu a venit nimic"},
     .why =
         {"the phone was paired a moment ago and has not begun to send its history. It must be\n"
          "online, with WhatsApp open.",
          "telefonul tocmai a fost conectat și încă nu a început să trimită istoricul. Trebuie să\n"
          "fie online, cu WhatsApp deschis."},
     .command = "wa-sync diagnose{here}",
     .remark = {"again, in some minutes", "încă o dată, peste câteva minute"}},
    {.finding = Finding::kHistoryArriving,
     .line = {"arriving: {progress} %, {waiting} left to store, last {last_at}",
              "sosește: {progress} %, de preluat {waiting}, ultimul {last_at}"},
     .why = {"the history is still arriving. Keep the phone online, with WhatsApp open.",
             "istoricul încă sosește. Ține telefonul online, cu WhatsApp deschis."},
     .command = "wa-sync diagnose{here}",
     .remark = {"again, in some minutes", "încă o dată, peste câteva minute"}},
    {.finding = Finding::kHistoryStalled,
     .line = {"stalled at {progress} %, {waiting} left to store, last {last_at}",
              "oprit la {progress} %, de preluat {waiting}, ultimul {last_at}"},
     .why = {"the history stopped arriving before the phone had sent all of it. Open WhatsApp on\n"
             "the phone and wait some minutes; if nothing moves, re-pair. {hint}",
             "istoricul s-a oprit înainte ca telefonul să fi trimis tot. Deschide WhatsApp pe "
             "telefon\n"
             "și așteaptă câteva minute; dacă nu se mișcă nimic, re-pair. {hint}"},
     .command = "wa-sync pair --again{here}",
     .remark = {"re-pair: scan the QR again", "re-pair: scanează din nou QR"}},
    {.finding = Finding::kHistoryTried,
     .line = {"arrived in a dry run: wa-sync stored none of it",
              "a sosit doar de probă: wa-sync nu a păstrat nimic"},
     .why =
         {"WHATSAPP_HISTORY_SYNC_DRY_RUN was set when the account was paired: the history arrived\n"
          "and wa-sync threw it away.",
          "WHATSAPP_HISTORY_SYNC_DRY_RUN era setată la conectarea contului: istoricul a sosit și\n"
          "wa-sync l-a aruncat."},
     .command = "env -u WHATSAPP_HISTORY_SYNC_DRY_RUN wa-sync pair --again{here}",
     .remark = {"re-pair: scan the QR again", "re-pair: scanează din nou QR"}},
    {.finding = Finding::kHistoryPartsLost,
     .line = {"{lost} unusable, {chunks} stored", "{lost} nefolosibile, {chunks} păstrate"},
     .why = {"wa-sync could not use some parts of the history ({error}), so old\n"
             "messages are missing. Only linking again brings them.",
             "wa-sync nu a putut folosi unele părți din istoric ({error}), deci lipsesc\n"
             "mesaje vechi. Le aduce doar o nouă conectare."},
     .command = "wa-sync pair --again{here}",
     .remark = {"re-pair: scan the QR again", "re-pair: scanează din nou QR"}},
    // threads
    {.finding = Finding::kThreads,
     .line = {"{threads} here, {messages}", "aici {threads}, {messages}"}},
    {.finding = Finding::kThreadsAwaited,
     .line = {"{threads} here, {messages}, {awaited} not readable yet",
              "aici {threads}, {messages}, încă necitibile {awaited}"}},
    {.finding = Finding::kThreadsLeftOut,
     .line = {"{threads} here, {messages}, {awaited} not readable yet; senders used up their share "
              "({left_out_at}): {left_out} left out, {not_asked} not asked for",
              "aici {threads}, {messages}, încă necitibile {awaited}; expeditori și-au epuizat "
              "partea ({left_out_at}): lăsate afară {left_out}, necerute {not_asked}"}},
    {.finding = Finding::kNoConversations,
     .line = {"none here", "niciuna aici"},
     .why = {"nothing is wrong: the phone has no conversations.",
             "nu este nimic în neregulă: telefonul nu are conversații."},
     .command = "wa-sync threads list{here}",
     .remark = {"after sending or receiving one message", "după ce trimiți sau primești un mesaj"}},
    {.finding = Finding::kOldMessagesMissing,
     .line = {"{threads} here; at least {never_asked} without their history",
              "aici {threads}; cel puțin {never_asked} fără istoric"},
     .why = {"conversations exist, but no history arrived when the account was paired: their old\n"
             "messages are missing. Backfill brings those.",
             "conversațiile există, dar la conectarea contului nu a venit istoric: mesajele lor "
             "vechi\n"
             "lipsesc. Backfill le aduce."},
     .command = "wa-sync backfill{here}",
     .remark = {"the phone must be online", "telefonul trebuie să fie online"}},
    {.finding = Finding::kMostlyPlaceholders,
     .line = {"{threads} here; {placeholders} without any message",
              "aici {threads}; {placeholders} fără niciun mesaj"},
     .why =
         {"the history named conversations and brought no messages for most of them. Backfill\n"
          "starts from a stored message, so only linking again brings these.",
          "istoricul a numit conversații și pentru cele mai multe nu a adus mesaje. Backfill cere\n"
          "pornind de la un mesaj existent, deci acestea vin doar cu o nouă conectare."},
     .command = "wa-sync pair --again{here}",
     .remark = {"re-pair: scan the QR again", "re-pair: scanează din nou QR"}},
    // backfill
    {.finding = Finding::kNeverFilled,
     .line = {"never asked for older messages", "niciodată cerute mesaje mai vechi"}},
    {.finding = Finding::kFilling,
     .line = {"asking for older messages, since {started_at}",
              "se cer mesaje mai vechi, început {started_at}"}},
    {.finding = Finding::kFilled,
     .line = {"{last_at}: {threads} filled, {messages}, {errors} errors",
              "{last_at}: parcurse {threads}, {messages}, erori {errors}"}},
    {.finding = Finding::kFilledRests,
     .line =
         {"{last_at}: {threads} filled, {messages}, {errors} errors; next automatic run at {until}",
          "{last_at}: parcurse {threads}, {messages}, erori {errors}; următoarea rulare automată "
          "la {until}"}},
    {.finding = Finding::kFillingFailed,
     .line = {"the scheduled backfill of {last_at} failed: {error}",
              "cel programat, de {last_at}, a eșuat: {error}"}},
};

}  // namespace

std::span<const FindingWords> words_history() {
  return kHistoryWords;
}

}  // namespace wasync
