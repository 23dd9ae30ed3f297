// A yes or no of the person at the terminal.
#pragma once

#include <string>

#include "cli/console.h"

namespace wasync {

// Somebody is there to be asked, and sees the question.
bool can_ask(const Console& console);
// No, unless they say yes, in English or Romanian.
bool ask(const std::string& question);

}  // namespace wasync
