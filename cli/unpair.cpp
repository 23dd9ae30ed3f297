#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"
#include "cli/account_choice.h"
#include "cli/commands.h"
#include "cli/error_report.h"
#include "cli/exit_code.h"
#include "cli/inbox_choice.h"
#include "cli/json_text.h"
#include "cli/question.h"
#include "cli/server.h"
#include "cli/stop_signals.h"
#include "firestore/upload_thread.h"
#include "inbox/queries.h"
#include "inbox/state_dir.h"
#include "service/control.h"
#include "session/device/account_file.h"
#include "session/link/unlink.h"

namespace wasync {
namespace {
namespace asio = boost::asio;

std::string purge_question(const Console& console, const Account& account,
                           const InboxTotals& totals) {
  return console.say(
      {"Unlink {} and delete everything of it here, {} with {}? This cannot be undone. [y/N]",
       "Deconectez {} și șterg tot ce ține de el aici, {} cu {}? Nu se poate reveni. [d/N]"},
      account.phone, counted(noun::kConversation, totals.threads),
      counted(noun::kMessage, totals.messages));
}

// A script that says unpair means it; who sits at a terminal may have typed it too fast. Deleting
// conversations wants a word from somebody in any case.
void confirm(const Console& console, const Account& account, const InboxTotals& totals,
             bool purge) {
  if (!can_ask(console)) {
    if (!purge) return;
    throw Error(ErrorCode::kUsage,
                Phrase{"--purge deletes conversations, and there is no terminal to ask on",
                       "--purge șterge conversații și nu există un terminal pe care să întrebe"},
                Phrase{"Add --yes if that is what you want.", "Dacă asta vrei, adaugă --yes."});
  }
  if (ask(purge ? purge_question(console, account, totals)
                : console.say({"Unlink {}? Only its phone can link it again. The conversations "
                               "stay here. [y/N]",
                               "Deconectez {}? Doar telefonul lui îl poate conecta din nou. "
                               "Conversațiile rămân aici. [d/N]"},
                              account.phone)))
    return;
  throw Error(ErrorCode::kInterrupted, Phrase{"nothing was changed", "nu s-a schimbat nimic"},
              purge ? Phrase{"Without --purge, wa-sync unpair keeps the conversations.",
                             "Fără --purge, wa-sync unpair păstrează conversațiile."}
                    : Phrase{"Answer y to unlink, or run the command with --yes.",
                             "Răspunde d ca să deconectezi, sau rulează comanda cu --yes."});
}

SessionOptions session_options(const GlobalOptions& global, const UnpairOptions& options) {
  SessionOptions out;
  out.endpoint = endpoint_of(global);
  out.companion = companion_of(global);
  for (auto* patience : {&out.connect_timeout, &out.timings.iq_timeout})
    *patience = std::min<std::chrono::milliseconds>(*patience, options.timeout);
  return out;
}

// What happened, or which signal came first; then nothing has changed here.
struct Outcome {
  Unlinked unlinked = Unlinked::kAlready;
  int stopped_by = 0;
};

Outcome run(Database& database, SessionOptions options) {
  Outcome outcome;
  std::exception_ptr failure;
  bool over = false;
  asio::io_context context(1);
  asio::signal_set signals(context);
  for (const int each : stop_signals()) signals.add(each);
  signals.async_wait([&](boost::system::error_code cancelled, int signal) {
    if (cancelled || over) return;
    outcome.stopped_by = signal;
    context.stop();
  });
  asio::co_spawn(context, unlink_account(database, std::move(options)),
                 [&](std::exception_ptr error, Unlinked unlinked) {
                   over = true;
                   failure = std::move(error);
                   outcome.unlinked = unlinked;
                   signals.cancel();
                   context.stop();
                 });
  context.run();
  if (failure) std::rethrow_exception(failure);
  return outcome;
}

void report_done(const Console& console, const Account& account, Unlinked unlinked, bool purged) {
  if (console.json) {
    const nlohmann::ordered_json report{
        {"account", account.id.str()},
        {"phone", account.phone},
        {"unlinked", unlinked == Unlinked::kNow ? "now" : "already"},
        {"purged", purged}};
    console.out(json_pretty(report) + "\n");
    return;
  }
  console.out(console.say(unlinked == Unlinked::kNow
                              ? Phrase{"Unlinked: {}", "Deconectat: {}"}
                              : Phrase{"Already unlinked: {}", "Era deja deconectat: {}"},
                          account.phone) +
              "\n");
  console.note(console.say(purged ? Phrase{"Everything of the account on this host is deleted.",
                                           "Tot ce ținea de cont pe acest sistem a fost șters."}
                                  : Phrase{"The conversations stay; wa-sync pair links the account "
                                           "again, wa-sync unpair --purge deletes them.",
                                           "Conversațiile rămân; wa-sync pair conectează din nou "
                                           "contul, wa-sync unpair --purge le șterge."}));
}

// The Inbox app is to show no longer that the account is connected. It is unlinked all the same
// when that cannot be told.
void tell_inbox(const Console& console, const FirestoreInbox& inbox,
                const std::filesystem::path& account_file, const UnpairOptions& options) {
  Words why;
  try {
    const firestore::UploadState state =
        firestore::upload_now(account_file, inbox, options.timeout);
    if (state.queued == 0) return;
    why = state.trouble ? state.trouble->message : Words(name(ErrorCode::kTimeout));
  } catch (const Error& error) {
    why = error.message();
  }
  console.note(console.say({"Firestore still shows the account as connected: {}",
                            "În Firestore contul apare încă drept conectat: {}"},
                           terminal_safe(why.in(console.language))));
}

}  // namespace

int unpair(const Console& console, const GlobalOptions& global, const UnpairOptions& options) {
  const Account account = chosen_account(global);
  const std::optional<FirestoreInbox> inbox = firestore_inbox(global);
  const StateDir state = StateDir::open(resolve_state_dir(
      global.state_dir.empty() ? std::nullopt
                               : std::optional<std::filesystem::path>(global.state_dir)));
  ask_to_release(state, account.id);
  AccountFile file = AccountFile::open(state, account.id);
  // An account that is logged out has nothing to undo.
  const bool undone_by_phone = account.status != AccountStatus::kLoggedOut;
  if (!options.yes && (options.purge || undone_by_phone))
    confirm(console, account, inbox_totals(*file.database), options.purge);

  const Outcome outcome = run(*file.database, session_options(global, options));
  if (outcome.stopped_by != 0) {
    return report_stopped(console, outcome.stopped_by,
                          {"Nothing has changed here; run the command again.",
                           "Aici nu s-a schimbat nimic; rulează din nou comanda."});
  }
  if (inbox) tell_inbox(console, *inbox, state.account_file(account.id), options);
  if (options.purge) {
    file.database.reset();
    state.remove_account(account.id);
  }
  report_done(console, account, outcome.unlinked, options.purge);
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace wasync
