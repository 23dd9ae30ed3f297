#include "cli/run.h"

#include <exception>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/error_report.h"
#include "cli/exit_code.h"
#include "cli/network_file_system.h"
#include "inbox/state_dir.h"

namespace wasync {
namespace {

struct Dispatch {
  const Console& console;
  const GlobalOptions& global;
  int operator()(const AccountsListOptions& options) const {
    return accounts_list(console, global, options);
  }
  int operator()(const DiagnoseOptions& options) const {
    return diagnose(console, global, options);
  }
  int operator()(const ListenOptions& options) const { return listen(console, global, options); }
  int operator()(const MessagesSearchOptions& options) const {
    return messages_search(console, global, options);
  }
  int operator()(const PairOptions& options) const { return pair(console, global, options); }
  int operator()(const BackfillOptions& options) const {
    return backfill(console, global, options);
  }
  int operator()(const ReportOptions& options) const { return report(console, global, options); }
  int operator()(const UnpairOptions& options) const { return unpair(console, global, options); }
  int operator()(const ThreadsListOptions& options) const {
    return threads_list(console, global, options);
  }
  int operator()(const ThreadsShowOptions& options) const {
    return threads_show(console, global, options);
  }
};

// Before anything there is touched. Whoever knows that one host alone ever uses the directory may
// say so, for each command.
void refuse_network_state_dir(const GlobalOptions& global) {
  if (global.network_state_dir) return;
  std::optional<std::filesystem::path> chosen;
  if (!global.state_dir.empty()) chosen = global.state_dir;
  const std::filesystem::path directory = resolve_state_dir(chosen);
  const std::string name = network_file_system_of(directory);
  if (name.empty()) return;
  throw Error(ErrorCode::kConfig,
              Phrase{"the state directory {} is on a network file system ({})",
                     "directorul de stare {} este pe un sistem de fișiere din rețea ({})"}
                  .with(directory.string(), name),
              Phrase{"Locks do not hold there, and accounts can be damaged: choose a directory of "
                     "this host with --state-dir. If no other host ever uses it, type "
                     "--network-state-dir.",
                     "Acolo blocările nu țin și conturile se pot deteriora: alege cu --state-dir "
                     "un director de pe acest sistem. Dacă niciun alt sistem nu îl folosește "
                     "vreodată, scrie --network-state-dir."});
}

}  // namespace

// Warnings, unless asked otherwise; but none where a person watches a terminal: what they
// need to know is on the screen already. What `listen` does is told by its log alone.
int log_level(const Invocation& invocation, const Console& console) {
  if (invocation.global.verbose) return 2;
  if (std::holds_alternative<ListenOptions>(invocation.command))
    return invocation.global.quiet || console.json ? 0 : 1;
  const bool watched = (std::holds_alternative<PairOptions>(invocation.command) ||
                        std::holds_alternative<BackfillOptions>(invocation.command)) &&
                       !console.json && (console.out_is_terminal || console.err_is_terminal);
  return invocation.global.quiet || watched ? -1 : 0;
}

namespace {

int run_reporting_to(Console& console, const std::vector<std::string>& arguments) {
  const auto parsed = parse_command_line(arguments);
  if (const auto* answer = std::get_if<TextToPrint>(&parsed)) {
    console.out(answer->text);
    return static_cast<int>(ExitCode::kOk);
  }
  const auto& invocation = std::get<Invocation>(parsed);
  console = Console::from(invocation.global);
  const GlobalOptions& global = invocation.global;
  log::start(global.log_json ? log::Format::kJson : log::Format::kText,
             log_level(invocation, console));
  if (!std::holds_alternative<ListenOptions>(invocation.command)) show_upgrades(console);
  refuse_network_state_dir(global);
  return std::visit(Dispatch{console, invocation.global}, invocation.command);
}

}  // namespace

int run(const std::vector<std::string>& arguments) {
  Console console = Console::from(options_for_errors(arguments));
  try {
    return run_reporting_to(console, arguments);
  } catch (const Error& error) {
    report(console, error);
    return static_cast<int>(exit_code(error.code()));
  } catch (const std::exception& error) {
    report(console,
           Error(ErrorCode::kInternal,
                 Phrase{"unexpected failure: {}", "eroare neașteptată: {}"}.with(error.what())));
    return static_cast<int>(ExitCode::kFailed);
  }
}

}  // namespace wasync
