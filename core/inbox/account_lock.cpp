#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>

#include "base/error.h"
#include "inbox/state_dir.h"

namespace wasync {
namespace {

constexpr int kMaxAttempts = 1000;

// Owner of a file descriptor until it becomes the lock's.
struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
  int release() { return std::exchange(value, -1); }
};

int open_lock(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
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
  std::array<char, 32> text{};
  const ssize_t count = ::pread(fd, text.data(), text.size(), 0);
  int pid = 0;
  if (count > 0) std::from_chars(text.data(), text.data() + count, pid);
  return pid;
}

}  // namespace

std::optional<AccountLock> AccountLock::try_acquire(const StateDir& state, const AccountId& id) {
  const auto file = state.lock_file(id);
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    state.create_account(id);
    Descriptor fd{open_lock(file)};
    if (!lock_now(fd.value, LOCK_EX, file)) {
      // `holder` looks by taking a shared lock for an instant: that is no holder.
      if (!lock_now(fd.value, LOCK_SH, file)) return std::nullopt;
      ::sched_yield();
      continue;
    }
    if (was_deleted(fd.value)) continue;  // the account was purged while we waited
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd.value, 0) != 0 ||
        ::pwrite(fd.value, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
      throw Error(ErrorCode::kIo, Phrase{"cannot write {}: {}", "{} nu se poate scrie: {}"}.with(
                                      file.string(), std::strerror(errno)));
    }
    return AccountLock(fd.release());
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
              Phrase{"stop it (it may be `wa-sync listen`), or let it do the work",
                     "oprește-l (poate fi `wa-sync listen`) sau lasă-l pe el să facă treaba"});
}

std::optional<int> AccountLock::holder(const StateDir& state, const AccountId& id) {
  const auto file = state.lock_file(id);
  const Descriptor fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (fd.value < 0) return std::nullopt;
  // A shared lock is only refused while somebody has the exclusive one.
  if (lock_now(fd.value, LOCK_SH, file)) return std::nullopt;
  return read_pid(fd.value);
}

AccountLock::~AccountLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

AccountLock::AccountLock(AccountLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

AccountLock& AccountLock::operator=(AccountLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

}  // namespace wasync
