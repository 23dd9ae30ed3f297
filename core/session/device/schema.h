// The session's tables in an account's file: the device, what the phone keeps in app state, and
// what was asked for and has not come yet.
#pragma once

#include "base/migration.h"

namespace wasync {

// For migrate().
Tables session_tables();

}  // namespace wasync
