#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/diagnose.h"
#include "cli/exit_code.h"
#include "cli/json_text.h"
#include "cli/report_archive.h"
#include "cli/report_content.h"
#include "cli/time_text.h"
#include "inbox/state_dir.h"

namespace wasync {
namespace {

constexpr std::size_t kMostTrace = 4 * 1024 * 1024;

constexpr const char* kReadme = R"(A report of wa-sync. Read it before you send it.

versions.json   of wa-sync, the system and its libraries
settings.json   which options and variables are set; values only where they are harmless
diagnosis.json  what `wa-sync diagnose` says: causes, states, counts and times
counters.json   the number of rows in each table of each account
trace.txt       with --trace: the last stanzas that came and went

No names, numbers, texts or keys stand in it. "#" and eight hexadecimal digits are a
stand-in: equal things have equal ones within one file, and nobody can reverse them.
)";

std::string named_after_now() {
  std::string now = rfc3339(UnixSeconds::now());
  std::erase_if(now, [](char c) { return c == '-' || c == ':'; });
  return "wa-sync-report-" + now + ".tar.gz";
}

// Of each account; of one that cannot be read, why.
nlohmann::ordered_json counters_of_all(const GlobalOptions& global, const StandIns& stand_ins) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  std::optional<std::filesystem::path> chosen;
  if (!global.state_dir.empty()) chosen = global.state_dir;
  const auto state = StateDir::open_existing(resolve_state_dir(chosen));
  if (!state) return out;
  for (const AccountId& account : state->accounts()) {
    try {
      out[stand_ins.of(account.str())] = counters_json(state->account_file(account));
    } catch (const Error& error) {
      out[stand_ins.of(account.str())] = {{"error", name(error.code())}};
    }
  }
  return out;
}

}  // namespace

int report(const Console& console, const GlobalOptions& global, const ReportOptions& options) {
  const std::string file = options.file.empty() ? named_after_now() : options.file;
  const StandIns stand_ins;
  // First what may be refused: nobody waits for a diagnosis and then learns of a mistyped name.
  TraceEnd trace;
  if (!options.trace.empty()) trace = trace_end(options.trace, kMostTrace);
  const DiagnosisReport diagnosis = diagnosis_report(console, global);
  std::vector<ArchiveEntry> entries = {
      {"README", kReadme},
      {"versions.json", json_pretty(versions_json()) + "\n"},
      {"settings.json", json_pretty(settings_json(global)) + "\n"},
      {"diagnosis.json", json_pretty(without_people(diagnosis.json, stand_ins)) + "\n"},
      {"counters.json", json_pretty(counters_of_all(global, stand_ins)) + "\n"}};
  if (!options.trace.empty()) entries.push_back({"trace.txt", trace.text});
  write_archive(file, entries);
  if (console.json) {
    nlohmann::ordered_json names = nlohmann::ordered_json::array();
    for (const ArchiveEntry& each : entries) names.push_back(each.name);
    console.out(json_pretty({{"file", file},
                             {"entries", std::move(names)},
                             {"trace_lines", trace.lines},
                             {"trace_lines_left_out", trace.foreign_lines}}) +
                "\n");
  } else {
    console.out(file + "\n");
    console.note(console.say({"Read it before you send it: tar -xzOf {} | less",
                              "Citește-l înainte să-l trimiți: tar -xzOf {} | less"},
                             file));
    if (trace.foreign_lines > 0)
      console.note(console.say({"{} lines of {} are not of a trace: they are left out",
                                "{} linii din {} nu sunt dintr-o urmă: au fost lăsate deoparte"},
                               trace.foreign_lines, options.trace));
  }
  // A probe that hangs would use what exit() destroys.
  if (diagnosis.threads_left) ::_exit(static_cast<int>(ExitCode::kOk));
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace wasync
