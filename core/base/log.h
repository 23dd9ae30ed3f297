// Diagnostics for operators, on standard error; never on standard output. Off below
// warnings unless asked for. What comes from strangers is passed through `clean` in text.h
// before it is logged raw; JIDs parsed by Jid::parse hold no control characters.
#pragma once

#include <spdlog/spdlog.h>

#include <string_view>

namespace wasync::log {

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;

enum class Format { kText, kJson };

// To be called once, before any thread is started. `level`: -1 errors only, 0 warnings,
// 1 info, 2 debug. Under systemd, times are left to the journal.
void start(Format format, int level);

}  // namespace wasync::log
