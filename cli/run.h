// The program behind main().
#pragma once

#include <string>
#include <vector>

namespace wasync {

// `arguments` without the program's name. Never throws: whatever goes wrong is reported and
// becomes the exit code.
int run(const std::vector<std::string>& arguments);

struct Console;
struct Invocation;
// For log::start.
int log_level(const Invocation& invocation, const Console& console);

}  // namespace wasync
