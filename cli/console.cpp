#include "cli/console.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/error.h"
#include "base/text.h"
#include "base/upgrade.h"
#include "cli/json_text.h"

namespace wasync {

Console Console::from(const GlobalOptions& options) {
  Console console;
  console.language = options.language;
  console.json = options.json;
  console.quiet = options.quiet;
  console.out_is_terminal = term::is_terminal(STDOUT_FILENO);
  console.err_is_terminal = term::is_terminal(STDERR_FILENO);
  console.out_style = term::Style(term::color_wanted(options.color, console.out_is_terminal));
  console.err_style = term::Style(term::color_wanted(options.color, console.err_is_terminal));
  return console;
}

void Console::out(std::string_view text) const {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0)
    throw Error(ErrorCode::kIo, std::string("cannot write the result: ") + std::strerror(errno));
}

void Console::note(std::string_view text) const {
  if (quiet) return;
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fputc('\n', stderr);
}

std::string one_line(std::string_view text) {
  return folded_whitespace(terminal_safe(text));
}

std::string app_state_warning(const Console& console, const std::vector<std::string>& damaged) {
  return console.say(Text::kAppStateDamaged, one_line(fmt::format("{}", fmt::join(damaged, ", "))));
}

void show_upgrades(const Console& console) {
  if (!console.err_is_terminal || console.quiet) return;
  observe_upgrades([language = console.language](const std::filesystem::path&, int percent) {
    const std::string line = "\r" + say(language, Text::kUpdatingFile, percent);
    std::fputs((percent < 100 ? line : line + "\n").c_str(), stderr);
  });
}

void report(const Console& console, const Error& error) {
  if (console.json) {
    const std::string_view hint =
        error.hint().empty() ? hint_for(console.language, error.code()) : error.hint();
    const std::string event = error_event(error, std::string(hint)) + "\n";
    std::fwrite(event.data(), 1, event.size(), stdout);
    std::fflush(stdout);
  }
  // Hints thrown by the library are English: elsewhere the catalogue's advice for that kind
  // of error goes before them, for they may name the very command to run.
  const bool understood = console.language == Language::kEnglish ||
                          dynamic_cast<const TranslatedError*>(&error) != nullptr;
  std::string hint = understood ? error.hint() : std::string();
  if (hint.empty()) hint = hint_for(console.language, error.code());
  if (!understood && !error.hint().empty()) hint += "\n  (" + error.hint() + ")";
  const auto& style = console.err_style;
  std::string out = style.red("wa-sync:") + " " + terminal_safe(error.what()) + "\n";
  if (!hint.empty())
    out += style.bold(console.say(Text::kHintLabel) + ":") + " " + terminal_safe_lines(hint) + "\n";
  std::fwrite(out.data(), 1, out.size(), stderr);
}

}  // namespace wasync
