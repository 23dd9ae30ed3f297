// Which conversation a command is about, where the text that names it does not say.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "inbox/queries.h"

namespace wasync {

// Error(kUsage): `text` names none of the conversations, or all of these.
Error not_one_thread(const std::string& text, const std::vector<ThreadListing>& named);

}  // namespace wasync
