// The tables of component "session" in the account's file: those of all its rooms, since one list
// of migrations makes them. Each says which header speaks for it.
#pragma once

#include "base/migration.h"

namespace wasync {

// For migrate().
Tables session_tables();

}  // namespace wasync
