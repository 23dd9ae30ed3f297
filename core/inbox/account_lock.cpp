#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/number.h"
#include "inbox/state_dir.h"

namespace wasync {
namespace {

constexpr int kMaxAttempts = 1000;

FileDescriptor open_lock(const std::filesystem::path& file) {
  FileDescriptor fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) {
    throw Error(ErrorCode::kIo, Phrase{"cannot open {}: {}", "{} nu se poate deschide: {}"}.with(
                                    file.string(), std::strerror(errno)));
  }
  return fd;
}

// Tries until the call is not interrupted; false when somebody else has the lock.
bool lock_now(int fd, int operation, const std::filesystem::path& file) {
  while (::flock(fd, operation | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) {
      throw Error(ErrorCode::kIo, Phrase{"cannot lock {}: {}", "{} nu se poate bloca: {}"}.with(
                                      file.string(), std::strerror(errno)));
    }
  }
  return true;
}

bool was_deleted(int fd) {
  struct stat facts {};
  return ::fstat(fd, &facts) != 0 || facts.st_nlink == 0;
}

int read_pid(int fd) {
  std::array<char, 32> bytes{};
  const ssize_t count = ::pread(fd, bytes.data(), bytes.size(), 0);
  std::string_view text(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  return take_number<int>(text).value_or(0);
}

}  // namespace

std::optional<AccountLock> AccountLock::try_acquire(const StateDir& state, const AccountId& id) {
  const auto file = state.lock_file(id);
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    state.create_account(id);
    FileDescriptor fd = open_lock(file);
    if (!lock_now(fd.get(), LOCK_EX, file)) {
      // `holder` looks by taking a shared lock for an instant: that is no holder.
      if (!lock_now(fd.get(), LOCK_SH, file)) return std::nullopt;
      ::sched_yield();
      continue;
    }
    if (was_deleted(fd.get())) continue;  // the account was purged while we waited
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd.get(), 0) != 0 ||
        ::pwrite(fd.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
      throw Error(ErrorCode::kIo, Phrase{"cannot write {}: {}", "{} nu se poate scrie: {}"}.with(
                                      file.string(), std::strerror(errno)));
    }
    return AccountLock(std::move(fd));
  }
  return std::nullopt;
}

AccountLock AccountLock::acquire(const StateDir& state, const AccountId& id) {
  if (auto lock = try_acquire(state, id)) return std::move(*lock);
  const auto pid = holder(state, id);
  const Words who = pid && *pid > 0 ? Phrase{"process {}", "procesul {}"}.with(*pid)
                                    : Phrase{"another process", "alt proces"};
  throw Error(ErrorCode::kHeldElsewhere,
              Phrase{"{} holds the account {}", "{} ține contul {}"}.with(who, id.str()),
              Phrase{"Stop it (it may be `wa-sync listen`), or let it do the work.",
                     "Oprește-l (poate fi `wa-sync listen`) sau lasă-l pe el să facă treaba."});
}

std::optional<int> AccountLock::holder(const StateDir& state, const AccountId& id) {
  const auto file = state.lock_file(id);
  const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return std::nullopt;
  // A shared lock is only refused while somebody has the exclusive one.
  if (lock_now(fd.get(), LOCK_SH, file)) return std::nullopt;
  return read_pid(fd.get());
}

}  // namespace wasync
