#include "cli/diagnose_words.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace wasync {
namespace {

using diagnosis::CheckId;
using diagnosis::Finding;
using diagnosis::Verdict;

constexpr FindingWords kWords[] = {
    // config
    {Finding::kSqliteInbox, {"SQLite in the state directory", "SQLite în directorul de stare"}},
    {Finding::kFirestoreInbox, {"Firestore, project {project}", "Firestore, proiectul {project}"}},
    {.finding = Finding::kConfigUnusable,
     .line = {"{error}", "{error}"},
     .why = {"the configuration contradicts itself: {error}.\n{hint}",
             "configurația se contrazice: {error}.\n{hint}"},
     .command = "wa-sync help environment",
     .remark = {"every variable there is", "toate variabilele care există"}},
    {.finding = Finding::kEmulatorBesideCredentials,
     .line = {"both FIRESTORE_EMULATOR_HOST and {variable} are set",
              "sunt setate și FIRESTORE_EMULATOR_HOST, și {variable}"},
     .why = {"FIRESTORE_EMULATOR_HOST sends everything to an emulator, which the Inbox app does\n"
             "not read, while {variable} names credentials of the real service.",
             "FIRESTORE_EMULATOR_HOST trimite totul către un emulator, pe care aplicația Inbox nu\n"
             "îl citește, iar {variable} numește date de acces ale serviciului real."},
     .command = "unset FIRESTORE_EMULATOR_HOST",
     .remark = {"in the service's unit file too, then restart it",
                "și în fișierul serviciului, apoi repornește-l"}},
    {.finding = Finding::kInboxElsewhere,
     .line = {"this command looks at {configured}, the account is in {target}",
              "comanda se uită la {configured}, dar contul este în {target}"},
     .why = {"the conversations of this account went to {target}, and the\n"
             "configuration that this command has names {configured}.\n"
             "The service may have another environment than this shell.",
             "conversațiile acestui cont au mers în {target}, iar configurația\n"
             "acestei comenzi numește {configured}.\n"
             "Serviciul poate avea alt mediu decât acest shell."},
     .command = "systemctl show wa-sync -p Environment -p EnvironmentFiles",
     .remark = {"then diagnose with the same", "apoi diagnose cu aceleași valori"}},
    {.finding = Finding::kFirestoreNotConfigured,
     .line = {"the account is in {target}, and no Firestore is configured here",
              "contul este în {target}, iar aici nu este configurat Firestore"},
     .why = {"the conversations of this account went to {target}, but this\n"
             "command was told of no project and no credentials, so that it sees only what is\n"
             "stored on this host. The service may have another environment than this shell.",
             "conversațiile acestui cont au mers în {target}, dar comanda nu\n"
             "are niciun proiect și nicio dată de acces, deci vede doar ce este păstrat pe acest\n"
             "sistem. Serviciul poate avea alt mediu decât acest shell."},
     .command = "systemctl show wa-sync -p Environment -p EnvironmentFiles",
     .remark = {"then diagnose with the same", "apoi diagnose cu aceleași valori"}},
    // clock
    {Finding::kClockRight, {"right", "corect"}},
    {.finding = Finding::kClockAhead,
     .line = {"{minutes} ahead", "cu {minutes} înainte"},
     .why =
         {"this host's clock is {minutes} ahead. Google refuses what such a clock signs,\n"
          "accounts seem free to other hosts too late, and conversations are sorted wrongly.",
          "ceasul acestui sistem este cu {minutes} înainte. Google refuză ce semnează un\n"
          "asemenea ceas, conturile se eliberează greșit, iar conversațiile se ordonează greșit."},
     .command = "timedatectl set-ntp true",
     .remark = {"then restart the service", "apoi repornește serviciul"}},
    {.finding = Finding::kClockBehind,
     .line = {"{minutes} behind", "cu {minutes} în urmă"},
     .why = {"this host's clock is {minutes} behind. Google refuses what such a clock signs,\n"
             "accounts seem held by other hosts too long, and conversations are sorted wrongly.",
             "ceasul acestui sistem este cu {minutes} în urmă. Google refuză ce semnează un\n"
             "asemenea ceas, conturile par rezervate prea mult, iar conversațiile se ordonează\n"
             "greșit."},
     .command = "timedatectl set-ntp true",
     .remark = {"then restart the service", "apoi repornește serviciul"}},
    // state_dir
    {Finding::kStateDir, {"{path}, {free_bytes} free", "{path}, liber {free_bytes}"}},
    {Finding::kStateDirMissing, {"{path} is not there yet", "{path} nu există încă"}},
    {.finding = Finding::kNoSpace,
     .line = {"{path}: only {free_bytes} free", "{path}: liber doar {free_bytes}"},
     .why =
         {"the disk of the state directory is full, so that nothing new can be stored. WhatsApp\n"
          "keeps what is not acknowledged, and sends it again.",
          "discul directorului de stare este plin, deci nu se mai poate păstra nimic nou.\n"
          "WhatsApp ține mesajele neconfirmate și le trimite din nou."},
     .command = "df -h '{path}'",
     .remark = {"free some space there", "eliberează spațiu acolo"}},
    // file
    {Finding::kFileSound, {"the account's file is sound", "fișierul contului este întreg"}},
    {.finding = Finding::kFileDamaged,
     .line = {"the account's file is damaged", "fișierul contului este deteriorat"},
     .why = {"SQLite's check finds the file of {account} damaged.",
             "verificarea SQLite găsește deteriorat fișierul {account}."},
     .command = "systemctl stop wa-sync",
     .remark = {"then restore the file from a backup, or move it away and: wa-sync pair",
                "apoi restaurează fișierul dintr-o copie, sau mută-l și: wa-sync pair"}},
    // account
    {.finding = Finding::kNoAccount,
     .line = {"none is paired here", "niciunul nu este conectat aici"},
     .why = {"no WhatsApp account is paired on this host.",
             "niciun cont WhatsApp nu este conectat pe acest sistem."},
     .command = "wa-sync pair{here}",
     .remark = {"scan the QR code", "scanează codul QR"}},
    {Finding::kPaired, {"{phone} paired {paired_at}", "{phone} conectat {paired_at}"}},
    {.finding = Finding::kUnlinked,
     .line = {"{phone} was unlinked from this host",
              "{phone} a fost deconectat de pe acest sistem"},
     .why = {"the account was unlinked here; its conversations were kept, and nothing new comes.",
             "contul a fost deconectat aici; conversațiile au rămas, dar nu vine nimic nou."},
     .command = "wa-sync pair{here}",
     .remark = {"scan the QR code", "scanează codul QR"}},
    {.finding = Finding::kLoggedOut,
     .line = {"{phone} paired {paired_at}, logged out by the phone",
              "{phone} conectat {paired_at}, scos de pe telefon"},
     .why =
         {"the phone has removed this device from its linked devices (or WhatsApp did, after two\n"
          "weeks without the phone). What came before is kept.",
          "telefonul a scos acest dispozitiv din dispozitivele conectate (sau WhatsApp, după două\n"
          "săptămâni fără telefon). Ce a venit înainte se păstrează."},
     .command = "wa-sync pair{here}",
     .remark = {"re-pair: scan the QR again", "re-pair: scanează din nou QR"}},
    // phone
    {Finding::kPhoneHeard, {"last heard of {last_heard}", "văzut ultima dată {last_heard}"}},
    {Finding::kPhoneNotHeard,
     {"not heard of since it was linked", "nu a dat niciun semn de la conectare"}},
    {Finding::kPhoneSilent,
     {"last heard of {last_heard}; WhatsApp logs out after some 14 days without the phone",
      "văzut ultima dată {last_heard}; după vreo 14 zile fără telefon WhatsApp deconectează"}},
    // holder
    {Finding::kListening,
     {"wa-sync listen runs, as {instance}", "rulează wa-sync listen, ca {instance}"}},
    {Finding::kHeldByCommand,
     {"process {pid} works with the account", "procesul {pid} lucrează cu contul"}},
    {.finding = Finding::kNobodyListens,
     .line = {"wa-sync listen does not run; last connected {last_connected_at}",
              "wa-sync listen nu rulează; ultima conexiune {last_connected_at}"},
     .why = {"the account is paired, but nothing keeps it connected: new messages wait at\n"
             "WhatsApp until it is connected again.",
             "contul este conectat la telefon, dar nimic nu îl ține online: mesajele noi așteaptă\n"
             "la WhatsApp până la reconectare."},
     .command = "wa-sync listen{here}",
     .remark = {"as a service: systemctl start wa-sync", "ca serviciu: systemctl start wa-sync"}},
    {.finding = Finding::kHolderSilent,
     .line = {"process {pid} holds the account and does not answer",
              "procesul {pid} ține contul și nu răspunde"},
     .why = {"the process that has the account's connection does not answer: {error}.",
             "procesul care are conexiunea contului nu răspunde: {error}."},
     .command = "systemctl restart wa-sync",
     .remark = {"nothing that was acknowledged is lost", "nimic confirmat nu se pierde"}},
    {.finding = Finding::kHeldElsewhere,
     .line = {"{instance} holds the account until {until}",
              "{instance} ține contul până la {until}"},
     .why =
         {"another instance runs this account: its lease is good until {until}. This host is\n"
          "passive, and only that one can tell of the connection and the history.",
          "altă instanță rulează acest cont: rezervarea ei este valabilă până la {until}. Acest\n"
          "sistem este pasiv, iar despre conexiune și istoric știe doar cealaltă."},
     .command = "wa-sync diagnose",
     .remark = {"on the host of {instance}", "pe sistemul instanței {instance}"}},
    // connection
    {Finding::kConnected,
     {"connected {since}, last message {last_message}",
      "conectat {since}, ultimul mesaj {last_message}"}},
    {Finding::kConnectedOnce, {"connected {since}", "conectat {since}"}},
    {.finding = Finding::kConnecting,
     .line = {"is being connected ({status})", "se conectează ({status})"},
     .why = {"wa-sync listen runs, and is only just connecting to WhatsApp.",
             "wa-sync listen rulează și abia se conectează la WhatsApp."},
     .command = "wa-sync diagnose{here}",
     .remark = {"once more, in half a minute", "încă o dată, peste o jumătate de minut"}},
    {.finding = Finding::kNotConnected,
     .line = {"not connected: {reason}", "neconectat: {reason}"},
     .why = {"wa-sync listen runs, but WhatsApp cannot be reached or refuses it:\n{reason}.",
             "wa-sync listen rulează, dar WhatsApp nu poate fi contactat sau refuză:\n{reason}."},
     .command = "systemctl reload wa-sync",
     .remark = {"tries again at once; check network and proxy first",
                "încearcă din nou imediat; verifică întâi rețeaua și proxy-ul"}},
    {.finding = Finding::kNothingHeard,
     .line = {"nothing heard from WhatsApp since {last_traffic}",
              "nimic de la WhatsApp: ultima dată {last_traffic}"},
     .why = {"the connection is open, but WhatsApp, who speaks every half minute, is silent.",
             "conexiunea este deschisă, dar WhatsApp, care vorbește la jumătate de minut, tace."},
     .command = "systemctl restart wa-sync",
     .remark = {"connects anew", "se conectează din nou"}},
    // live
    {Finding::kLiveAnswers,
     {"WhatsApp answered in {took_ms} ms, over the listener's connection",
      "WhatsApp a răspuns în {took_ms} ms, pe conexiunea listenerului"}},
    {Finding::kLiveLogsIn,
     {"WhatsApp lets the account in, and answered in {took_ms} ms",
      "WhatsApp primește contul și a răspuns în {took_ms} ms"}},
    {.finding = Finding::kLiveNotConnected,
     .line = {"the listener is not connected: {error}", "listenerul nu este conectat: {error}"},
     .why = {"wa-sync listen was asked to ping WhatsApp, and has no connection: {error}.",
             "wa-sync listen trebuia să întrebe WhatsApp și nu are conexiune: {error}."},
     .command = "systemctl reload wa-sync",
     .remark = {"tries again at once; check network and proxy first",
                "încearcă din nou imediat; verifică întâi rețeaua și proxy-ul"}},
    {.finding = Finding::kLiveConnectionSilent,
     .line = {"WhatsApp does not answer over the listener's connection",
              "WhatsApp nu răspunde pe conexiunea listenerului"},
     .why = {"wa-sync listen takes itself to be connected, but WhatsApp does not answer it.\n"
             "It notices that by itself within a minute, and connects anew.",
             "wa-sync listen se crede conectat, dar WhatsApp nu îi răspunde.\n"
             "Observă singur într-un minut și se reconectează."},
     .command = "systemctl restart wa-sync",
     .remark = {"connects anew at once", "se reconectează imediat"}},
    {.finding = Finding::kLiveSilent,
     .line = {"no answer: {error}", "fără răspuns: {error}"},
     .why = {"WhatsApp, or what is in its place, does not answer this host: {error}.\n"
             "A firewall or a proxy that swallows the connection does that.",
             "WhatsApp, sau ce îi ține locul, nu răspunde acestui sistem: {error}.\n"
             "Așa face un firewall sau un proxy care înghite conexiunea."},
     .command = "curl -sS -m 10 -o /dev/null https://web.whatsapp.com/",
     .remark = {"says whether network and proxy let it through",
                "spune dacă rețeaua și proxy-ul îl lasă"}},
    {.finding = Finding::kLiveUnreachable,
     .line = {"not reachable: {error}", "nu poate fi contactat: {error}"},
     .why = {"WhatsApp cannot be reached from this host: {error}.",
             "WhatsApp nu poate fi contactat de pe acest sistem: {error}."},
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
     .why = {"WhatsApp was reached, and does not let the account in:\n{why}.",
             "WhatsApp a fost contactat și nu primește contul:\n{why}."},
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
     .why = {"WhatsApp lets one program at a time be connected as this device: {error}.",
             "WhatsApp lasă conectat ca acest dispozitiv un singur program: {error}."},
     .command = "systemctl stop wa-sync",
     .remark = {"where the other one runs: a restored copy of the state directory, say",
                "unde rulează celălalt: o copie restaurată a directorului de stare, de exemplu"}},
    {.finding = Finding::kLiveRefused,
     .line = {"WhatsApp refuses: {error}", "WhatsApp refuză: {error}"},
     .why = {"WhatsApp was reached, and refuses this device: {why}.",
             "WhatsApp a fost contactat și refuză acest dispozitiv: {why}."},
     .command = "wa-sync diagnose --live{here}",
     .remark = {"once more, in an hour; if it stays so, upgrade wa-sync",
                "încă o dată, peste o oră; dacă rămâne așa, actualizează wa-sync"}},
    {Finding::kLiveNotLinked,
     {"not asked: the account is not linked", "neîntrebat: contul nu este conectat"}},
    {.finding = Finding::kLiveHeldHere,
     .line = {"not asked: another process works with the account",
              "neîntrebat: alt proces lucrează cu contul"},
     .why = {"another process of this host works with the account and cannot be asked, and a\n"
             "login of our own would end its connection.",
             "alt proces al acestui sistem lucrează cu contul și nu poate fi întrebat, iar o\n"
             "conectare de aici i-ar întrerupe conexiunea."},
     .command = "wa-sync diagnose --live{here}",
     .remark = {"once that has ended", "după ce acela se termină"}},
    {Finding::kLiveHeldElsewhere,
     {"not asked: {instance} has it until {until}, and would lose its connection",
      "neîntrebat: îl ține {instance} până la {until} și și-ar pierde conexiunea"}},
    {Finding::kLiveLeaseUnknown,
     {"not asked: Firestore did not tell whether another host has the account",
      "neîntrebat: Firestore nu a spus dacă alt sistem ține contul"}},
    {.finding = Finding::kLiveOldListener,
     .line = {"not asked: wa-sync listen is of an older version",
              "neîntrebat: wa-sync listen are o versiune mai veche"},
     .why = {"wa-sync listen runs an older version, which cannot be asked to ping WhatsApp.",
             "wa-sync listen rulează o versiune mai veche, care nu poate întreba WhatsApp."},
     .command = "systemctl restart wa-sync",
     .remark = {"runs the version that is installed now", "pornește versiunea instalată acum"}},
    // history
    {Finding::kHistoryHere, {"complete: {chunks}, {saved}", "complet: {chunks}, {saved}"}},
    {Finding::kHistoryRecent,
     {"recent history only, as was asked: {chunks}, {saved}",
      "doar istoricul recent, cum s-a cerut: {chunks}, {saved}"}},
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
    {Finding::kNoHistoryOfThisLink,
     {"none came when the account was paired {paired_at}",
      "niciunul la conectarea contului, {paired_at}"}},
    {.finding = Finding::kHistoryAwaited,
     .line = {"awaited: paired {paired_at}, nothing has come yet",
              "așteptat: conectat {paired_at}, încă nu a venit nimic"},
     .why =
         {"the phone has just been paired and has not begun to send its history. It must be\n"
          "online, with WhatsApp open.",
          "telefonul tocmai a fost conectat și încă nu a început să trimită istoricul. Trebuie să\n"
          "fie online, cu WhatsApp deschis."},
     .command = "wa-sync diagnose{here}",
     .remark = {"once more, in some minutes", "încă o dată, peste câteva minute"}},
    {.finding = Finding::kHistoryArriving,
     .line = {"arriving: {progress} %, {waiting} to be taken in, last {last_at}",
              "sosește: {progress} %, de preluat {waiting}, ultimul {last_at}"},
     .why = {"the history is still arriving. Keep the phone online, with WhatsApp open.",
             "istoricul încă sosește. Ține telefonul online, cu WhatsApp deschis."},
     .command = "wa-sync diagnose{here}",
     .remark = {"once more, in some minutes", "încă o dată, peste câteva minute"}},
    {.finding = Finding::kHistoryStalled,
     .line = {"stalled at {progress} %, {waiting} to be taken in, last {last_at}",
              "oprit la {progress} %, de preluat {waiting}, ultimul {last_at}"},
     .why = {"the history stopped arriving before the phone had sent all of it. Open WhatsApp on\n"
             "the phone and wait some minutes; if nothing moves, re-pair. {hint}",
             "istoricul s-a oprit înainte ca telefonul să fi trimis tot. Deschide WhatsApp pe "
             "telefon\n"
             "și așteaptă câteva minute; dacă nu se mișcă nimic, re-pair. {hint}"},
     .command = "wa-sync pair --again{here}",
     .remark = {"re-pair: scan the QR again", "re-pair: scanează din nou QR"}},
    {.finding = Finding::kHistoryTried,
     .line = {"arrived, but was only tried: nothing of it was stored",
              "a sosit, dar a fost doar probat: nimic nu s-a păstrat"},
     .why =
         {"WHATSAPP_HISTORY_SYNC_DRY_RUN was set when the account was paired: its history came\n"
          "and was thrown away.",
          "WHATSAPP_HISTORY_SYNC_DRY_RUN era setată la conectarea contului: istoricul a sosit și\n"
          "a fost aruncat."},
     .command = "env -u WHATSAPP_HISTORY_SYNC_DRY_RUN wa-sync pair --again{here}",
     .remark = {"re-pair: scan the QR again", "re-pair: scanează din nou QR"}},
    {.finding = Finding::kHistoryPartsLost,
     .line = {"{lost} could not be used, {chunks} could", "{lost} nefolosite, {chunks} folosite"},
     .why = {"parts of the history could not be used ({error}), so that old\nmessages are missing. "
             "Only linking again brings them.",
             "părți din istoric nu au putut fi folosite ({error}), deci lipsesc\nmesaje vechi. Le "
             "aduce doar o nouă conectare."},
     .command = "wa-sync pair --again{here}",
     .remark = {"re-pair: scan the QR again", "re-pair: scanează din nou QR"}},
    // threads
    {Finding::kThreads, {"{threads} here, {messages}", "aici {threads}, {messages}"}},
    {Finding::kThreadsAwaited,
     {"{threads} here, {messages}, {awaited} not readable yet",
      "aici {threads}, {messages}, încă necitibile {awaited}"}},
    {.finding = Finding::kNoConversations,
     .line = {"none here", "niciuna aici"},
     .why = {"nothing is wrong: the phone has no conversations.",
             "nu este nimic în neregulă: telefonul nu are conversații."},
     .command = "wa-sync threads list{here}",
     .remark = {"after sending or receiving one message", "după ce trimiți sau primești un mesaj"}},
    {.finding = Finding::kOldMessagesMissing,
     .line = {"{threads} here; {never_asked} without their history",
              "aici {threads}; {never_asked} fără istoric"},
     .why = {"conversations exist, but no history came when the account was paired: their old\n"
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
          "asks from a message that is here, so that these come only by linking again.",
          "istoricul a numit conversații și pentru cele mai multe nu a adus mesaje. Backfill cere\n"
          "pornind de la un mesaj existent, deci acestea vin doar cu o nouă conectare."},
     .command = "wa-sync pair --again{here}",
     .remark = {"re-pair: scan the QR again", "re-pair: scanează din nou QR"}},
    // backfill
    {Finding::kNeverFilled,
     {"never asked for older messages", "niciodată cerute mesaje mai vechi"}},
    {Finding::kFilling,
     {"asking for older messages, since {started_at}",
      "se cer mesaje mai vechi, început {started_at}"}},
    {Finding::kFilled,
     {"{last_at}: {threads} looked after, {messages}, {errors} errors",
      "{last_at}: parcurse {threads}, {messages}, erori {errors}"}},
    {Finding::kFilledRests,
     {"{last_at}: {threads} looked after, {messages}, {errors} errors; by itself again at {until}",
      "{last_at}: parcurse {threads}, {messages}, erori {errors}; singur din nou la {until}"}},
    {Finding::kFillingFailed,
     {"the scheduled one of {last_at} failed: {error}",
      "cel programat, de {last_at}, a eșuat: {error}"}},
    // upload_queue
    {Finding::kQueueEmpty, {"all of it is in Firestore", "totul este în Firestore"}},
    {Finding::kQueueMoving, {"{queued} on their way", "pe drum: {queued}"}},
    {.finding = Finding::kListenerSendsNothing,
     .line = {"{queued} wait, and wa-sync listen sends nothing",
              "așteaptă {queued}, iar wa-sync listen nu trimite"},
     .why = {"wa-sync listen runs without Firestore: it was started with another configuration\n"
             "than this command has, so that what it takes in stays on this host.",
             "wa-sync listen rulează fără Firestore: a fost pornit cu altă configurație decât are\n"
             "această comandă, deci ce preia rămâne pe acest sistem."},
     .command = "systemctl edit wa-sync",
     .remark = {"name the project and credentials there, then restart it",
                "numește acolo proiectul și datele de acces, apoi repornește-l"}},
    {.finding = Finding::kQueueStuck,
     .line = {"{queued} wait, the oldest from {oldest}: {error}",
              "așteaptă {queued}, cel mai vechi de {oldest}: {error}"},
     .why = {"what was taken in here does not get to Firestore: {error}.\n"
             "Nothing is lost: it is sent when Firestore takes it.",
             "ce s-a preluat aici nu ajunge în Firestore: {error}.\n"
             "Nu s-a pierdut nimic: se trimite când Firestore primește."},
     .command = "wa-sync threads list --source firestore{here}",
     .remark = {"says what Firestore answers to this host",
                "spune ce răspunde Firestore acestui sistem"}},
    {.finding = Finding::kQueueOld,
     .line = {"{queued} wait, the oldest from {oldest}",
              "așteaptă {queued}, cel mai vechi de {oldest}"},
     .why = {"something was taken in {oldest} and has not got to Firestore, and wa-sync listen\n"
             "cannot say why. Nothing is lost.",
             "ceva preluat {oldest} nu a ajuns în Firestore, iar wa-sync listen nu poate spune de\n"
             "ce. Nu s-a pierdut nimic."},
     .command = "systemctl restart wa-sync",
     .remark = {"sends what waits; its log says more",
                "trimite ce așteaptă; jurnalul spune mai mult"}},
    {.finding = Finding::kSetAside,
     .line = {"{set_aside} refused for good: {refusal}",
              "refuzate definitiv {set_aside}: {refusal}"},
     .why = {"Firestore refuses {set_aside} for good: {refusal}.\n"
             "All others are there; these are kept on this host.",
             "Firestore refuză definitiv {set_aside}: {refusal}.\n"
             "Toate celelalte sunt acolo; acestea rămân pe acest sistem."},
     .command = "wa-sync diagnose --fix{here}",
     .remark = {"offers them to Firestore again", "le oferă din nou lui Firestore"}},
    {.finding = Finding::kSetAsideAgain,
     .line = {"{set_aside} refused again: {refusal}", "refuzate din nou {set_aside}: {refusal}"},
     .why =
         {"Firestore refuses {set_aside} for good: {refusal}.\n"
          "They were offered to it again, in vain. All others are there; these are kept here.",
          "Firestore refuză definitiv {set_aside}: {refusal}.\n"
          "I-au fost oferite din nou, în zadar. Toate celelalte sunt acolo; acestea rămân aici."},
     .command = "wa-sync accounts list --json{here}",
     .remark = {"counts them as set_aside; please report it",
                "le numără ca set_aside; raportează"}},
    // firestore
    {Finding::kFirestoreReachable,
     {"project {project}, reachable in {took_ms} ms",
      "proiectul {project}, răspunde în {took_ms} ms"}},
    {.finding = Finding::kFirestoreUnreachable,
     .line = {"project {project} not reachable: {error}",
              "proiectul {project} nu răspunde: {error}"},
     .why = {"Firestore does not answer this host, so that it cannot be said what the app shows:\n"
             "{error}.",
             "Firestore nu răspunde acestui sistem, deci nu se poate spune ce arată aplicația:\n"
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
     .remark = {"who has which role", "cine ce rol are"}},
    // account_document
    {Finding::kDocumentConnected, {"its status is \"connected\"", "starea lui este „connected”"}},
    {.finding = Finding::kDocumentOnItsWay,
     .line = {"not \"connected\" yet; its status is on its way",
              "încă nu este „connected”; starea este pe drum"},
     .why = {"the app shows the conversations of connected accounts only, and the word that\n"
             "this one is connected is only just being sent to Firestore.",
             "aplicația arată doar conversațiile conturilor conectate, iar vestea că acesta este\n"
             "conectat abia se trimite în Firestore."},
     .command = "wa-sync diagnose{here}",
     .remark = {"once more, in half a minute", "încă o dată, peste o jumătate de minut"}},
    {.finding = Finding::kDocumentMissing,
     .line = {"not in Firestore", "nu este în Firestore"},
     .why = {"Firestore has no document of this account, and the app shows the conversations of\n"
             "accounts only. A listener that starts writes it.",
             "Firestore nu are documentul acestui cont, iar aplicația arată doar conversații ale\n"
             "unor conturi. Un listener care pornește îl scrie."},
     .command = "systemctl restart wa-sync",
     .remark = {"writes the account anew", "scrie contul din nou"}},
    {.finding = Finding::kDocumentStatus,
     .line = {"its status is \"{status}\", not \"connected\"",
              "starea lui este „{status}”, nu „connected”"},
     .why =
         {"the app shows the conversations of connected accounts only, and in Firestore this one\n"
          "is \"{status}\". Something else may write there: the backend before us, say.",
          "aplicația arată doar conversațiile conturilor conectate, iar în Firestore acesta este\n"
          "„{status}”. Poate altcineva scrie acolo: backend-ul dinainte, de exemplu."},
     .command = "systemctl restart wa-sync",
     .remark = {"writes the status anew", "scrie starea din nou"}},
    // lease
    {Finding::kLeaseHere, {"ours, until {until}", "a noastră, până la {until}"}},
    {Finding::kLeaseNobody, {"nobody claims the account", "nimeni nu rezervă contul"}},
    {.finding = Finding::kLeaseElsewhere,
     .line = {"{instance} claims the account until {until}",
              "{instance} rezervă contul până la {until}"},
     .why = {"two instances run this account: one here, and {instance}, whose lease is good until\n"
             "{until}. WhatsApp lets only one of them be connected.",
             "două instanțe rulează acest cont: una aici și {instance}, a cărei rezervare este\n"
             "valabilă până la {until}. WhatsApp lasă conectată doar una."},
     .command = "systemctl stop wa-sync",
     .remark = {"on the host that shall not have it", "pe sistemul care nu trebuie să îl aibă"}},
    // inbox_query
    {Finding::kWouldShow, {"{shown} to show", "de arătat: {shown}"}},
    {Finding::kQueryWorks,
     {"works (index present): {threads} found, {shown} to show",
      "merge (indexul există): {threads} găsite, de arătat {shown}"}},
    {Finding::kQueryReadInPart,
     {"works (index present): {threads} read, {shown} to show; {not_read} more not read",
      "merge (indexul există): {threads} citite, de arătat {shown}; alte {not_read} necitite"}},
    {.finding = Finding::kIndexMissing,
     .line = {"fails: its index is missing", "eșuează: lipsește indexul ei"},
     .why =
         {"the app's query needs an index of threads (accountId ascending, lastMessageAt\n"
          "descending) that the project lacks, so that the app gets nothing. This link makes it:\n"
          "{link}",
          "interogarea aplicației cere un index pe threads (accountId crescător, lastMessageAt\n"
          "descrescător) care lipsește, deci aplicația nu primește nimic. Acest link îl creează:\n"
          "{link}"},
     .command = "xdg-open '{link}'",
     .remark = {"takes some minutes to be built", "construirea durează câteva minute"}},
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
     .why = {"Firestore does not answer the app's query, so that it cannot be said what the app\n"
             "shows: {error}.",
             "Firestore nu răspunde la interogarea aplicației, deci nu se poate spune ce arată\n"
             "aplicația: {error}."},
     .command = "wa-sync threads list --source firestore{here}",
     .remark = {"runs the same query", "rulează aceeași interogare"}},
    // hidden
    {Finding::kNothingHidden, {"none", "niciuna"}},
    {Finding::kSomeHidden, {"{hidden}: {reasons}", "{hidden}: {reasons}"}},
    {.finding = Finding::kAllHidden,
     .line = {"all of them: {reasons}", "toate: {reasons}"},
     .why = {"conversations are there, but the app hides every one of them: {reasons}.",
             "conversațiile există, dar aplicația le ascunde pe toate: {reasons}."},
     .command = "wa-sync threads list --all --hidden{source}{here}",
     .remark = {"says of each why", "spune la fiecare de ce"}},
    // without_last_message_at
    {Finding::kAllHaveTimes, {"none lacks lastMessageAt", "toate au lastMessageAt"}},
    {.finding = Finding::kWithoutTime,
     .line = {"{threads} without lastMessageAt", "{threads} fără lastMessageAt"},
     .why = {"{threads} in Firestore have no lastMessageAt, and the app's query passes over them.\n"
             "Another writer left them so: wa-sync always sets it.",
             "{threads} din Firestore nu au lastMessageAt, iar interogarea aplicației le sare.\n"
             "Alt program le-a lăsat așa: wa-sync îl setează mereu."},
     .command = "wa-sync diagnose --fix{here}",
     .remark = {"sets it to the time of their newest message",
                "pune ora celui mai nou mesaj al lor"}},
    {.finding = Finding::kWithoutTimeForGood,
     .line = {"{threads} without lastMessageAt, nor a message",
              "{threads} fără lastMessageAt și fără mesaje"},
     .why = {"{threads} in Firestore have no lastMessageAt, and the app's query passes over them.\n"
             "They have no message with a usable time either: the next message of each sets it.",
             "{threads} din Firestore nu au lastMessageAt, iar interogarea aplicației le sare.\n"
             "Nu au nici vreun mesaj cu o oră folosibilă: următorul mesaj al fiecăreia îl pune."},
     .command = "xdg-open 'https://console.firebase.google.com/project/{project}/firestore'",
     .remark = {"look at them there", "uită-te la ele acolo"}},
    // mangled_ids
    {Finding::kNoMangledIds, {"none", "niciunul"}},
    {Finding::kMangledIds,
     {"{threads} with [object Object] in the id, which the app passes over",
      "{threads} cu [object Object] în id, pe care aplicația le sare"}},
    // duplicates
    {Finding::kNoDuplicates, {"none", "niciuna"}},
    {Finding::kDuplicates,
     {"{threads} of a phone that has another; see wa-sync diagnose --fix",
      "{threads} ale unui telefon care mai are una; vezi wa-sync diagnose --fix"}},
    // same_phone
    {Finding::kOneAccountOfPhone,
     {"no other account of this phone", "niciun alt cont al acestui telefon"}},
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
     .remark = {"or the other: the one that the app shall not show",
                "sau celălalt: cel pe care aplicația nu trebuie să îl arate"}},
    // any
    {.finding = Finding::kNotLooked,
     .line = {"could not be looked at: {why}", "nu s-a putut privi: {why}"},
     .why = {"it could not be looked: {why}.\n{hint}", "nu s-a putut privi: {why}.\n{hint}"},
     .command = "wa-sync diagnose --timeout 1m{here}",
     .remark = {"once that is mended", "după ce se remediază"}},
};
static_assert(std::size(kWords) == static_cast<std::size_t>(Finding::kCount));

