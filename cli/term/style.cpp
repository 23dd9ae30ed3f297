#include "cli/term/style.h"

#include "cli/env.h"
#include "cli/term/terminal.h"

namespace wasync::term {

bool color_wanted(ColorWhen when, bool is_terminal) {
  if (when != ColorWhen::kAuto) return when == ColorWhen::kAlways;
  return is_terminal && env("NO_COLOR").empty() && can_move_cursor();
}

std::string Style::wrap(std::string_view code, std::string_view text) const {
  if (!enabled_ || text.empty()) return std::string(text);
  std::string out = "\x1b[";
  out.append(code).append("m").append(text).append("\x1b[0m");
  return out;
}

}  // namespace wasync::term
