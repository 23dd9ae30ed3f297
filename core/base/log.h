// Diagnostics for operators, on standard error and never on standard output. Only warnings and
// errors appear unless the user asks for more. Callers pass text from strangers through
// `terminal_safe` (text.h) first; a JID from Jid::parse contains no control characters.
#pragma once

#include <spdlog/spdlog.h>

#include <string_view>

namespace wasync::log {

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;

enum class Format { kText, kJson };

// Call once, before any thread starts. `level`: -1 errors only, 0 warnings, 1 info, 2 debug.
// Under systemd, lines have no time: the journal adds it.
void start(Format format, int level);

}  // namespace wasync::log
