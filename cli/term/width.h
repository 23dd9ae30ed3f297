// How many terminal columns a text takes; cutting or wrapping it to fit.
//
// Input is UTF-8 from strangers whose control characters have been stripped already;
// a malformed byte counts as one column.
#pragma once

#include <string>
#include <string_view>

namespace wasync::term {

int display_width(std::string_view text);

// The longest prefix within `columns`, ending in "…" when something was cut. Never cuts
// inside a character or between it and its combining marks.
std::string fit(std::string_view text, int columns);

// True when the text holds right-to-left letters.
bool has_right_to_left(std::string_view text);

// Lines of at most `columns`, broken between words: the first behind `margin` columns that are
// taken already, the others behind `indent` spaces. A word that is too long has a line of its own.
std::string wrapped(const std::string& text, int columns, int margin, int indent);

}  // namespace wasync::term
