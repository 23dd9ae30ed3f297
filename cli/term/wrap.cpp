#include "cli/term/wrap.h"

#include <sstream>

#include "cli/term/width.h"

namespace wasync::term {

std::string wrapped(const std::string& text, int columns, int margin, int indent) {
  const std::string next = "\n" + std::string(static_cast<std::size_t>(indent), ' ');
  std::istringstream words(text);
  std::string out;
  int at = margin;
  for (std::string word; words >> word;) {
    const int width = display_width(word);
    const bool first = out.empty();
    if (!first && at + 1 + width > columns) {
      out += next;
      at = indent;
    } else if (!first) {
      out += ' ';
      ++at;
    }
    out += word;
    at += width;
  }
  return out;
}

}  // namespace wasync::term
