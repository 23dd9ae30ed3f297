// The tables of component "session" in the account's file. One list of migrations makes the tables
// of all its rooms. Each table names the header that explains it.
#pragma once

#include "base/migration.h"

namespace wasync {

// For migrate().
Tables session_tables();

}  // namespace wasync
