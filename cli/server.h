// Where WhatsApp is and how we present ourselves there, as the options say.
#pragma once

#include <functional>

#include "cli/options.h"
#include "session/connection/client_payload.h"
#include "wire/connection.h"

namespace wasync {

Endpoint endpoint_of(const GlobalOptions& options);
// The same with the trace that --trace asks for; opens its file and throws what Trace does.
Endpoint traced_endpoint_of(const GlobalOptions& options);
// Asks the service for its web version where the options want that, which may take a second.
CompanionOptions companion_of(const GlobalOptions& options);
// The same, after a version was refused: with more patience. Empty when the options name one.
std::function<CompanionOptions()> companion_again(const GlobalOptions& options);

}  // namespace wasync
