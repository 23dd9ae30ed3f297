// The inbox's tables in an account's file. Times are Unix seconds; addresses are bare JIDs
// in text form. Uploadable tables (account, threads, messages, contacts) carry
//
//   revision           raised by one whenever an uploadable fact of the row changes
//   uploaded_revision  the revision that last reached the Inbox; below `revision` = dirty
//   upload_error       why the row was set aside; cleared when the row changes again
#pragma once

#include "base/migration.h"

namespace wasync {

// For migrate().
Tables inbox_tables();

// Runs migrate() for these tables only.
void migrate_inbox(Database& database);

}  // namespace wasync
