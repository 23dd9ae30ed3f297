// The inbox's tables in an account's file. Times are Unix seconds; addresses are bare JIDs
// in text form. Uploadable tables (account, threads, messages, contacts) carry
//
//   revision           raised by one whenever an uploadable fact of the row changes
//   uploaded_revision  the revision that last reached the Inbox; below `revision` = dirty
//   upload_error       why the row was set aside; cleared when the row changes again
#pragma once

namespace wasync {

class Database;
enum class TablesAge;

// Creates or migrates the tables (component "inbox"). Throws Error(kStoreTooNew).
// Must not be called inside a transaction.
void migrate_inbox(Database& database);

// For those who only look (tables_age in base/sqlite.h).
TablesAge inbox_tables_age(Database& database);

}  // namespace wasync
