#include "cli/term/qr.h"

#include <doctest/doctest.h>

#include <string>

#include "cli/term/qr_png.h"
#include "cli/term/width.h"

namespace qr_test {

using namespace wasync;
using namespace wasync::term;

namespace {

// As long as a linking code of today with a server reference of 100 characters.
std::string linking_code() {
  std::string text = "https://wa.me/settings/linked_devices#2@";
  while (text.size() < 275) text += "Ab3+";
  return text;
}

const std::vector<QrGlyphs> kUnicode = {QrGlyphs::kHalfBlocks, QrGlyphs::kSextants};

}  // namespace

TEST_CASE("a linking code fits an 80x24 window with a line above and below") {
  const QrCode code(linking_code());
  CHECK(code.size() == 61);
  const auto layout = lay_out(code, {.columns = 80, .rows = 22}, kUnicode);
  REQUIRE(layout);
  CHECK(layout->glyphs == QrGlyphs::kSextants);
  CHECK(layout->rows <= 22);
  CHECK(layout->columns <= 80);
  CHECK(layout->quiet_zone >= 2);
}

TEST_CASE("half blocks are preferred where the window has room") {
  const QrCode code(linking_code());
  const Size need = smallest_room(code, QrGlyphs::kHalfBlocks);
  const auto layout = lay_out(code, need, kUnicode);
  REQUIRE(layout);
  CHECK(layout->glyphs == QrGlyphs::kHalfBlocks);
  CHECK(layout->rows == need.rows);
  CHECK(lay_out(code, {.columns = need.columns, .rows = need.rows - 1}, kUnicode)->glyphs ==
        QrGlyphs::kSextants);
  CHECK(lay_out(code, {.columns = 200, .rows = 80}, kUnicode)->quiet_zone == 4);
}

TEST_CASE("a window that is too small gets nothing, not half a code") {
  const QrCode code(linking_code());
  CHECK_FALSE(lay_out(code, {.columns = 80, .rows = 20}, kUnicode));
  CHECK_FALSE(lay_out(code, {.columns = 20, .rows = 80}, kUnicode));
  CHECK_FALSE(lay_out(code, {.columns = 80, .rows = 80}, {QrGlyphs::kAscii}));
}

TEST_CASE("every drawn row has the width that the layout promises") {
  const QrCode code(linking_code());
  for (const QrGlyphs glyphs : {QrGlyphs::kHalfBlocks, QrGlyphs::kSextants, QrGlyphs::kAscii}) {
    const auto layout = lay_out(code, {.columns = 300, .rows = 200}, {glyphs});
    REQUIRE(layout);
    const auto rows = draw(code, *layout, QrInk::kLight);
    CHECK(std::ssize(rows) == layout->rows);
    for (const auto& row : rows) CHECK(display_width(row) == layout->columns);
  }
}

TEST_CASE("half blocks show the modules") {
  const QrCode code("x");
  const auto layout = lay_out(code, {.columns = 100, .rows = 100}, {QrGlyphs::kHalfBlocks});
  const auto dark = draw(code, *layout, QrInk::kDark);
  // Quiet zone of four: two blank rows, then a finder pattern's seven dark modules whose
  // second row has only its two ends.
  CHECK(dark[0].find_first_not_of(' ') == std::string::npos);
  CHECK(dark[2].starts_with("    █▀▀▀▀▀█"));
  const auto light = draw(code, *layout, QrInk::kLight);
  CHECK(light[2].starts_with("████ ▄▄▄▄▄ █"));
  const auto color = draw(code, *layout, QrInk::kColor);
  CHECK(color[2].starts_with("\x1b[38;5;16;48;5;231m    █▀▀▀▀▀█"));
  CHECK(color[2].ends_with("\x1b[0m"));
}

TEST_CASE("a text no QR code can hold is refused") {
  CHECK_THROWS(QrCode(std::string(3000, 'x')));
}

TEST_CASE("the picture is a PNG of eight pixels a module") {
  const QrCode code("x");
  const Bytes png = to_png(code);
  CHECK(to_string(BytesView(png).first(4)) == "\x89PNG");
  CHECK(read_big_endian(BytesView(png).subspan(16, 4)) == (21 + 8) * 8);
}

}  // namespace qr_test
