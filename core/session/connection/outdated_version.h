// Which web version was refused, and what to do about it.
#pragma once

#include <exception>

#include "session/connection/client_payload.h"

namespace wasync {

// Error(kClientOutdated) becomes one that says which version was claimed and where that came
// from; whatever else is returned as it is.
std::exception_ptr with_version(std::exception_ptr reason, const CompanionOptions& options);

}  // namespace wasync
