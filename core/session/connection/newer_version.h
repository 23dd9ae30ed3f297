// Another try for a web version that was refused.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>

#include "session/connection/client_payload.h"

namespace wasync {

// What `ask` answers, which may block and so is called on `workers`, when that is another version
// than was refused. Nothing when it is not, when there is nobody to ask, and when the user has said
// which version it is to be.
boost::asio::awaitable<std::optional<CompanionOptions>> newer_version(
    boost::asio::any_io_executor workers, std::function<CompanionOptions()> ask,
    CompanionOptions refused);

}  // namespace wasync
