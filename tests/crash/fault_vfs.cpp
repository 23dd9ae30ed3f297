#include "crash/fault_vfs.h"

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>

namespace wasync::test {
namespace {

struct Plan {
  std::atomic<bool> on{false};
  std::atomic<Trouble> trouble{Trouble::kOnce};
  std::atomic<int> nth{0};
  std::atomic<int> counted{0};
  std::atomic<int> failed{0};
  std::atomic<const char*> first{""};
};
Plan plan;

// Whether this call fails.
bool fails(const char* what, bool needs_room = false) {
  if (!plan.on) return false;
  const Trouble trouble = plan.trouble;
  if (trouble == Trouble::kFull && !needs_room) return false;
  const int number = ++plan.counted;
  const bool hit = trouble == Trouble::kOnce ? number == plan.nth : number >= plan.nth;
  if (hit && plan.failed++ == 0) plan.first = what;
  return hit;
}

int no_room(int otherwise) {
  return plan.trouble == Trouble::kFull ? SQLITE_FULL : otherwise;
}

sqlite3_vfs* system_vfs = nullptr;

// What SQLite allocates for a file: this, and the system's right behind it.
struct File {
  sqlite3_file base;
};
constexpr std::size_t kOwnSize = (sizeof(File) + 15) / 16 * 16;

sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kOwnSize);
}

int close_file(sqlite3_file* file) {
  return real(file)->pMethods->xClose(real(file));
}
int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  if (fails("read")) return SQLITE_IOERR_READ;
  return real(file)->pMethods->xRead(real(file), to, size, at);
}
int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  if (fails("write", true)) {
    real(file)->pMethods->xWrite(real(file), from, size / 2, at);
    return no_room(SQLITE_IOERR_WRITE);
  }
  return real(file)->pMethods->xWrite(real(file), from, size, at);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (fails("truncate")) return SQLITE_IOERR_TRUNCATE;
  return real(file)->pMethods->xTruncate(real(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
  if (fails("sync")) return SQLITE_IOERR_FSYNC;
  return real(file)->pMethods->xSync(real(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  if (fails("size")) return SQLITE_IOERR_FSTAT;
  return real(file)->pMethods->xFileSize(real(file), size);
}
int lock_file(sqlite3_file* file, int kind) {
  if (fails("lock")) return SQLITE_IOERR_LOCK;
  return real(file)->pMethods->xLock(real(file), kind);
}
int unlock_file(sqlite3_file* file, int kind) {
  return real(file)->pMethods->xUnlock(real(file), kind);
}
int check_reserved_lock(sqlite3_file* file, int* held) {
  if (fails("lock")) return SQLITE_IOERR_CHECKRESERVEDLOCK;
  return real(file)->pMethods->xCheckReservedLock(real(file), held);
}
int control_file(sqlite3_file* file, int operation, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return real(file)->pMethods->xSectorSize(real(file));
}
int characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int map_shared(sqlite3_file* file, int region, int size, int grow, void volatile** to) {
  if (fails("shared memory", grow != 0)) {
    *to = nullptr;
    return SQLITE_IOERR_SHMMAP;
  }
  return real(file)->pMethods->xShmMap(real(file), region, size, grow, to);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
  if ((flags & SQLITE_SHM_LOCK) != 0 && fails("lock")) return SQLITE_IOERR_SHMLOCK;
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void barrier_shared(sqlite3_file* file) {
  real(file)->pMethods->xShmBarrier(real(file));
}
int unmap_shared(sqlite3_file* file, int remove) {
  return real(file)->pMethods->xShmUnmap(real(file), remove);
}

// Version 2: without xFetch, so that everything is read with xRead.
constexpr sqlite3_io_methods kMethods{
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = barrier_shared,
    .xShmUnmap = unmap_shared,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs* /*vfs*/, const char* path, sqlite3_file* file, int flags, int* opened) {
  file->pMethods = nullptr;
  if (fails("open")) return SQLITE_CANTOPEN;
  const int result = system_vfs->xOpen(system_vfs, path, real(file), flags, opened);
  if (real(file)->pMethods != nullptr) file->pMethods = &kMethods;
  return result;
}
int delete_file(sqlite3_vfs* /*vfs*/, const char* path, int sync) {
  if (fails("delete")) return SQLITE_IOERR_DELETE;
  return system_vfs->xDelete(system_vfs, path, sync);
}
int look_for_file(sqlite3_vfs* /*vfs*/, const char* path, int flags, int* found) {
  if (fails("access")) return SQLITE_IOERR_ACCESS;
  return system_vfs->xAccess(system_vfs, path, flags, found);
}

}  // namespace

constexpr std::array kNames{"once", "broken", "full"};  // as in Trouble

std::string_view name(Trouble trouble) {
  return kNames.at(static_cast<std::size_t>(trouble));
}

std::optional<Trouble> trouble_from(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (name == kNames[i]) return static_cast<Trouble>(i);
  return std::nullopt;
}

void install_fault_vfs() {
  system_vfs = sqlite3_vfs_find(nullptr);
  static sqlite3_vfs failing = *system_vfs;  // what is not replaced here does not fail
  failing.szOsFile = static_cast<int>(kOwnSize) + system_vfs->szOsFile;
  failing.zName = "faults";
  failing.pNext = nullptr;
  failing.xOpen = open_file;
  failing.xDelete = delete_file;
  failing.xAccess = look_for_file;
  if (sqlite3_vfs_register(&failing, 1) != SQLITE_OK) std::abort();
}

void begin_trouble(Trouble trouble, int nth) {
  plan.trouble = trouble;
  plan.nth = nth;
  plan.counted = 0;
  plan.failed = 0;
  plan.first = "";
  plan.on = true;
}

void end_trouble() {
  plan.on = false;
}

int calls_counted() {
  return plan.counted;
}
int calls_failed() {
  return plan.failed;
}
std::string_view first_failed() {
  return plan.first.load();
}

}  // namespace wasync::test
