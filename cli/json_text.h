// JSON as the command line prints it: UTF-8, never an exception over a stranger's bytes, and
// harmless on a terminal.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/clock.h"

namespace wasync {

class Error;

// One line.
std::string json_line(const nlohmann::ordered_json& value);
// Indented, for people who look at a listing; scripts do not mind.
std::string json_pretty(const nlohmann::ordered_json& value);

// RFC 3339 in UTC, or null when unknown.
nlohmann::ordered_json json_time(UnixSeconds time);

// {"event":"…","ts":"…", …fields}
std::string json_event(const char* event, const nlohmann::ordered_json& fields);
std::string error_event(const Error& error, const std::string& hint);

}  // namespace wasync
