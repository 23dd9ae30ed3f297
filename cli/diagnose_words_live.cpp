// Words of diagnose about what WhatsApp itself answers (diagnose/links_live.cpp).
#include "cli/diagnose_words.h"

namespace wasync {
namespace {

using diagnosis::Finding;

constexpr FindingWords kLiveWords[] = {
    {.finding = Finding::kLiveAnswers,
     .line = {"WhatsApp answered in {took_ms} ms, over the listener's connection",
              "WhatsApp a răspuns în {took_ms} ms, pe conexiunea listenerului"}},
    {.finding = Finding::kLiveLogsIn,
     .line = {"WhatsApp lets the account in, and answered in {took_ms} ms",
              "WhatsApp primește contul și a răspuns în {took_ms} ms"}},
    {.finding = Finding::kLiveNotConnected,
     .line = {"the listener is not connected: {error}", "listenerul nu este conectat: {error}"},
     .why = {"wa-sync listen has no connection over which to ping WhatsApp: {error}.",
             "wa-sync listen nu are o conexiune pe care să întrebe WhatsApp: {error}."},
     .command = "systemctl reload wa-sync",
     .remark = {"tries again at once; check network and proxy first",
                "încearcă din nou imediat; verifică întâi rețeaua și proxy-ul"}},
    {.finding = Finding::kLiveConnectionSilent,
     .line = {"WhatsApp does not answer over the listener's connection",
              "WhatsApp nu răspunde pe conexiunea listenerului"},
     .why = {"wa-sync listen believes that it is connected, but WhatsApp does not answer it.\n"
             "It notices that by itself within a minute and connects again.",
             "wa-sync listen se crede conectat, dar WhatsApp nu îi răspunde.\n"
             "Observă singur într-un minut și se reconectează."},
     .command = "systemctl restart wa-sync",
     .remark = {"connects again at once", "se reconectează imediat"}},
    {.finding = Finding::kLiveSilent,
     .line = {"no answer: {error}", "fără răspuns: {error}"},
     .why = {"WhatsApp, or a program in its place, does not answer this host: {error}.\n"
             "A firewall or a proxy that swallows the connection has this effect.",
             "WhatsApp, sau un program în locul lui, nu răspunde acestui sistem: {error}.\n"
             "Acest efect îl are un firewall sau un proxy care înghite conexiunea."},
     .command = "curl -sS -m 10 -o /dev/null https://web.whatsapp.com/",
     .remark = {"says whether network and proxy let it through",
                "spune dacă rețeaua și proxy-ul îl lasă"}},
    {.finding = Finding::kLiveUnreachable,
     .line = {"not reachable: {error}", "nu poate fi contactat: {error}"},
     .why = {"this host cannot reach WhatsApp: {error}.",
             "acest sistem nu ajunge la WhatsApp: {error}."},
     .command = "curl -sS -m 10 -o /dev/null https://web.whatsapp.com/",
     .remark = {"says whether network and proxy let it through",
                "spune dacă rețeaua și proxy-ul îl lasă"}},
    {.finding = Finding::kLiveUntrusted,
     .line = {"what answers is not WhatsApp: {error}", "cine răspunde nu este WhatsApp: {error}"},
     .why = {"something between this host and WhatsApp answers in its place: {error}.",
             "ceva dintre acest sistem și WhatsApp răspunde în locul lui: {error}."},
     .command = "openssl s_client -connect web.whatsapp.com:443 -brief < /dev/null",
     .remark = {"says whose certificate it is: a proxy's, say",
                "spune al cui este certificatul: al unui proxy, de exemplu"}},
    {.finding = Finding::kLiveLoggedOut,
     .line = {"WhatsApp refuses the login: {error}", "WhatsApp refuză conectarea: {error}"},
     .why = {"this device is linked no more: {error}. What came before is kept.",
             "acest dispozitiv nu mai este conectat: {error}. Ce a venit înainte se păstrează."},
     .command = "wa-sync pair{here}",
     .remark = {"re-pair: scan the QR again", "re-pair: scanează din nou QR"}},
    {.finding = Finding::kLiveBanned,
     .line = {"banned: {error}", "blocat: {error}"},
     .why = {"WhatsApp was reached, and does not let the account in:\n"
             "{why}.",
             "WhatsApp a fost contactat și nu primește contul:\n"
             "{why}."},
     .command = "wa-sync diagnose --live{here}",
     .remark = {"once WhatsApp works on the phone again",
                "după ce WhatsApp merge din nou pe telefon"}},
    {.finding = Finding::kLiveOutdated,
     .line = {"outdated: {error}", "versiune veche: {error}"},
     .why = {"WhatsApp was reached, and wants a newer web version: {why}.",
             "WhatsApp a fost contactat și cere o versiune web mai nouă: {why}."},
     .command = "wa-sync diagnose --live --web-version auto{here}",
     .remark = {"tries the one that the service names; or upgrade wa-sync",
                "o încearcă pe cea numită de serviciu; sau actualizează wa-sync"}},
    {.finding = Finding::kLiveReplaced,
     .line = {"another program took the account's place: {error}",
              "alt program a luat locul contului: {error}"},
     .why = {"WhatsApp lets one program at a time connect as this device: {error}.",
             "WhatsApp lasă conectat ca acest dispozitiv un singur program: {error}."},
     .command = "systemctl stop wa-sync",
     .remark = {"on the host of the other one: a restored copy of the state directory, for example",
                "pe sistemul celuilalt: o copie restaurată a directorului de stare, de exemplu"}},
    {.finding = Finding::kLiveRefused,
     .line = {"WhatsApp refuses: {error}", "WhatsApp refuză: {error}"},
     .why = {"WhatsApp answers, but refuses this device: {why}.",
             "WhatsApp răspunde, dar refuză acest dispozitiv: {why}."},
     .command = "wa-sync diagnose --live{here}",
     .remark = {"again, in an hour; if it still refuses, upgrade wa-sync",
                "încă o dată, peste o oră; dacă tot refuză, actualizează wa-sync"}},
    {.finding = Finding::kLiveNotLinked,
     .line = {"not asked: the account is not linked", "neîntrebat: contul nu este conectat"}},
    {.finding = Finding::kLiveHeldHere,
     .line = {"not asked: another process works with the account",
              "neîntrebat: alt proces lucrează cu contul"},
     .why = {"another process of this host works with the account and cannot answer, and a\n"
             "login from here would end its connection.",
             "alt proces al acestui sistem lucrează cu contul și nu poate răspunde, iar o\n"
             "conectare de aici i-ar întrerupe conexiunea."},
     .command = "wa-sync diagnose --live{here}",
     .remark = {"after that process ends", "după ce acela se termină"}},
    {.finding = Finding::kLiveHeldElsewhere,
     .line = {"not asked: {instance} has it until {until}, and would lose its connection",
              "neîntrebat: îl ține {instance} până la {until} și și-ar pierde conexiunea"}},
    {.finding = Finding::kLiveLeaseUnknown,
     .line = {"not asked: Firestore does not say whether another host has the account",
              "neîntrebat: Firestore nu spune dacă alt sistem ține contul"}},
    {.finding = Finding::kLiveOldListener,
     .line = {"not asked: wa-sync listen runs an older version",
              "neîntrebat: wa-sync listen rulează o versiune mai veche"},
     .why =
         {"wa-sync listen runs an older version, which cannot ping WhatsApp on request.",
          "wa-sync listen rulează o versiune mai veche, care nu poate întreba WhatsApp la cerere."},
     .command = "systemctl restart wa-sync",
     .remark = {"starts the installed version", "pornește versiunea instalată acum"}},
};

}  // namespace

std::span<const FindingWords> words_live() {
  return kLiveWords;
}

}  // namespace wasync
