#include "cli/messages.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "cli/env.h"

namespace wasync {
namespace {

struct Entry {
  Text which;
  std::string_view english;
  std::string_view romanian;
};

constexpr Entry kCatalogue[] = {
    {Text::kHintLabel, "hint", "sfat"},
    {Text::kServerKeyAlone, "--server-key can only be used together with --server",
     "--server-key se poate folosi doar împreună cu --server"},
    {Text::kServerKeyAloneHint,
     "WhatsApp's own key is built in; another one is for a simulator, so name its address too.",
     "Cheia WhatsApp este inclusă; alta servește doar unui simulator, deci dă și adresa lui."},
    {Text::kBadServerKey, "--server-key must be 64 hexadecimal digits",
     "--server-key trebuie să aibă 64 de cifre hexazecimale"},
    {Text::kBadServerKeyHint, "The simulator prints it as root_key when it starts.",
     "Simulatorul o afișează la pornire, ca root_key."},
    {Text::kBadPhone, "--phone is not an international phone number",
     "--phone nu este un număr de telefon internațional"},
    {Text::kBadPhoneHint, "Write it with the country code, like +40737123397.",
     "Scrie-l cu prefixul țării, ca +40737123397."},
    {Text::kCodeNeedsPhone, "--method code needs --phone", "--method code cere și --phone"},
    {Text::kCodeNeedsPhoneHint,
     "The code is made for one phone: wa-sync pair --method code --phone +40737123397",
     "Codul este făcut pentru un telefon: wa-sync pair --method code --phone +40737123397"},
    {Text::kPhoneOfAnother, "--phone and --account name different accounts",
     "--phone și --account numesc conturi diferite"},
    {Text::kPhoneOfAnotherHint, "Leave one of them out.", "Omite una dintre ele."},
    {Text::kNoAccount, "no account is paired here", "niciun cont nu este conectat aici"},
    {Text::kNoAccountHint, "Connect at least one account: wa-sync pair",
     "Conectează cel puțin un cont: wa-sync pair"},
    {Text::kNoSuchAccount, "no account matches \"{}\"", "niciun cont nu corespunde cu „{}”"},
    {Text::kAmbiguousAccount, "more than one account matches \"{}\"",
     "mai multe conturi corespund cu „{}”"},
    {Text::kWhichAccount, "there are several accounts, and --account names none of them",
     "sunt mai multe conturi, iar --account nu numește niciunul"},
    {Text::kChooseAccountHint, "Choose one of: {}", "Alege unul dintre: {}"},
    {Text::kNoSuchThread, "no conversation matches \"{}\"",
     "nicio conversație nu corespunde cu „{}”"},
    {Text::kNoSuchThreadHint, "See what there is: wa-sync threads list --all --hidden",
     "Vezi ce există: wa-sync threads list --all --hidden"},
    {Text::kAmbiguousThread, "more than one conversation matches \"{}\"",
     "mai multe conversații corespund cu „{}”"},
    {Text::kAmbiguousThreadHint, "Name one of these:", "Alege una dintre acestea:"},
    {Text::kUnexpected, "unexpected failure: {}", "eroare neașteptată: {}"},

    {Text::kColumnPhone, "PHONE", "TELEFON"},
    {Text::kColumnName, "NAME", "NUME"},
    {Text::kColumnStatus, "STATUS", "STARE"},
    {Text::kColumnLastConnection, "LAST CONNECTION", "ULTIMA CONEXIUNE"},
    {Text::kColumnThreads, "THREADS", "CONVERSAȚII"},
    {Text::kColumnMessages, "MESSAGES", "MESAJE"},
    {Text::kColumnUnsent, "UNSENT", "NETRIMISE"},
    {Text::kColumnAccount, "ACCOUNT", "CONT"},
    {Text::kColumnTime, "TIME", "ORA"},
    {Text::kColumnUnread, "UNREAD", "NECITITE"},
    {Text::kColumnLastMessage, "LAST MESSAGE", "ULTIMUL MESAJ"},
    {Text::kColumnHidden, "HIDDEN BECAUSE", "ASCUNSĂ PENTRU CĂ"},

    {Text::kNever, "never", "niciodată"},
    {Text::kUpdatingFile, "updating the account file: {} %",
     "se actualizează fișierul contului: {} %"},
    {Text::kAppStateDamaged,
     "What the phone keeps about chats cannot be trusted in part: {}.\n"
     "Saved names, archive or mute may be missing. To fetch it anew: wa-sync pair --again",
     "Ce ține telefonul minte despre conversații nu este în întregime de încredere: {}.\n"
     "Pot lipsi nume salvate, arhivări sau sunete oprite. Se aduce din nou cu: wa-sync pair "
     "--again"},
    {Text::kMessagesAwaited,
     "{} cannot be read yet: asked of their senders and of the phone.\n"
     "They come while wa-sync listen runs and the phone is online.",
     "{} încă nu se pot citi: au fost cerute de la expeditori și de la telefon.\n"
     "Vin cât timp rulează wa-sync listen și telefonul este online."},
    {Text::kEmptyNoHistory,
     "No conversations yet: the account is paired, but WhatsApp sent no history when it was\n"
     "paired and no message has come since.",
     "Nicio conversație încă: contul este conectat, dar WhatsApp nu a trimis istoric la\n"
     "conectare și de atunci nu a venit niciun mesaj."},
    {Text::kEmptyNoHistoryDo,
     "Re-pair (wa-sync pair --again, then scan the QR), or send or receive a new message.",
     "Re-pair (wa-sync pair --again, apoi scanează QR) sau trimite/primește un mesaj nou."},
    {Text::kEmptyHistoryArriving,
     "No conversations yet: history was still arriving ({}%) when the account was last connected.",
     "Nicio conversație încă: istoricul încă sosea ({}%) la ultima conectare a contului."},
    {Text::kEmptyHistoryArrivingDo, "Let it finish: wa-sync pair",
     "Lasă-l să se termine: wa-sync pair"},
    {Text::kEmptyDryRun, "No conversations: the history that arrived was only tried, not stored.",
     "Nicio conversație: istoricul care a sosit a fost doar probat, nu păstrat."},
    {Text::kEmptyNoChats, "No conversations: history arrived, and the phone has no chats in it.",
     "Nicio conversație: istoricul a sosit, iar telefonul nu are conversații în el."},
    {Text::kEmptyNoChatsDo, "Send or receive a new message.", "Trimite sau primește un mesaj nou."},
    {Text::kEmptyAllHidden, "Nothing to show: {} here, but the Inbox app hides all of them.",
     "Nimic de afișat: aici sunt {}, dar aplicația Inbox le ascunde pe toate."},
    {Text::kEmptyAllHiddenDo, "See them, and why: wa-sync threads list --hidden",
     "Vezi care și de ce: wa-sync threads list --hidden"},
    {Text::kEmptyDiagnose, "Is anything else wrong? wa-sync diagnose",
     "E altceva în neregulă? wa-sync diagnose"},
    {Text::kEmptyNoMatch, "No conversation matches. There are {} in all.",
     "Nicio conversație nu corespunde. În total sunt {}."},
    {Text::kMoreThreads, "Only the newest {} are shown; --all shows every one.",
     "Sunt afișate doar cele mai noi {}; --all le arată pe toate."},
    {Text::kAppHidesAccount,
     "The Inbox app shows nothing of {}: its status in Firestore is \"{}\", not \"connected\".",
     "Aplicația Inbox nu arată nimic din {}: în Firestore starea lui este „{}”, nu „connected”."},
    {Text::kEmptyInFirestore,
     "The Inbox app's query brings nothing to show. What is here: wa-sync threads list",
     "Interogarea aplicației Inbox nu aduce nimic de arătat. Ce este aici: wa-sync threads list"},
    {Text::kPlaceholder, "(no messages yet)", "(încă fără mesaje)"},
    {Text::kThreadEmpty, "No messages in this conversation yet: history named it without any.",
     "Încă niciun mesaj în această conversație: istoricul a numit-o fără mesaje."},
    {Text::kThreadEmptyDo, "New messages appear here; older ones come with wa-sync pair --again.",
     "Mesajele noi apar aici; cele vechi vin cu wa-sync pair --again."},
    {Text::kOlderMessages, "There are older messages: --before \"{}\" shows them.",
     "Există mesaje mai vechi: --before \"{}\" le arată."},

    {Text::kMe, "me", "eu"},
    {Text::kImage, "image", "imagine"},
    {Text::kVideo, "video", "video"},
    {Text::kAudio, "audio", "audio"},
    {Text::kDocument, "document", "document"},
    {Text::kSticker, "sticker", "sticker"},
    {Text::kLocation, "location", "locație"},
    {Text::kContactCard, "contact", "contact"},
    {Text::kPoll, "poll", "sondaj"},
    {Text::kWaitingForMessage, "waiting for this message", "se așteaptă acest mesaj"},
    {Text::kOtherContent, "content of a kind this version does not know",
     "conținut de un fel pe care această versiune nu îl cunoaște"},
    {Text::kDeleted, "deleted", "șters"},
    {Text::kEdited, "edited", "editat"},
    {Text::kReplyTo, "reply to", "răspuns la"},
    {Text::kTruncated, "the rest was too long to keep", "restul era prea lung pentru a fi păstrat"},

    {Text::kScanGuide, "Phone: WhatsApp > Settings > Linked devices > Link a device, scan this:",
     "Telefon: WhatsApp > Setări > Dispozitive conectate > Conectează, scanează:"},
    {Text::kCodeGuide,
     "Phone: WhatsApp > Settings > Linked devices > Link a device,\n"
     "then \"Link with phone number instead\", and type this code:",
     "Telefon: WhatsApp > Setări > Dispozitive conectate > Conectează un dispozitiv,\n"
     "apoi „Conectează cu numărul de telefon”, și scrie acest cod:"},
    {Text::kCodeReplaced, "The former code is no longer good; this one replaces it.",
     "Codul dinainte nu mai este bun; acesta îl înlocuiește."},
    {Text::kSecondsLeft, "{} s left", "încă {} s"},
    {Text::kWaitingForNextQr, "waiting for a new code", "se așteaptă un cod nou"},
    {Text::kQrLooksBroken, "looks broken? make the window {}x{}, or use --qr-png FILE",
     "arată stricat? fereastră de {}x{} sau --qr-png FIȘIER"},
    {Text::kQrNoRoom,
     "The QR code needs a window of {0} columns and {1} rows; this one has {2} x {3}.",
     "Codul QR cere o fereastră de {0} coloane și {1} rânduri; aceasta are {2} x {3}."},
    {Text::kQrNoRoomDo,
     "Enlarge the window or make its font smaller (it is drawn as soon as it fits),\n"
     "or stop and use: wa-sync pair --qr-png FILE",
     "Mărește fereastra sau micșorează fontul (codul apare imediat ce încape),\n"
     "sau oprește și folosește: wa-sync pair --qr-png FIȘIER"},
    {Text::kQrWritten, "The QR code is also in {}", "Codul QR este și în {}"},
    {Text::kPairedAs, "Linked: {}", "Conectat: {}"},
    {Text::kWaitingForHistory, "waiting for history; keep the phone online, WhatsApp open",
     "se așteaptă istoricul; ține telefonul online, cu WhatsApp deschis"},
    {Text::kHistoryFull, "older history", "istoric vechi"},
    {Text::kHistoryRecent, "recent history", "istoric recent"},
    {Text::kHistoryFirst, "conversations", "conversații"},
    {Text::kHistoryNames, "names", "nume"},
    {Text::kDone, "The inbox is ready.", "Inboxul este gata."},
    {Text::kDryRun, "Only tried: this much would come; nothing of the history was stored.",
     "Doar o probă: atât ar sosi; din istoric nu s-a păstrat nimic."},
    {Text::kDryRunDo,
     "To have it, link again without WHATSAPP_HISTORY_SYNC_DRY_RUN: wa-sync pair --again",
     "Ca să îl ai, conectează din nou fără WHATSAPP_HISTORY_SYNC_DRY_RUN: wa-sync pair --again"},
    {Text::kSummaryAccount, "account", "cont"},
    {Text::kSummaryThreads, "conversations", "conversații"},
    {Text::kSummaryMessages, "messages", "mesaje"},
    {Text::kSummaryContacts, "contacts", "contacte"},
    {Text::kSummaryOldest, "oldest message", "cel mai vechi mesaj"},
    {Text::kSummarySent, "sent to Firestore", "trimise în Firestore"},
    {Text::kSummaryQueued, "still to be sent", "încă de trimis"},
    {Text::kUploadBar, "to Firestore", "spre Firestore"},
    {Text::kUploadWaits, "Firestore, trying again: {}", "Firestore, se încearcă din nou: {}"},
    {Text::kUploadSetAside,
     "Firestore refused some documents for good: {}. They are kept here; accounts list --json "
     "counts them.",
     "Firestore a refuzat definitiv unele documente: {}. Rămân păstrate aici; accounts list --json "
     "le numără."},
    {Text::kUploadUnfinished, "not everything is in Firestore yet, {} still to be sent: {}",
     "nu totul este în Firestore încă, mai sunt {} de trimis: {}"},
    {Text::kUploadUnfinishedDo, "Nothing is lost: wa-sync pair sends the rest, without a new QR.",
     "Nu s-a pierdut nimic: wa-sync pair trimite restul, fără un QR nou."},
    {Text::kNextLabel, "Next", "Mai departe"},
    {Text::kNextList, "wa-sync threads list           the conversations, newest first",
     "wa-sync threads list           conversațiile, cele mai noi întâi"},
    {Text::kNextShow, "wa-sync threads show THREAD    one of them, to read",
     "wa-sync threads show THREAD    una dintre ele, de citit"},
    {Text::kNoHistoryCame, "Linked, but the phone sent no history.",
     "Conectat, dar telefonul nu a trimis istoric."},
    {Text::kNoHistoryCameDo,
     "Open WhatsApp on the phone and run wa-sync pair again, or send or receive a message.",
     "Deschide WhatsApp pe telefon și rulează din nou wa-sync pair, sau trimite/primește un "
     "mesaj."},
    {Text::kStillArriving,
     "History is not complete yet; wa-sync pair resumes it, without a new QR.",
     "Istoricul nu este complet încă; wa-sync pair îl reia, fără un QR nou."},
    {Text::kChunksFailed,
     "Parts of the history could not be used: {}. They can be asked for again: wa-sync pair "
     "--again",
     "Părți din istoric nu au putut fi folosite: {}. Pot fi cerute din nou: wa-sync pair --again"},
    {Text::kPartsDamaged, "Damaged parts that could not be read: {}. All others are here.",
     "Părți deteriorate, care nu au putut fi citite: {}. Toate celelalte sunt aici."},
    {Text::kChunkFailed, "part {} of {} could not be used: {}",
     "partea {} din {} nu a putut fi folosită: {}"},
    {Text::kReconnecting, "connecting again: {}", "reconectare: {}"},
    {Text::kConnecting, "connecting to WhatsApp", "conectare la WhatsApp"},
    {Text::kResumed, "Already linked: {}. History goes on, no QR needed.",
     "Deja conectat: {}. Istoricul continuă, fără QR."},
    {Text::kStops, "Ctrl-C stops", "Ctrl-C oprește"},
    {Text::kInterrupted, "stopped", "oprit"},
    {Text::kInterruptedHint, "wa-sync pair goes on where this stopped.",
     "wa-sync pair continuă de unde s-a oprit."},

    {Text::kPurgeNeedsYes, "--purge deletes conversations, and there is no terminal to ask on",
     "--purge șterge conversații și nu există un terminal pe care să întrebe"},
    {Text::kPurgeNeedsYesHint, "If that is what you want, add --yes.",
     "Dacă asta vrei, adaugă --yes."},
    {Text::kPurgeQuestion,
     "Unlink {} and delete everything of it here, {} with {}? It cannot be undone. [y/N]",
     "Deconectez {} și șterg tot ce ține de el aici, {} cu {}? Nu se poate reveni. [d/N]"},
    {Text::kPurgeDeclined, "nothing was changed", "nu s-a schimbat nimic"},
    {Text::kPurgeDeclinedHint, "Without --purge the conversations are kept: wa-sync unpair",
     "Fără --purge conversațiile se păstrează: wa-sync unpair"},
    {Text::kUnlinked, "Unlinked: {}", "Deconectat: {}"},
    {Text::kUnlinkedBefore, "Already unlinked: {}", "Era deja deconectat: {}"},
    {Text::kInboxNotTold, "Firestore could not be told of it: {}",
     "Firestore nu a putut fi anunțat: {}"},
    {Text::kInboxKept,
     "The conversations are kept; wa-sync pair links the account again, wa-sync unpair --purge "
     "deletes them.",
     "Conversațiile se păstrează; wa-sync pair conectează din nou contul, wa-sync unpair --purge "
     "le șterge."},
    {Text::kPurged, "Everything of it here was deleted.", "Tot ce ținea de el aici a fost șters."},
    {Text::kUnpairInterruptedHint, "Nothing has changed here; run the command again.",
     "Aici nu s-a schimbat nimic; rulează din nou comanda."},
    {Text::kBackfillNoThreads,
     "there is no conversation to fill: backfill only fills conversations that exist, it never "
     "creates one",
     "nu există nicio conversație de completat: backfill completează doar conversații deja "
     "existente, nu creează niciodată una"},
    {Text::kBackfillNoThreadsDo,
     "Two things create conversations: link the phone again, which brings its history (wa-sync "
     "pair --again), or send or receive a message.",
     "Conversațiile apar în două feluri: conectează din nou telefonul, care aduce istoricul "
     "(wa-sync pair --again), sau trimite ori primește un mesaj."},
    {Text::kBackfillAsking, "Asking the phone for older messages…",
     "Se cer telefonului mesaje mai vechi…"},
    {Text::kBackfillReconnecting, "Connecting to WhatsApp…", "Se face conexiunea la WhatsApp…"},
    {Text::kBackfillDone, "{}: {} came that were not here", "{}: au venit {} care nu erau aici"},
    {Text::kBackfillExhausted, "{}: the phone has nothing older",
     "{}: telefonul nu are nimic mai vechi"},
    {Text::kBackfillNoAnchor, "{}: no message here from which to ask",
     "{}: nu există aici niciun mesaj de la care să se ceară"},
    {Text::kBackfillNoAnswer, "{}: the phone gave no answer", "{}: telefonul nu a răspuns"},
    {Text::kBackfillSkipped,
     "{}: not asked about, the phone has said before that it has nothing older (--force asks "
     "again)",
     "{}: nu s-a mai cerut, telefonul a spus deja că nu are nimic mai vechi (--force cere din "
     "nou)"},
    {Text::kBackfillErrors, "{}: what the phone answered could not be had",
     "{}: răspunsul telefonului nu a putut fi obținut"},
    {Text::kBackfillErrorsDo, "Run the same command again; lastly with --verbose, to see why.",
     "Rulează din nou aceeași comandă; la nevoie cu --verbose, ca să vezi de ce."},
    {Text::kBackfillAgain, "What came is kept; run the same command again, it goes on from there.",
     "Ce a venit se păstrează; rulează din nou aceeași comandă, care continuă de acolo."},
    {Text::kFixNeeded, "--yes answers what --fix asks", "--yes răspunde la ce întreabă --fix"},
    {Text::kRepairsTitle, "Can be repaired:", "Se poate repara:"},
    {Text::kRepairsMore, "and {} more", "și încă {}"},
    {Text::kRepairsNone, "There is nothing that could be repaired here.",
     "Nu este nimic ce s-ar putea repara de aici."},
    {Text::kRepairsLeft, "Left alone:", "Rămân cum sunt:"},
    {Text::kRepairsNotLooked, "{}: could not be looked at: {}", "{}: nu s-a putut privi: {}"},
    {Text::kRepairsReads, "Looking cost {} Firestore reads.",
     "Căutarea a costat {} citiri din Firestore."},
    {Text::kRepairsQuestion, "Do these {}? [y/N]", "Le fac pe acestea {}? [d/N]"},
    {Text::kRepairsQuestionOne, "Do this? [y/N]", "Fac asta? [d/N]"},
    {Text::kRepairsDeclined, "Nothing was changed.", "Nu s-a schimbat nimic."},
    {Text::kRepairsNothingDone, "Nothing was changed. This does it: {}",
     "Nu s-a schimbat nimic. Aceasta o face: {}"},
    {Text::kRepairRetry, "refusals: {}, the last one: {}; offer it to Firestore again",
     "refuzuri: {}, ultimul: {}; se oferă din nou lui Firestore"},
    {Text::kRepairSetTime, "no lastMessageAt; set it to the time of the newest message, {}",
     "fără lastMessageAt; se pune ora celui mai nou mesaj, {}"},
    {Text::kRepairRedirect, "the same person as {}; let it point there, with {}",
     "aceeași persoană ca {}; va trimite acolo, cu {}"},
    {Text::kRepairLeftMangled, "its id is mangled: whose it is cannot be told",
     "are id-ul stricat: nu se poate spune a cui este"},
    {Text::kRepairLeftNoMessage, "has neither lastMessageAt nor a message: the next one sets it",
     "nu are nici lastMessageAt, nici mesaje: îl pune următorul mesaj"},
    {Text::kRepairLeftTime, "its newest message has a time that cannot be",
     "cel mai nou mesaj are o oră imposibilă"},
    {Text::kRepairLeftPerson, "WhatsApp has not told this host that both are one person",
     "WhatsApp nu a spus acestui sistem că ambele sunt aceeași persoană"},
    {Text::kRepairLeftNoThread, "the phone's conversation is missing, or points elsewhere itself",
     "conversația telefonului lipsește sau trimite ea însăși în altă parte"},
    {Text::kRepairDone, "done", "făcut"},
    {Text::kRepairDoneCopied, "done, {} copied", "făcut, s-au copiat {}"},
    {Text::kRepairSent, "sent: Firestore has it", "trimis: este în Firestore"},
    {Text::kRepairQueued, "in the queue, for wa-sync listen to send",
     "în coadă, îl trimite wa-sync listen"},
    {Text::kRepairAlready, "nothing was left to do", "nu mai era nimic de făcut"},
    {Text::kRepairFailed, "failed: {}", "nu a reușit: {}"},
};
static_assert(std::size(kCatalogue) == static_cast<std::size_t>(Text::kCount));

struct Hint {
  ErrorCode code;
  std::string_view english;
  std::string_view romanian;
};

constexpr Hint kHints[] = {
    {ErrorCode::kInternal, "This is a bug: please report it, with what you ran.",
     "Acesta este un defect: raportează-l, împreună cu ce ai rulat."},
    {ErrorCode::kUsage, "Run the command with --help.", "Rulează comanda cu --help."},
    {ErrorCode::kConfig, "Mend the option, variable or configuration file it names.",
     "Corectează opțiunea, variabila sau fișierul de configurare numit."},
    {ErrorCode::kIo, "Check free space and the permissions of the state directory.",
     "Verifică spațiul liber și permisiunile directorului de stare."},
    {ErrorCode::kStore,
     "Check free space and the permissions of the account's file; restore it from a backup if it "
     "is damaged.",
     "Verifică spațiul liber și permisiunile fișierului contului; dacă este deteriorat, "
     "restaurează-l dintr-o copie."},
    {ErrorCode::kStoreTooNew, "Use the newer wa-sync that wrote it.",
     "Folosește versiunea mai nouă de wa-sync care l-a scris."},
    {ErrorCode::kNotPaired, "Connect at least one account: wa-sync pair",
     "Conectează cel puțin un cont: wa-sync pair"},
    {ErrorCode::kLoggedOut, "The phone removed this device; link it again: wa-sync pair",
     "Telefonul a scos acest dispozitiv; conectează-l din nou: wa-sync pair"},
    {ErrorCode::kPairingFailed, "Nothing was stored. Run wa-sync pair again and scan the new code.",
     "Nu s-a salvat nimic. Rulează din nou wa-sync pair și scanează codul nou."},
    {ErrorCode::kPasskeyRequired,
     "wa-sync cannot answer a passkey yet. It may help to remove it on the phone (WhatsApp > "
     "Settings > Account > Passkeys), to link, and to make it again.",
     "wa-sync nu poate răspunde încă la o cheie de acces. Poate ajuta să o scoți pe telefon "
     "(WhatsApp > Setări > Cont > Chei de acces), să conectezi, apoi să o creezi din nou."},
    {ErrorCode::kNetwork, "Check the network, DNS and any proxy, then try again.",
     "Verifică rețeaua, DNS-ul și proxy-ul, apoi încearcă din nou."},
    {ErrorCode::kServerRefused, "Wait a little, then try again.",
     "Așteaptă puțin, apoi încearcă din nou."},
    {ErrorCode::kClientOutdated, "Install a newer wa-sync.", "Instalează un wa-sync mai nou."},
    {ErrorCode::kBanned, "See WhatsApp on the phone; it says for how long.",
     "Vezi WhatsApp pe telefon; acolo scrie pentru cât timp."},
    {ErrorCode::kReplaced, "Stop the other wa-sync that uses this account, then try again.",
     "Oprește celălalt wa-sync care folosește acest cont, apoi încearcă din nou."},
    {ErrorCode::kServerUntrusted,
     "Something between here and WhatsApp intercepts the connection; nothing was sent. Check the "
     "proxy and --server.",
     "Ceva între acest sistem și WhatsApp interceptează conexiunea; nu s-a trimis nimic. Verifică "
     "proxy-ul și --server."},
    {ErrorCode::kProtocol, "Try again; if it stays, look for a newer wa-sync.",
     "Încearcă din nou; dacă persistă, caută un wa-sync mai nou."},
    {ErrorCode::kMedia, "What arrived was damaged and was not used. Run the same command again.",
     "Ce a sosit era deteriorat și nu a fost folosit. Rulează din nou aceeași comandă."},
    {ErrorCode::kFirestoreUnreachable,
     "Check the network, DNS and any proxy; nothing is lost meanwhile. Then try again.",
     "Verifică rețeaua, DNS-ul și proxy-ul; între timp nu se pierde nimic. Apoi încearcă din nou."},
    {ErrorCode::kFirestoreRefused, "Check the credentials, the project and their permissions.",
     "Verifică datele de acces, proiectul și permisiunile lor."},
    {ErrorCode::kTimeout, "Try again, or allow more time with --timeout.",
     "Încearcă din nou sau acordă mai mult timp cu --timeout."},
    {ErrorCode::kHeldElsewhere,
     "Another wa-sync process uses this account; wait for it or stop it.",
     "Alt proces wa-sync folosește acest cont; așteaptă-l sau oprește-l."},
    {ErrorCode::kCrypto, "This is a bug, or the account's file was changed by something else.",
     "Acesta este un defect, sau fișierul contului a fost modificat de altcineva."},
    {ErrorCode::kNothingToDo, "Nothing is wrong; there is only nothing to do.",
     "Nu este nimic în neregulă, doar că nu este nimic de făcut."},
    {ErrorCode::kInterrupted, "", ""},
};

struct Forms {
  Noun noun;
  std::string_view english_one, english_many;
  std::string_view romanian_one, romanian_few;
};

constexpr Forms kNouns[] = {
    {Noun::kConversation, "conversation", "conversations", "conversație", "conversații"},
    {Noun::kMessage, "message", "messages", "mesaj", "mesaje"},
    {Noun::kContact, "contact", "contacts", "contact", "contacte"},
    {Noun::kChunk, "chunk", "chunks", "fragment", "fragmente"},
    {Noun::kDocument, "document", "documents", "document", "documente"},
    {Noun::kSecond, "second", "seconds", "secundă", "secunde"},
    {Noun::kMinute, "minute", "minutes", "minut", "minute"},
    {Noun::kHour, "hour", "hours", "oră", "ore"},
    {Noun::kDay, "day", "days", "zi", "zile"},
};

}  // namespace

Language language_of_locale() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const std::string locale = env(name);
    if (!locale.empty())
      return locale == "ro" || locale.starts_with("ro_") || locale.starts_with("ro.")
                 ? Language::kRomanian
                 : Language::kEnglish;
  }
  return Language::kEnglish;
}

