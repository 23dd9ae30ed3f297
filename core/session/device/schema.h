// The tables of component "session" in the account's file: those of all its rooms, since one list
// of migrations makes them. Each says which header speaks for it.
#pragma once

#include <span>
#include <string_view>

namespace wasync {

// For migrate().
std::span<const std::string_view> session_migrations();

}  // namespace wasync
