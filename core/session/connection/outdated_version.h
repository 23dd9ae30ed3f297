// Says which web version the server refused, and what to do about it.
#pragma once

#include <exception>

#include "session/connection/client_payload.h"

namespace wasync {

// Turns Error(kClientOutdated) into one that says which version we claimed and where it came from.
// Returns any other reason as it is.
std::exception_ptr with_version(std::exception_ptr reason, const CompanionOptions& options);

}  // namespace wasync