std::string_view text(Language language, Text which) {
  const auto* entry = std::ranges::find(kCatalogue, which, &Entry::which);
  if (entry == std::end(kCatalogue)) return {};
  return language == Language::kRomanian ? entry->romanian : entry->english;
}

std::string_view hint_for(Language language, ErrorCode code) {
  const auto* hint = std::ranges::find(kHints, code, &Hint::code);
  if (hint == std::end(kHints)) return {};
  return language == Language::kRomanian ? hint->romanian : hint->english;
}

std::string grouped(Language language, std::int64_t number) {
  std::string digits = std::to_string(number < 0 ? -number : number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), language == Language::kRomanian ? "." : ",");
  return number < 0 ? "-" + digits : digits;
}

std::string counted(Language language, Noun noun, std::int64_t count) {
  const auto* forms = std::ranges::find(kNouns, noun, &Forms::noun);
  std::string out = grouped(language, count);
  if (language == Language::kEnglish)
    return out.append(" ").append(count == 1 ? forms->english_one : forms->english_many);
  if (count == 1) return out.append(" ").append(forms->romanian_one);
  // 0 and whatever ends in 01…19 join directly; the rest with "de".
  const std::int64_t last = count % 100;
  const bool few = count == 0 || (last >= 1 && last <= 19);
  return out.append(few ? " " : " de ").append(forms->romanian_few);
}

}  // namespace wasync
