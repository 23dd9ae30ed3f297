#include "cli/term/qr_png.h"

#include <zlib.h>

#include <array>
#include <string_view>

#include "base/error.h"
#include "base/secret_file.h"

namespace wasync::term {
namespace {

constexpr int kScale = 8;
constexpr int kQuietZone = 4;

// A PNG chunk: length, type, data, CRC over type and data (PNG specification, 5.3).
void append_chunk(Bytes& png, std::string_view type, BytesView data) {
  append_big_endian(png, data.size(), 4);
  const std::size_t checked_from = png.size();
  append(png, as_bytes(type));
  append(png, data);
  const auto crc =
      crc32(0, png.data() + checked_from, static_cast<uInt>(png.size() - checked_from));
  append_big_endian(png, crc, 4);
}

// Rows of one bit a pixel, each behind its filter byte; a set bit is white.
Bytes scan_lines(const QrCode& code, int side) {
  Bytes lines;
  const auto row_bytes = static_cast<std::size_t>((side + 7) / 8);
  for (int y = 0; y < side; ++y) {
    Bytes row(row_bytes + 1, 0);
    for (int x = 0; x < side; ++x) {
      if (code.dark(x / kScale - kQuietZone, y / kScale - kQuietZone)) continue;
      auto& byte = row[1 + static_cast<std::size_t>(x) / 8];
      byte = static_cast<std::uint8_t>(byte | (0x80U >> (static_cast<unsigned>(x) % 8U)));
    }
    append(lines, row);
  }
  return lines;
}

}  // namespace

Bytes to_png(const QrCode& code) {
  const int side = (code.size() + 2 * kQuietZone) * kScale;
  const Bytes lines = scan_lines(code, side);
  uLongf packed_size = compressBound(static_cast<uLong>(lines.size()));
  Bytes packed(packed_size);
  if (compress2(packed.data(), &packed_size, lines.data(), static_cast<uLong>(lines.size()), 9) !=
      Z_OK)
    throw Error(ErrorCode::kInternal, "cannot compress the QR picture");
  packed.resize(packed_size);

  Bytes header;
  append_big_endian(header, static_cast<std::uint64_t>(side), 4);
  append_big_endian(header, static_cast<std::uint64_t>(side), 4);
  append(header, std::array<std::uint8_t, 5>{1, 0, 0, 0, 0});  // 1 bit grey, no interlace

  Bytes png;
  append(png, std::array<std::uint8_t, 8>{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
  append_chunk(png, "IHDR", header);
  append_chunk(png, "IDAT", packed);
  append_chunk(png, "IEND", {});
  return png;
}

void write_png(const QrCode& code, const std::filesystem::path& file) {
  write_secret_file(file, to_png(code));
}

}  // namespace wasync::term
