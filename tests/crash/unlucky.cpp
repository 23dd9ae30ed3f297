// libunlucky: loaded before the C library (LD_PRELOAD), it gives a process bad luck while it runs:
// a disk that fails, and a clock that jumps. Environment variables:
//
//   UNLUCKY_CONTROL=FILE     of eight 64-bit integers (Control below): a test maps and changes it
//   UNLUCKY_DIRECTORY=PATH   only files below it fail

// Where this is 64, the C library makes pwrite and pwrite64 one name; here they are two functions.
#undef _FILE_OFFSET_BITS
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

struct Control {
  std::atomic<std::int64_t> clock_ahead_s;
  std::atomic<std::int64_t> first;    // the number of the first call that fails; 0: none does
  std::atomic<std::int64_t> calls;    // that fail, from that one on
  std::atomic<std::int64_t> error;    // errno
  std::atomic<std::int64_t> counted;  // calls that could have failed
  std::atomic<std::int64_t> failed;   // calls that did
  std::atomic<std::int64_t> unused[2];
};
static_assert(sizeof(Control) == 64);

Control nothing{};

Control* map_control() {
  const char* path = std::getenv("UNLUCKY_CONTROL");
  const int file = path != nullptr ? ::open(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return &nothing;
  void* mapped = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  return mapped != MAP_FAILED ? static_cast<Control*>(mapped) : &nothing;
}

// Set when the library is loaded; what is called earlier has no bad luck.
std::atomic<Control*> shared{&nothing};
std::string* directory = nullptr;

__attribute__((constructor)) void begin() {
  const char* path = std::getenv("UNLUCKY_DIRECTORY");
  if (path != nullptr) directory = new std::string(path);
  shared = map_control();
}

bool is_below(const char* path) {
  return directory != nullptr && std::strncmp(path, directory->c_str(), directory->size()) == 0;
}

bool is_below(int file) {
  char link[64];
  char path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t size = ::readlink(link, path, sizeof path - 1);
  if (size < 0) return false;
  path[size] = '\0';
  return is_below(path);
}

// Whether this call fails; then errno says why.
template <typename Where>
bool fails(Where where) {
  Control& control = *shared;
  if (control.first == 0) return false;
  const int before = errno;
  const bool ours = is_below(where);
  errno = before;
  if (!ours) return false;
  const std::int64_t number = ++control.counted;
  if (number < control.first || number - control.first >= control.calls) return false;
  ++control.failed;
  errno = static_cast<int>(control.error);
  return true;
}

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

mode_t mode_of(int flags, va_list more) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
}

bool makes_files(int flags) {
  return (flags & O_CREAT) != 0;
}

}  // namespace

#define UNLUCKY extern "C" __attribute__((visibility("default")))

UNLUCKY ssize_t write(int file, const void* data, size_t size) {
  static const auto call = real<ssize_t(int, const void*, size_t)>("write");
  return fails(file) ? -1 : call(file, data, size);
}
UNLUCKY ssize_t pwrite(int file, const void* data, size_t size, off_t at) {
  static const auto call = real<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return fails(file) ? -1 : call(file, data, size, at);
}
UNLUCKY ssize_t pwrite64(int file, const void* data, size_t size, off64_t at) {
  static const auto call = real<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return fails(file) ? -1 : call(file, data, size, at);
}
UNLUCKY int fsync(int file) {
  static const auto call = real<int(int)>("fsync");
  return fails(file) ? -1 : call(file);
}
UNLUCKY int fdatasync(int file) {
  static const auto call = real<int(int)>("fdatasync");
  return fails(file) ? -1 : call(file);
}
UNLUCKY int ftruncate(int file, off_t size) {
  static const auto call = real<int(int, off_t)>("ftruncate");
  return fails(file) ? -1 : call(file, size);
}
UNLUCKY int ftruncate64(int file, off64_t size) {
  static const auto call = real<int(int, off64_t)>("ftruncate64");
  return fails(file) ? -1 : call(file, size);
}
UNLUCKY int rename(const char* from, const char* to) {
  static const auto call = real<int(const char*, const char*)>("rename");
  return fails(to) ? -1 : call(from, to);
}
UNLUCKY int open(const char* path, int flags, ...) {
  static const auto call = real<int(const char*, int, ...)>("open");
  va_list more;
  va_start(more, flags);
  const mode_t mode = mode_of(flags, more);
  va_end(more);
  return makes_files(flags) && fails(path) ? -1 : call(path, flags, mode);
}
UNLUCKY int open64(const char* path, int flags, ...) {
  static const auto call = real<int(const char*, int, ...)>("open64");
  va_list more;
  va_start(more, flags);
  const mode_t mode = mode_of(flags, more);
  va_end(more);
  return makes_files(flags) && fails(path) ? -1 : call(path, flags, mode);
}

UNLUCKY int clock_gettime(clockid_t clock, timespec* out) {
  static const auto call = real<int(clockid_t, timespec*)>("clock_gettime");
  const int result = call(clock, out);
  const bool of_day = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (result == 0 && of_day) out->tv_sec += shared.load()->clock_ahead_s;
  return result;
}
UNLUCKY int gettimeofday(timeval* out, void* zone) noexcept {
  static const auto call = real<int(timeval*, void*)>("gettimeofday");
  const int result = call(out, zone);
  if (result == 0) out->tv_sec += shared.load()->clock_ahead_s;
  return result;
}
UNLUCKY time_t time(time_t* out) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}
