// QR codes as text.
//
// A linking QR of today holds about 270 characters: version 10 or 11, 57 or 61 modules a
// side. Half blocks put two modules in a cell's height, so even without a quiet zone it
// needs 29 rows: an 80x24 window cannot show it that way. Sextants (U+1FB00…, Unicode 13)
// put 2x3 modules into a cell, so the code with its quiet zone takes 22 rows. Their
// modules are 3:4 rather than square, which scanners read as a code seen at an angle.
// So: half blocks where the window has room (every font has them), else sextants.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/term/terminal.h"

namespace wasync::term {

class QrCode {
 public:
  // Error correction level L, the smallest version that holds the text. Throws
  // Error(kInternal) when no version does (2,953 bytes).
  explicit QrCode(std::string_view text);

  int size() const { return size_; }  // modules a side
  // False outside the code: the quiet zone is light.
  bool dark(int x, int y) const;

 private:
  int size_ = 0;
  std::vector<bool> dark_;
};

enum class QrGlyphs {
  kHalfBlocks,  // 1x2 modules a cell
  kSextants,    // 2x3 modules a cell
  kAscii,       // a module is two cells wide
};

// How light and dark are told apart.
enum class QrInk {
  kColor,    // black on white whatever the theme, by palette entries themes leave alone
  kReverse,  // no colour: ASCII cells, lit by reverse video; right on dark backgrounds
  kLight,    // no colour, dark background: light modules are drawn
  kDark,     // no colour, light background: dark modules are drawn
};

struct QrLayout {
  QrGlyphs glyphs = QrGlyphs::kHalfBlocks;
  int quiet_zone = 4;  // modules around the code
  int columns = 0;     // cells it takes
  int rows = 0;
  bool operator==(const QrLayout&) const = default;
};

// A way to draw the code within `room`, with the widest quiet zone (4 down to 1) that
// fits; nothing when no way does. `glyphs` in order of preference.
std::optional<QrLayout> lay_out(const QrCode& code, Size room, const std::vector<QrGlyphs>& glyphs);

// Cells needed with the narrowest quiet zone, to tell the user how large a window must be.
Size smallest_room(const QrCode& code, QrGlyphs glyphs);

// One string per row, without newline.
std::vector<std::string> draw(const QrCode& code, const QrLayout& layout, QrInk ink);

}  // namespace wasync::term
