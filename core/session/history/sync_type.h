// The names of history sync types, as events and logs show them.
#pragma once

#include <string_view>

namespace wasync {

std::string_view sync_type_name(int type);  // "INITIAL_BOOTSTRAP", …; "UNKNOWN"

}  // namespace wasync
