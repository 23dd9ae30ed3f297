// What the terminal at the other end can do.
#pragma once

#include <string_view>

namespace wasync::term {

struct Size {
  int columns = 80;
  int rows = 24;
  bool operator==(const Size&) const = default;
};

bool is_terminal(int fd);

// The window's size; 80x24 when the terminal does not tell.
Size size(int fd);

// False only when the locale names another character set (LANG=ro_RO.ISO-8859-2): an unset
// or C locale says nothing about the terminal, and terminals speak UTF-8 nowadays.
bool speaks_utf8();

// True when cursor movement can be used at all (TERM is set and not "dumb").
bool can_move_cursor();

// The Linux console: half blocks, yes; characters newer than its 512-glyph font, no.
bool is_linux_console();

// True when COLORFGBG says that the background is light. Most terminals do not set it.
bool says_light_background();

}  // namespace wasync::term
