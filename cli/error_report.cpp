#include "cli/error_report.h"

#include <cstdio>

#include "base/text.h"
#include "cli/json_text.h"
#include "cli/stop_signals.h"

namespace wasync {
namespace {

Phrase advice_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInternal:
      return {"This is a bug. Please report it, with the command that you ran.",
              "Acesta este un defect. Raportează-l, împreună cu comanda pe care ai rulat-o."};
    case ErrorCode::kUsage: return {"Run the command with --help.", "Rulează comanda cu --help."};
    case ErrorCode::kConfig:
      return {"Correct the option, variable or configuration file that the message names.",
              "Corectează opțiunea, variabila sau fișierul de configurare din mesaj."};
    case ErrorCode::kIo:
      return {"Check free space and the permissions of the state directory.",
              "Verifică spațiul liber și permisiunile directorului de stare."};
    case ErrorCode::kStore:
      return {
          "Check free space and the permissions of the account's file. Restore it from a backup if "
          "it is damaged.",
          "Verifică spațiul liber și permisiunile fișierului contului. Dacă este deteriorat, "
          "restaurează-l dintr-o copie."};
    case ErrorCode::kStoreTooNew:
      return {"Use the newer wa-sync that wrote it.",
              "Folosește versiunea mai nouă de wa-sync care l-a scris."};
    case ErrorCode::kNotPaired:
      return {"Connect at least one account: wa-sync pair",
              "Conectează cel puțin un cont: wa-sync pair"};
    case ErrorCode::kLoggedOut:
      return {"The phone removed this device; link it again: wa-sync pair",
              "Telefonul a scos acest dispozitiv; conectează-l din nou: wa-sync pair"};
    case ErrorCode::kPairingFailed:
      return {"Nothing was stored. Run wa-sync pair again and scan the new code.",
              "Nu s-a salvat nimic. Rulează din nou wa-sync pair și scanează codul nou."};
    case ErrorCode::kPasskeyRequired:
      return {
          "Run wa-sync pair in a terminal, or give it the passkey's answer on standard input; see "
          "wa-sync-pair(1). Removing the passkey on the phone does not help.",
          "Rulează wa-sync pair într-un terminal sau dă-i răspunsul cheii de acces la intrarea "
          "standard; vezi wa-sync-pair(1). Ștergerea cheii de pe telefon nu ajută."};
    case ErrorCode::kNetwork:
      return {"Check the network, DNS and any proxy, then try again.",
              "Verifică rețeaua, DNS-ul și proxy-ul, apoi încearcă din nou."};
    case ErrorCode::kServerRefused:
      return {"Wait a little, then try again.", "Așteaptă puțin, apoi încearcă din nou."};
    case ErrorCode::kClientOutdated:
      return {"Install a newer wa-sync.", "Instalează un wa-sync mai nou."};
    case ErrorCode::kBanned:
      return {"Open WhatsApp on the phone: it says how long the ban lasts.",
              "Deschide WhatsApp pe telefon: acolo scrie cât durează blocarea."};
    case ErrorCode::kReplaced:
      return {"Stop the other wa-sync that uses this account, then try again.",
              "Oprește celălalt wa-sync care folosește acest cont, apoi încearcă din nou."};
    case ErrorCode::kServerUntrusted:
      return {
          "Something between this host and WhatsApp intercepts the connection; nothing was sent. "
          "Check the proxy and --server.",
          "Ceva între acest sistem și WhatsApp interceptează conexiunea; nu s-a trimis nimic. "
          "Verifică proxy-ul și --server."};
    case ErrorCode::kProtocol:
      return {"Try again. If it fails again, look for a newer wa-sync.",
              "Încearcă din nou. Dacă eșuează iar, caută un wa-sync mai nou."};
    case ErrorCode::kMedia:
      return {"The data arrived damaged and wa-sync did not use it. Run the same command again.",
              "Datele au sosit deteriorate și wa-sync nu le-a folosit. Rulează din nou aceeași "
              "comandă."};
    case ErrorCode::kFirestoreUnreachable:
      return {"Check the network, DNS and any proxy, then try again. Nothing is lost meanwhile.",
              "Verifică rețeaua, DNS-ul și proxy-ul, apoi încearcă din nou. Între timp nu se "
              "pierde nimic."};
    case ErrorCode::kFirestoreRefused:
      return {"Check the credentials, the project and their permissions.",
              "Verifică datele de acces, proiectul și permisiunile lor."};
    case ErrorCode::kTimeout:
      return {"Try again, or allow more time with --timeout.",
              "Încearcă din nou sau acordă mai mult timp cu --timeout."};
    case ErrorCode::kHeldElsewhere:
      return {"Another wa-sync process uses this account; wait for it or stop it.",
              "Alt proces wa-sync folosește acest cont; așteaptă-l sau oprește-l."};
    case ErrorCode::kCrypto:
      return {"This is a bug, or another program changed the account's file.",
              "Acesta este un defect, sau alt program a modificat fișierul contului."};
    case ErrorCode::kNothingToDo: return {"Nothing is wrong.", "Nu este nimic în neregulă."};
    case ErrorCode::kInterrupted: break;
  }
  return {};
}

void print_event(const Error& error) {
  const std::string event = error_event(error, advice_on(error).in(Language::kEnglish)) + "\n";
  std::fwrite(event.data(), 1, event.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

// Advice that exists in English only may name the very command to run, so that readers of other
// languages get it behind the general one.
Words advice_on(const Error& error) {
  const Words& own = error.advice();
  const Phrase general = advice_for(error.code());
  if (own.empty()) return general;
  if (own.translated() || general.empty()) return own;
  return {own.in(Language::kEnglish), std::string(general.in(Language::kRomanian)) + "\n  (" +
                                          own.in(Language::kEnglish) + ")"};
}

void report(const Console& console, const Error& error) {
  if (console.json) print_event(error);
  say_error(console, error);
}

void say_error(const Console& console, const Error& error) {
  const std::string advice = advice_on(error).in(console.language);
  const auto& style = console.err_style;
  std::string out =
      style.red("wa-sync:") + " " + terminal_safe(error.message().in(console.language)) + "\n";
  if (!advice.empty())
    out +=
        style.bold(console.say({"hint", "sfat"}) + ":") + " " + terminal_safe_lines(advice) + "\n";
  std::fwrite(out.data(), 1, out.size(), stderr);
}

int report_stopped(const Console& console, int signal, Phrase advice) {
  report(console, Error(ErrorCode::kInterrupted, Phrase{"stopped", "oprit"}, advice));
  return exit_code_of_signal(signal);
}

}  // namespace wasync
