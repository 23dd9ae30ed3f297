// The process's environment as a value, so that tests can pass another one.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace wasync {

// Reads one environment variable; empty values count as unset.
using Environment = std::function<std::optional<std::string>(const char* name)>;
Environment process_environment();

}  // namespace wasync
