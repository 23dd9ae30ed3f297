#include "cli/console.h"

#include <fmt/ranges.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/error.h"
#include "base/text.h"
#include "base/upgrade.h"

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
    throw Error(ErrorCode::kIo,
                Phrase{"cannot write the result: {}", "rezultatul nu se poate scrie: {}"}.with(
                    std::strerror(errno)));
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
  return console.say(
      {"Some settings that the phone keeps about chats cannot be trusted: {}.\n"
       "Saved names, archive or mute may be missing. This fetches them again: wa-sync pair --again",
       "Unele setări pe care telefonul le ține despre conversații nu sunt de încredere: {}.\n"
       "Pot lipsi nume salvate, arhivări sau sunete oprite. Le aduce din nou: wa-sync pair "
       "--again"},
      one_line(fmt::format("{}", fmt::join(damaged, ", "))));
}

void show_upgrades(const Console& console) {
  if (!console.err_is_terminal || console.quiet) return;
  observe_upgrades([language = console.language](const std::filesystem::path&, int percent) {
    const std::string line =
        "\r" + Phrase{"updating the account file: {} %", "se actualizează fișierul contului: {} %"}
                   .with(percent)
                   .in(language);
    std::fputs((percent < 100 ? line : line + "\n").c_str(), stderr);
  });
}

}  // namespace wasync
