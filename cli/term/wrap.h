// Lines for a terminal, broken between words.
#pragma once

#include <string>

namespace wasync::term {

// Lines of at most `columns`, the first behind `margin` columns that are taken already, the others
// behind `indent` spaces. A word that is too long has a line of its own.
std::string wrapped(const std::string& text, int columns, int margin, int indent);

}  // namespace wasync::term
