// Where an operator's accounts live on disk, and who holds one.
//
//   <state>/accounts/<accountId>/wa-sync.db     everything of one account
//   <state>/accounts/<accountId>/wa-sync.db.before-…   as it was before an update (base/upgrade.h)
//   <state>/accounts/<accountId>/lock           flock: who holds the WhatsApp connection
//   <state>/run/<accountId>.sock                control socket of the holder
//   <state>/run/<accountId>.generation          how far wa-sync.db has come: shows a restored
//   backup
//
// Directories are 0700, files 0600, all ours. A directory is refused when others can enter it, when
// it belongs to another user, or when it is a symbolic link inside the tree.
//
// Pairing needs no directory of its own. The account id is known only once the phone has
// answered, so a pairing keeps its keys in memory until then; it then calls
// `create_account`, takes the AccountLock, opens the account file and, in one transaction,
// replaces the session's tables (credentials, Signal keys) and puts the account row; only
// after COMMIT does it confirm to the server. A re-pair of a known account therefore keeps
// its inbox, and a crash before COMMIT leaves the former state (the phone then lists a
// device that never logs in, which the user can remove).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/environment.h"
#include "base/file_descriptor.h"
#include "inbox/ids.h"

namespace wasync {

// `chosen` (--state-dir), else $WA_SYNC_STATE_DIR, $STATE_DIRECTORY (systemd; the first of a
// colon-separated list), $XDG_STATE_HOME/wa-sync, ~/.local/state/wa-sync. Returns an absolute path
// and creates nothing. Throws Error(kConfig) when there is no home directory either.
std::filesystem::path resolve_state_dir(
    const std::optional<std::filesystem::path>& chosen = std::nullopt,
    const Environment& environment = process_environment());

class StateDir {
 public:
  // Creates what is missing. Throws Error(kConfig) with the chmod/chown to run when an
  // existing directory is open to others or not ours, Error(kIo) when it cannot be made.
  static StateDir open(const std::filesystem::path& root);
  // For commands that only read: nothing when the directory does not exist.
  static std::optional<StateDir> open_existing(const std::filesystem::path& root);

  const std::filesystem::path& root() const { return root_; }

  // Accounts that have a wa-sync.db, sorted by id. Foreign names, links and files are skipped.
  std::vector<AccountId> accounts() const;
  bool has_account(const AccountId& id) const;

  // The account's directory, created if missing and checked like the root. Idempotent.
  std::filesystem::path create_account(const AccountId& id) const;
  // Deletes the account's directory with everything in it (`unpair --purge`). The caller
  // holds the AccountLock.
  void remove_account(const AccountId& id) const;

  std::filesystem::path account_dir(const AccountId& id) const;
  std::filesystem::path account_file(const AccountId& id) const;  // wa-sync.db
  std::filesystem::path lock_file(const AccountId& id) const;
  std::filesystem::path run_dir() const;  // created by `open`
  // May be longer than a socket address can hold (107 bytes) when the root is deep; bind and
  // connect relative to `run_dir` then.
  std::filesystem::path control_socket(const AccountId& id) const;
  std::filesystem::path generation_file(const AccountId& id) const;

 private:
  explicit StateDir(std::filesystem::path root) : root_(std::move(root)) {}
  std::filesystem::path root_;
};

// Exclusive hold of an account among processes (and among holders inside one), released on
// destruction and by the kernel when the process dies. The file keeps the holder's pid for
// the message only; the flock alone decides.
class AccountLock {
 public:
  // Throws Error(kHeldElsewhere), naming the holder's pid, when another holder has it.
  static AccountLock acquire(const StateDir& state, const AccountId& id);
  // Returns nothing when another holder has it. Throws Error(kIo) when the lock file cannot be
  // used.
  static std::optional<AccountLock> try_acquire(const StateDir& state, const AccountId& id);
  // Pid of the process that holds the account now; nothing when it is free.
  static std::optional<int> holder(const StateDir& state, const AccountId& id);

 private:
  explicit AccountLock(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

}  // namespace wasync
