#include "cli/term/progress.h"

#include <algorithm>

namespace wasync::term {

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
