// Words of diagnose about this host: configuration, clock, disk, and which accounts there are
// (diagnose/links_here.cpp).
#include "cli/diagnose_words.h"

namespace wasync {
namespace {

using diagnosis::Finding;

constexpr FindingWords kHereWords[] = {
    // config
    {.finding = Finding::kSqliteInbox,
     .line = {"SQLite in the state directory", "SQLite în directorul de stare"}},
    {.finding = Finding::kFirestoreInbox,
     .line = {"Firestore, project {project}", "Firestore, proiectul {project}"}},
    {.finding = Finding::kConfigUnusable,
     .line = {"{error}", "{error}"},
     .why = {"the configuration contradicts itself: {error}.\n"
             "{hint}",
             "configurația se contrazice: {error}.\n"
             "{hint}"},
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
     .why = {"the conversations of this account went to {target}, but the\n"
             "configuration of this command names {configured}.\n"
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
             "command has no project and no credentials, so it sees only what is stored on this "
             "host.\n"
             "The service may have another environment than this shell.",
             "conversațiile acestui cont au mers în {target}, dar comanda nu\n"
             "are niciun proiect și nicio dată de acces, deci vede doar ce este păstrat pe acest\n"
             "sistem. Serviciul poate avea alt mediu decât acest shell."},
     .command = "systemctl show wa-sync -p Environment -p EnvironmentFiles",
     .remark = {"then diagnose with the same", "apoi diagnose cu aceleași valori"}},
    // clock
    {.finding = Finding::kClockRight, .line = {"right", "corect"}},
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
    {.finding = Finding::kStateDir,
     .line = {"{path}, {free_bytes} free", "{path}, liber {free_bytes}"}},
    {.finding = Finding::kStateDirMissing,
     .line = {"{path} is not there yet", "{path} nu există încă"}},
    {.finding = Finding::kNoSpace,
     .line = {"{path}: only {free_bytes} free", "{path}: liber doar {free_bytes}"},
     .why = {"the disk of the state directory is full, so wa-sync cannot store anything new. "
             "WhatsApp\n"
             "keeps unacknowledged messages and sends them again.",
             "discul directorului de stare este plin, deci nu se mai poate păstra nimic nou.\n"
             "WhatsApp ține mesajele neconfirmate și le trimite din nou."},
     .command = "df -h '{path}'",
     .remark = {"free some space there", "eliberează spațiu acolo"}},
    // file
    {.finding = Finding::kFileSound,
     .line = {"the account's file is sound", "fișierul contului este întreg"}},
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
    {.finding = Finding::kPaired,
     .line = {"{phone} paired {paired_at}", "{phone} conectat {paired_at}"}},
    {.finding = Finding::kRestored,
     .line = {"{phone} paired {paired_at}, put back from a backup {restored_at}; wa-sync pair "
              "--again brings what is missing since",
              "{phone} conectat {paired_at}, pus la loc dintr-o copie {restored_at}; wa-sync pair "
              "--again aduce ce lipsește de atunci"}},
    {.finding = Finding::kUnlinked,
     .line = {"{phone} was unlinked from this host",
              "{phone} a fost deconectat de pe acest sistem"},
     .why = {"the account was unlinked here; its conversations are still here, but nothing new\n"
             "arrives.",
             "contul a fost deconectat aici; conversațiile au rămas, dar nu mai vine nimic nou."},
     .command = "wa-sync pair{here}",
     .remark = {"scan the QR code", "scanează codul QR"}},
    {.finding = Finding::kLoggedOut,
     .line = {"{phone} paired {paired_at}, logged out by the phone",
              "{phone} conectat {paired_at}, scos de pe telefon"},
     .why =
         {"the phone has removed this device from its linked devices (or WhatsApp did, after two\n"
          "weeks without the phone). wa-sync keeps the earlier messages.",
          "telefonul a scos acest dispozitiv din dispozitivele conectate (sau WhatsApp, după două\n"
          "săptămâni fără telefon). wa-sync păstrează mesajele de dinainte."},
     .command = "wa-sync pair{here}",
     .remark = {"re-pair: scan the QR again", "re-pair: scanează din nou QR"}},
    {.finding = Finding::kRestoredLoggedOut,
     .line = {"{phone} paired {paired_at}, put back from a backup {restored_at}, refused since",
              "{phone} conectat {paired_at}, pus la loc dintr-o copie {restored_at}, refuzat de "
              "atunci"},
     .why =
         {"the account's file here was put back from a backup, and WhatsApp does not know its "
          "link\n"
          "any more: the account was linked anew after the backup, or the phone has removed the\n"
          "device. wa-sync keeps the earlier messages.",
          "fișierul contului de aici a fost pus la loc dintr-o copie de rezervă, iar WhatsApp "
          "nu-i\n"
          "mai cunoaște conectarea: contul a fost conectat din nou după copie sau telefonul a "
          "scos\n"
          "dispozitivul. wa-sync păstrează mesajele de dinainte."},
     .command = "wa-sync pair --again{here}",
     .remark = {"scan the QR code", "scanează codul QR"}},
};

}  // namespace

std::span<const FindingWords> words_here() {
  return kHereWords;
}

}  // namespace wasync
