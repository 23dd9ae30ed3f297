#include "cli/diagnose.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/backfill_settings.h"
#include "cli/commands.h"
#include "cli/diagnose_account.h"
#include "cli/diagnose_fix.h"
#include "cli/diagnose_view.h"
#include "cli/env.h"
#include "cli/inbox_choice.h"
#include "cli/json_text.h"
#include "cli/server.h"
#include "diagnose/probe.h"
#include "service/holder_status.h"
#include "service/lease_life.h"

namespace wasync {
namespace {

// Credentials of the real service that somebody has set, beside an emulator.
std::string credentials_beside_emulator() {
  if (env("FIRESTORE_EMULATOR_HOST").empty()) return {};
  for (const char* variable : {"FIREBASE_SERVICE_ACCOUNT_JSON", "FIREBASE_SERVICE_ACCOUNT_PATH",
                               "GOOGLE_APPLICATION_CREDENTIALS"})
    if (!env(variable).empty()) return variable;
  return {};
}

std::string hostname() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string quoted(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// Options as they were typed that lead to this inbox: the advised command needs them too.
std::string typed_where(const std::vector<std::string>& arguments) {
  constexpr std::string_view kWhere[] = {"--state-dir", "--config", "--inbox", "--project",
                                         "--database"};
  std::string out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--network-state-dir") out += " " + arguments[i];
    for (const std::string_view option : kWhere) {
      if (arguments[i].starts_with(std::string(option) + "=")) out += " " + quoted(arguments[i]);
      if (arguments[i] == option && i + 1 < arguments.size())
        out += " " + arguments[i] + " " + quoted(arguments[i + 1]);
    }
  }
  return out;
}

std::optional<diagnosis::BackfillPace> scheduled_backfill() {
  using std::chrono::floor, std::chrono::seconds;
  try {
    const AutoBackfillOptions options = auto_backfill();
    if (!options.enabled) return std::nullopt;
    return diagnosis::BackfillPace{.after_success = floor<seconds>(options.success_cooldown),
                                   .after_attempt = floor<seconds>(options.attempt_backoff)};
  } catch (const Error&) {
    return std::nullopt;  // the listener is who minds it
  }
}

// As `listen` would present itself; what needs a question to the service is asked once.
diagnosis::LiveOptions live_options(const GlobalOptions& global) {
  struct Companion {
    std::once_flag asked;
    CompanionOptions options;
  };
  const auto companion = std::make_shared<Companion>();
  return {.session =
              [global, companion] {
                std::call_once(companion->asked,
                               [&] { companion->options = companion_of(global); });
                SessionOptions out;
                out.endpoint = endpoint_of(global);
                out.companion = companion->options;
                return out;
              },
          .ask_listener = ask_ping};
}

std::string life_of_last_lease(const StateDir& state, const AccountId& id) {
  const auto life = read_lease_life(lease_life_file(state, id));
  return life ? life->id : std::string();
}

diagnosis::ProbeOptions probe_options(const GlobalOptions& global, const DiagnoseOptions& options) {
  std::optional<std::filesystem::path> chosen;
  if (!global.state_dir.empty()) chosen = global.state_dir;
  diagnosis::ProbeOptions out{.inbox = [global] { return firestore_inbox(global); },
                              .sqlite_chosen = global.inbox == "sqlite",
                              .beside_emulator = credentials_beside_emulator(),
                              .hostname = hostname(),
                              .instance_id = env("INSTANCE_ID"),
                              .state_dir = resolve_state_dir(chosen),
                              .ask_holder = ask_status,
                              .lease_life = life_of_last_lease,
                              .timeout = options.timeout,
                              .check_file = options.check_file,
                              .scheduled_backfill = scheduled_backfill()};
  if (options.live) out.live = live_options(global);
  if (!global.account.empty()) out.only = account_to_diagnose(out.state_dir, global.account);
  return out;
}

}  // namespace

DiagnosisReport diagnosis_report(const Console& console, const GlobalOptions& global) {
  const diagnosis::Observed observed = diagnosis::observe(probe_options(global, DiagnoseOptions{}));
  const DiagnoseView view{.language = console.language,
                          .now = observed.seen.now,
                          .where = typed_where(global.arguments)};
  return {.json = diagnosis_json(view, diagnosis::diagnose(observed.seen)),
          .threads_left = observed.threads_left};
}

nlohmann::ordered_json account_diagnosis(const Console& console, const GlobalOptions& global,
                                         const AccountId& account) {
  GlobalOptions of_account = global;
  of_account.account = account.str();
  return diagnosis_report(console, of_account).json;
}

namespace {

// Nothing where there are no accounts to be repaired; why, the diagnosis says.
std::optional<RepairSite> repair_site(const GlobalOptions& global,
                                      const diagnosis::ProbeOptions& probes) {
  try {
    auto state = StateDir::open_existing(probes.state_dir);
    if (!state) return std::nullopt;
    RepairSite site{.state = *std::move(state), .patience = probes.timeout};
    site.inbox = firestore_inbox(global);
    return site;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string fixing_command(const GlobalOptions& global) {
  const std::string account = global.account.empty() ? "" : " --account " + quoted(global.account);
  return "wa-sync diagnose --fix --yes" + account + typed_where(global.arguments);
}

// The next look shall not advise --fix for what --fix leaves alone.
void note_left_alone(diagnosis::Observations& seen, const diagnosis::RepairPlan& plan) {
  for (diagnosis::AccountObservation& account : seen.accounts)
    account.firestore.without_for_good =
        std::ranges::count_if(plan.left, [&](const diagnosis::LeftAlone& each) {
          return each.account == account.id && each.undated;
        });
}

// What was looked at, and with --fix, what was repaired before it was looked at again.
struct Looked {
  diagnosis::Observed observed;
  diagnosis::Diagnosis diagnosis;
  Repairs repairs{};
};

void fix(const Console& console, const GlobalOptions& global, const DiagnoseOptions& options,
         const diagnosis::ProbeOptions& probes, const RepairView& view, Looked& looked) {
  const auto site = repair_site(global, probes);
  if (!site) return;
  looked.repairs =
      repair(console, view, *site, looked.diagnosis, options.yes, fixing_command(global));
  if (looked.repairs.tried) {
    const bool threads_left = looked.observed.threads_left;
    looked.observed = diagnosis::observe(probes);
    looked.observed.threads_left |= threads_left;
  }
  note_left_alone(looked.observed.seen, looked.repairs.plan);
  looked.diagnosis = diagnosis::diagnose(looked.observed.seen);
}

RepairView repair_view(const Console& console, const GlobalOptions& global, std::size_t accounts,
                       std::optional<int> columns) {
  return {.language = console.language,
          .style = console.out_style,
          .verbose = global.verbose,
          .utf8 = term::speaks_utf8(),
          .several_accounts = accounts > 1,
          .columns = columns};
}

}  // namespace

int diagnose(const Console& console, const GlobalOptions& global, const DiagnoseOptions& options) {
  const diagnosis::ProbeOptions probes = probe_options(global, options);
  Looked looked{.observed = diagnosis::observe(probes), .diagnosis = {}};
  looked.diagnosis = diagnosis::diagnose(looked.observed.seen);
  std::optional<int> columns;
  if (console.out_is_terminal) columns = term::size(STDOUT_FILENO).columns;
  const RepairView repairing =
      repair_view(console, global, looked.diagnosis.accounts.size(), columns);
  if (options.fix) fix(console, global, options, probes, repairing, looked);
  const DiagnoseView view{.language = console.language,
                          .style = console.out_style,
                          .verbose = global.verbose,
                          .columns = columns,
                          .utf8 = term::speaks_utf8(),
                          .now = looked.observed.seen.now,
                          .where = typed_where(global.arguments)};
  if (console.json) {
    nlohmann::ordered_json json = diagnosis_json(view, looked.diagnosis);
    if (options.fix)
      json.update(repairs_json(repairing, looked.repairs.plan, looked.repairs.outcomes));
    console.out(json_pretty(json) + "\n");
  } else {
    console.out(diagnosis_text(view, looked.diagnosis));
  }
  const int code = static_cast<int>(looked.diagnosis.judgement.cause);
  // A probe that hangs would use what exit() destroys.
  if (looked.observed.threads_left) ::_exit(code);
  return code;
}

}  // namespace wasync
