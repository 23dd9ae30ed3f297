// Shows when an account's file was put back from a backup. Its ratchets are then behind, and ids of
// pre-keys that it would give out next were given out already.
//
// The account's file counts how far it has come: its generation rises at each login, at most once a
// minute while the server answers, and at each end of a connection. The same number stands in
// <state>/run/<accountId>.generation, outside the account's folder, so a restore of the folder
// leaves it alone. The account's file is always committed first. So a crash leaves the file outside
// behind, never ahead: ahead means that the account's file is an older one. Without the file
// outside, or with one of another account, the account has moved here, and that is no error.
#pragma once

#include <cstdint>
#include <filesystem>

namespace wasync {

class Database;

// In the caller's transaction; note_generation() follows once that is committed.
void raise_generation(Database& database);

// Writes to `file` how far the account's file has come, with the ids of pre-keys that it has given
// out, atomically and with mode 0600. Has no effect when the account is not linked. That the file
// cannot be written is only logged: it is then behind, as after a crash.
void note_generation(Database& database, const std::filesystem::path& file);

enum class FileAge {
  kCurrent,
  kRestored,    // of the same link, but older than what this host has seen
  kFormerLink,  // the account was linked anew since: WhatsApp refuses this one's keys
};

// Call it as soon as the account is held, without a transaction. Compares with `file` and notes the
// generation there. Makes a restored file ready to go on, in the transaction "restored backup":
// - Device::restored_at says when.
// - The ids of pre-keys go on behind all that were given out. There is a new signed pre-key, and
//   one-time pre-keys are to be uploaded.
// - With our phone, the only one whom we write to, a new session is due: the phone may have gone on
//   from the old one, which still decrypts. Should that be used to encrypt, it takes no key that
//   was used before: the phone would drop the message as a duplicate.
FileAge take_up_generation(Database& database, const std::filesystem::path& file);

}  // namespace wasync
