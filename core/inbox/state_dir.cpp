#include "inbox/state_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace wasync {
namespace {

namespace fs = std::filesystem;

constexpr Phrase kChooseWritable{"Choose a directory you may write to with --state-dir.",
                                 "Alege cu --state-dir un director în care poți scrie."};

std::string reason() {
  return std::strerror(errno);
}

[[noreturn]] void refuse(const fs::path& directory, Phrase why, const Words& hint) {
  throw Error(ErrorCode::kConfig,
              Phrase{"the state directory {} {}", "directorul de stare {} {}"}.with(
                  directory.string(), why),
              hint);
}

// `through_link`: the root may be reached through a symbolic link that the operator made;
// inside the tree nothing may lead out of it.
void check_private(const fs::path& directory, bool through_link) {
  struct stat facts {};
  const int failed =
      through_link ? ::stat(directory.c_str(), &facts) : ::lstat(directory.c_str(), &facts);
  if (failed != 0) {
    throw Error(ErrorCode::kIo, Phrase{"cannot look at {}: {}", "{} nu se poate citi: {}"}.with(
                                    directory.string(), reason()));
  }
  if (!S_ISDIR(facts.st_mode)) {
    refuse(directory, {"is not a directory", "nu este un director"},
           Phrase{"move it away, or choose another with --state-dir",
                  "mută-l sau alege altul cu --state-dir"});
  }
  if (facts.st_uid != ::geteuid()) {
    refuse(directory, {"belongs to another user", "este al altui utilizator"},
           Phrase{"Run as its owner, choose another with --state-dir, or: chown -R $(id -u) '{}'",
                  "Rulează ca proprietarul lui, alege altul cu --state-dir sau: chown -R $(id -u) "
                  "'{}'"}
               .with(directory.string()));
  }
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    refuse(directory,
           {"holds keys and messages, but others may enter it",
            "conține chei și mesaje, dar pot intra și alții"},
           Phrase{"run: chmod 700 '{}'", "rulează: chmod 700 '{}'"}.with(directory.string()));
  }
}

void make_private(const fs::path& directory, bool through_link = false) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    throw Error(ErrorCode::kIo,
                Phrase{"cannot create {}: {}", "{} nu se poate crea: {}"}.with(directory.string(),
                                                                               reason()),
                kChooseWritable);
  }
  check_private(directory, through_link);
}

[[noreturn]] void cannot_enter(const fs::path& directory, const std::string& why) {
  throw Error(ErrorCode::kIo,
              Phrase{"cannot look into the state directory: {}: {}",
                     "directorul de stare nu se poate citi: {}: {}"}
                  .with(directory.string(), why),
              Phrase{"Run as its owner, or choose another directory with --state-dir.",
                     "Rulează ca proprietarul lui sau alege alt director cu --state-dir."});
}

// Throws when that cannot be told: "not there" must not be said of what is only out of reach.
bool is_there(const fs::path& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) == 0) return true;
  if (errno != ENOENT && errno != ENOTDIR) cannot_enter(path, reason());
  return false;
}

bool is_plain_directory(const fs::path& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

bool is_plain_file(const fs::path& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
}

}  // namespace

fs::path resolve_state_dir(const std::optional<fs::path>& chosen, const Environment& environment) {
  const auto absolute = [](const fs::path& path) {
    const fs::path normal = fs::absolute(path).lexically_normal();
    return normal.has_filename() ? normal : normal.parent_path();
  };
  if (chosen && !chosen->empty()) return absolute(*chosen);
  if (const auto dir = environment("WA_SYNC_STATE_DIR")) return absolute(*dir);
  if (const auto dirs = environment("STATE_DIRECTORY")) {
    const std::string first = dirs->substr(0, dirs->find(':'));
    if (!first.empty()) return absolute(first);
  }
  // The XDG rules say to ignore a relative path.
  if (const auto dir = environment("XDG_STATE_HOME"); dir && dir->starts_with('/')) {
    return absolute(fs::path(*dir) / "wa-sync");
  }
  if (const auto home = environment("HOME"); home && home->starts_with('/')) {
    return absolute(fs::path(*home) / ".local" / "state" / "wa-sync");
  }
  throw Error(ErrorCode::kConfig,
              Phrase{"there is no home directory for the state",
                     "nu există un director personal pentru stare"},
              Phrase{"Choose a directory with --state-dir or WA_SYNC_STATE_DIR.",
                     "Alege un director cu --state-dir sau WA_SYNC_STATE_DIR."});
}

StateDir StateDir::open(const fs::path& root) {
  std::error_code error;
  if (const fs::path parent = root.parent_path(); !parent.empty()) {
    fs::create_directories(parent, error);
    if (error) {
      throw Error(ErrorCode::kIo,
                  Phrase{"cannot create {}: {}", "{} nu se poate crea: {}"}.with(parent.string(),
                                                                                 error.message()),
                  kChooseWritable);
    }
  }
  make_private(root, true);
  make_private(root / "accounts");
  make_private(root / "run");
  return StateDir(root);
}

std::optional<StateDir> StateDir::open_existing(const fs::path& root) {
  if (!is_there(root)) return std::nullopt;
  check_private(root, true);
  for (const char* part : {"accounts", "run"}) {
    if (is_there(root / part)) check_private(root / part, false);
  }
  return StateDir(root);
}

std::vector<AccountId> StateDir::accounts() const {
  std::vector<AccountId> ids;
  std::error_code error;
  for (fs::directory_iterator at(root_ / "accounts", error), end; !error && at != end;
       at.increment(error)) {
    const auto id = AccountId::parse(at->path().filename().string());
    if (id && has_account(*id)) ids.push_back(*id);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    cannot_enter(root_ / "accounts", error.message());
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

bool StateDir::has_account(const AccountId& id) const {
  return is_plain_directory(account_dir(id)) && is_plain_file(account_file(id));
}

fs::path StateDir::create_account(const AccountId& id) const {
  fs::path directory = account_dir(id);
  make_private(directory);
  return directory;
}

void StateDir::remove_account(const AccountId& id) const {
  std::error_code error;
  fs::remove(control_socket(id), error);
  fs::remove(generation_file(id), error);
  fs::remove_all(account_dir(id), error);  // removes links, does not follow them
  if (error) {
    throw Error(ErrorCode::kIo, Phrase{"cannot delete {}: {}", "{} nu se poate șterge: {}"}.with(
                                    account_dir(id).string(), error.message()));
  }
}

fs::path StateDir::account_dir(const AccountId& id) const {
  return root_ / "accounts" / id.str();
}
fs::path StateDir::account_file(const AccountId& id) const {
  return account_dir(id) / "wa-sync.db";
}
fs::path StateDir::lock_file(const AccountId& id) const {
  return account_dir(id) / "lock";
}
fs::path StateDir::run_dir() const {
  return root_ / "run";
}
fs::path StateDir::control_socket(const AccountId& id) const {
  return run_dir() / (id.str() + ".sock");
}
fs::path StateDir::generation_file(const AccountId& id) const {
  return run_dir() / (id.str() + ".generation");
}

}  // namespace wasync
