#include "cli/term/qr.h"

#include <qrencode.h>

#include <cstddef>
#include <memory>

#include "base/error.h"
#include "base/utf8.h"

namespace wasync::term {
namespace {

struct Cell {
  int columns_per_module_group;  // cells one group takes across
  int modules_across;
  int modules_down;
};

Cell cell_of(QrGlyphs glyphs) {
  switch (glyphs) {
    case QrGlyphs::kHalfBlocks: return {1, 1, 2};
    case QrGlyphs::kSextants: return {1, 2, 3};
    case QrGlyphs::kAscii: break;
  }
  return {2, 1, 1};
}

QrLayout layout_of(const QrCode& code, QrGlyphs glyphs, int quiet_zone) {
  const Cell cell = cell_of(glyphs);
  const int side = code.size() + 2 * quiet_zone;
  const auto groups = [&](int modules) { return (side + modules - 1) / modules; };
  return {.glyphs = glyphs,
          .quiet_zone = quiet_zone,
          .columns = groups(cell.modules_across) * cell.columns_per_module_group,
          .rows = groups(cell.modules_down)};
}

char32_t half_block(unsigned inked) {
  static constexpr char32_t kBlocks[] = {U' ', U'\u2580', U'\u2584', U'\u2588'};
  return kBlocks[inked];
}

// Bits: top left, top right, middle left, middle right, bottom left, bottom right. Unicode
// gave sextants a block of their own, minus the four shapes that existed already.
char32_t sextant(unsigned inked) {
  constexpr unsigned kLeftHalf = 0b010101;
  constexpr unsigned kRightHalf = 0b101010;
  constexpr unsigned kFull = 0b111111;
  if (inked == 0) return U' ';
  if (inked == kLeftHalf) return U'\u258C';
  if (inked == kRightHalf) return U'\u2590';
  if (inked == kFull) return U'\u2588';
  return 0x1FB00 + inked - 1U - (inked > kLeftHalf ? 1U : 0U) - (inked > kRightHalf ? 1U : 0U);
}

// Ink is what a glyph draws; in colour and on light backgrounds ink is the dark modules.
std::string blocks_row(const QrCode& code, const QrLayout& layout, int row, bool ink_is_dark) {
  const Cell cell = cell_of(layout.glyphs);
  std::string line;
  for (int column = 0; column < layout.columns; ++column) {
    unsigned inked = 0;
    for (int i = 0; i < cell.modules_across * cell.modules_down; ++i) {
      const int x = column * cell.modules_across + i % cell.modules_across - layout.quiet_zone;
      const int y = row * cell.modules_down + i / cell.modules_across - layout.quiet_zone;
      if (code.dark(x, y) == ink_is_dark) inked |= 1U << static_cast<unsigned>(i);
    }
    append_character(line,
                     layout.glyphs == QrGlyphs::kSextants ? sextant(inked) : half_block(inked));
  }
  return line;
}

// Plain cells have no ink of their own: colour or reverse video makes them light or dark,
// and without either there is only '#' for what should be inked.
std::string ascii_row(const QrCode& code, const QrLayout& layout, int y, QrInk ink) {
  const bool attributes = ink == QrInk::kColor || ink == QrInk::kReverse;
  const bool inked_is_dark = ink == QrInk::kColor || ink == QrInk::kDark;
  const std::string_view on = ink == QrInk::kColor ? "\x1b[48;5;16m" : "\x1b[7m";
  const std::string_view off = ink == QrInk::kColor ? "\x1b[48;5;231m" : "\x1b[0m";
  std::string line;
  std::optional<bool> last;
  for (int column = 0; column < layout.columns / 2; ++column) {
    const bool inked =
        code.dark(column - layout.quiet_zone, y - layout.quiet_zone) == inked_is_dark;
    if (attributes && last != inked) line.append(inked ? on : off);
    line.append(inked && !attributes ? "##" : "  ");
    last = inked;
  }
  if (attributes) line.append("\x1b[0m");
  return line;
}

}  // namespace

QrCode::QrCode(std::string_view text) {
  const std::string input(text);
  const std::unique_ptr<QRcode, void (*)(QRcode*)> code(
      QRcode_encodeString(input.c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1), QRcode_free);
  if (!code) throw Error(ErrorCode::kInternal, "the text does not fit into a QR code");
  size_ = code->width;
  const auto count = static_cast<std::size_t>(size_) * static_cast<std::size_t>(size_);
  dark_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) dark_.push_back((code->data[i] & 1U) != 0);
}

bool QrCode::dark(int x, int y) const {
  if (x < 0 || y < 0 || x >= size_ || y >= size_) return false;
  return dark_[static_cast<std::size_t>(y) * static_cast<std::size_t>(size_) +
               static_cast<std::size_t>(x)];
}

std::optional<QrLayout> lay_out(const QrCode& code, Size room,
                                const std::vector<QrGlyphs>& glyphs) {
  for (const QrGlyphs each : glyphs) {
    for (int quiet_zone = 4; quiet_zone >= 1; --quiet_zone) {
      const QrLayout layout = layout_of(code, each, quiet_zone);
      if (layout.columns <= room.columns && layout.rows <= room.rows) return layout;
    }
  }
  return std::nullopt;
}

Size smallest_room(const QrCode& code, QrGlyphs glyphs) {
  const QrLayout layout = layout_of(code, glyphs, 1);
  return {.columns = layout.columns, .rows = layout.rows};
}

std::vector<std::string> draw(const QrCode& code, const QrLayout& layout, QrInk ink) {
  std::vector<std::string> rows;
  for (int row = 0; row < layout.rows; ++row) {
    if (layout.glyphs == QrGlyphs::kAscii) {
      rows.push_back(ascii_row(code, layout, row, ink));
      continue;
    }
    const bool ink_is_dark = ink == QrInk::kColor || ink == QrInk::kDark;
    std::string line = blocks_row(code, layout, row, ink_is_dark);
    // 16 and 231 are the colour cube's black and white: unlike 0 and 15 no theme moves them.
    if (ink == QrInk::kColor) line = "\x1b[38;5;16;48;5;231m" + line + "\x1b[0m";
    rows.push_back(std::move(line));
  }
  return rows;
}

}  // namespace wasync::term
