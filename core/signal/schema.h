// The SQLite tables of the component "signal".
#pragma once

#include <span>
#include <string_view>

namespace wasync {

// For migrate(database, "signal", …); SignalStore's constructor does that.
std::span<const std::string_view> signal_migrations();

}  // namespace wasync
