#include "cli/term/live_area.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace wasync::term {

std::string LiveArea::back_to_start() const {
  if (height_ == 0) return {};
  if (room() != drawn_in_) return "\x1b[2J\x1b[H";
  if (height_ == 1) return "\r";
  return "\r\x1b[" + std::to_string(height_ - 1) + "A";
}

void LiveArea::show(const std::vector<std::string>& lines) {
  // One write, so that nobody sees it half drawn.
  std::string text = back_to_start();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) text += "\r\n";
    text += lines[i] + "\x1b[K";
  }
  if (lines.size() < height_) text += "\x1b[J";
  write(text);
  height_ = lines.size();
  drawn_in_ = room();
}

void LiveArea::erase() {
  if (height_ == 0) return;
  write(back_to_start() + "\x1b[J");
  height_ = 0;
}

void LiveArea::release() {
  if (height_ == 0) return;
  write("\r\n");
  height_ = 0;
}

void LiveArea::write(const std::string& text) const {
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // a vanished terminal is no reason to stop working
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string bar(int percent, int columns, bool utf8) {
  const int halves = std::clamp(percent, 0, 100) * columns * 2 / 100;
  const int full = halves / 2;
  const bool half = utf8 && halves % 2 == 1;
  std::string out;
  for (int i = 0; i < full; ++i) out += utf8 ? "█" : "#";
  if (half) out += "▌";
  for (int i = full + (half ? 1 : 0); i < columns; ++i) out += utf8 ? "─" : "-";
  return out;
}

}  // namespace wasync::term
