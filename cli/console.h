// Where a command writes: results to stdout, everything else to stderr.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/counted.h"
#include "base/phrase.h"
#include "cli/options.h"
#include "cli/term/style.h"
#include "cli/term/terminal.h"

namespace wasync {

struct Console {
  Language language = Language::kEnglish;
  bool json = false;
  bool quiet = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  term::Style out_style;
  term::Style err_style;

  static Console from(const GlobalOptions& options);

  // A result. Throws Error(kIo) when stdout cannot take it (a full disk, a closed pipe).
  void out(std::string_view text) const;
  // A remark for a person; not with --quiet. A newline is added.
  void note(std::string_view text) const;

  // In the user's language, placeholders filled.
  template <typename... Values>
  std::string say(Phrase phrase, const Values&... values) const {
    return phrase.with(values...).in(language);
  }
};

// What a stranger wrote, disarmed and folded into one line.
std::string one_line(std::string_view text);

// That these collections of the phone's app state cannot be read, what that means and what to do.
std::string app_state_warning(const Console& console, const std::vector<std::string>& damaged);

// Lets a long update of an account's file be seen: on a terminal a line that changes in place.
// Elsewhere the log tells of it.
void show_upgrades(const Console& console);

}  // namespace wasync
