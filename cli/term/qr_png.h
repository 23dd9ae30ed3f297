// A QR code as a PNG file, for windows too small to show one and for runbooks.
#pragma once

#include <filesystem>

#include "base/bytes.h"
#include "cli/term/qr.h"

namespace wasync::term {

// Black on white, 8 pixels a module, quiet zone of 4 modules.
Bytes to_png(const QrCode& code);

// Writes the picture with mode 0600, replacing the file at once (a viewer never sees half
// of it). The code is a secret while it is valid: remove the file when it is not needed.
// Throws Error(kIo).
void write_png(const QrCode& code, const std::filesystem::path& file);

}  // namespace wasync::term
