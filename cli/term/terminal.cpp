#include "cli/term/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "cli/env.h"

namespace wasync::term {

bool is_terminal(int fd) {
  return isatty(fd) == 1;
}

Size size(int fd) {
  winsize window{};
  if (ioctl(fd, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_row == 0) return {};
  return {.columns = window.ws_col, .rows = window.ws_row};
}

bool speaks_utf8() {
  std::string locale = env("LC_ALL");
  if (locale.empty()) locale = env("LC_CTYPE");
  if (locale.empty()) locale = env("LANG");
  std::ranges::transform(locale, locale.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto dot = locale.find('.');
  if (dot == std::string::npos) return true;
  const std::string charset = locale.substr(dot + 1);
  return charset.starts_with("utf-8") || charset.starts_with("utf8");
}

bool can_move_cursor() {
  const std::string term = env("TERM");
  return !term.empty() && term != "dumb";
}

bool is_linux_console() {
  return env("TERM").starts_with("linux");
}

bool says_light_background() {
  // "foreground;background" or "foreground;default;background", palette numbers.
  const std::string colors = env("COLORFGBG");
  const auto last = colors.rfind(';');
  if (last == std::string::npos) return false;
  const std::string background = colors.substr(last + 1);
  return background == "7" || background == "15";
}

}  // namespace wasync::term
