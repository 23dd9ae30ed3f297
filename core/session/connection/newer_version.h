// Finds another web version after the server refused one.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>

#include "session/connection/client_payload.h"

namespace wasync {

// Calls `ask` on `workers`, because it may block. Returns the answer when it has another version
// than the refused one. Nothing when it has the same, when `ask` is empty, or when the user has
// chosen the version.
boost::asio::awaitable<std::optional<CompanionOptions>> newer_version(
    boost::asio::any_io_executor workers, std::function<CompanionOptions()> ask,
    CompanionOptions refused);

}  // namespace wasync
