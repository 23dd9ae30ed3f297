// What an account says of its backfills, in tables of its own. Private to the inbox: the values
// are parts of Account (account.h).
#pragma once

#include <string>

namespace wasync {

class Database;
struct Account;

// The parts of `account` that are stored here; an account that was never backfilled has no rows.
void read_backfill_state(Database& database, Account& account);
// Writes what differs. In the caller's transaction, or on its own.
void store_backfill_state(Database& database, const Account& before, const Account& after);

// A text from a stranger that the account keeps: one line, bounded.
std::string storable_remark(const std::string& text);

}  // namespace wasync