struct Label {
  CheckId check;
  BothLanguages label;
};

constexpr Label kLabels[] = {
    {CheckId::kConfig, {"inbox", "inbox"}},
    {CheckId::kClock, {"clock", "ceas"}},
    {CheckId::kStateDir, {"state", "stare"}},
    {CheckId::kFile, {"file", "fișier"}},
    {CheckId::kAccount, {"account", "cont"}},
    {CheckId::kPhone, {"phone", "telefon"}},
    {CheckId::kHolder, {"listener", "listener"}},
    {CheckId::kConnection, {"connection", "conexiune"}},
    {CheckId::kLive, {"live", "pe viu"}},
    {CheckId::kHistory, {"history", "istoric"}},
    {CheckId::kThreads, {"threads", "conversații"}},
    {CheckId::kBackfill, {"backfill", "backfill"}},
    {CheckId::kUploadQueue, {"upload", "trimitere"}},
    {CheckId::kFirestore, {"firestore", "firestore"}},
    {CheckId::kAccountDocument, {"app's account", "cont în app"}},
    {CheckId::kLease, {"lease", "rezervare"}},
    {CheckId::kInboxQuery, {"inbox query", "interogare"}},
    {CheckId::kHidden, {"hidden", "ascunse"}},
    {CheckId::kWithoutLastMessageAt, {"undated", "nedatate"}},
    {CheckId::kMangledIds, {"mangled ids", "id-uri stricate"}},
    {CheckId::kDuplicates, {"duplicates", "dubluri"}},
    {CheckId::kSamePhone, {"same phone", "același telefon"}},
};

}  // namespace

const FindingWords& words_of(Finding finding) {
  const auto* found = std::ranges::find(kWords, finding, &FindingWords::finding);
  return found == std::end(kWords) ? *(std::end(kWords) - 1) : *found;
}

BothLanguages phone_first(bool ever_heard) {
  if (ever_heard)
    return {"The phone was last heard of {last_heard}: switch it on first, and open WhatsApp.",
            "Telefonul a fost văzut ultima dată {last_heard}: pornește-l întâi și deschide "
            "WhatsApp."};
  return {"The phone was not heard of since it was linked: switch it on first, and open WhatsApp.",
          "Telefonul nu a dat niciun semn de la conectare: pornește-l întâi și deschide "
          "WhatsApp."};
}

BothLanguages label_of(CheckId check) {
  const auto* found = std::ranges::find(kLabels, check, &Label::check);
  return found == std::end(kLabels) ? BothLanguages{} : found->label;
}

BothLanguages word_of(Verdict verdict) {
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
