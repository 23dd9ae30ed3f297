// The SQLite tables of the component "signal".
#pragma once

#include "base/migration.h"

namespace wasync {

// For migrate(); SignalStore's constructor does that.
Tables signal_tables();

}  // namespace wasync
