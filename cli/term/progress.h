// A progress bar as text.
#pragma once

#include <string>

namespace wasync::term {

// "██████▌─────" of exactly `columns` cells; in ASCII "######------". `percent` is clamped
// to 0…100.
std::string bar(int percent, int columns, bool utf8);

}  // namespace wasync::term
