// Stores what an account says about its backfills, in tables of its own. Private to the inbox: the
// values are parts of Account (account.h).
#pragma once

#include <string>

namespace wasync {

class Database;
struct Account;

// Reads the parts of `account` that are stored here. An account that was never backfilled has no
// rows.
void read_backfill_state(Database& database, Account& account);
// Writes what differs. Works inside the caller's transaction, or on its own.
void store_backfill_state(Database& database, const Account& before, const Account& after);

// The form in which the account keeps a text from a stranger: one line, bounded.
std::string storable_remark(const std::string& text);

}  // namespace wasync
