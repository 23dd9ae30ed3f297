#include "base/upgrade.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/free_space.h"
#include "base/log.h"
#include "base/sqlite.h"

namespace wasync {
namespace fs = std::filesystem;

namespace {

UpgradeObserver upgrade_observer;

// Tells whoever waits, once it has become long.
class Progress {
 public:
  explicit Progress(fs::path file) : file_(std::move(file)) {}

  void at(double part) {
    const auto now = std::chrono::steady_clock::now();
    if (now - told_ < kEvery) return;
    told_ = now;
    tell(std::min(static_cast<int>(100 * part), 99));
  }
  void done() {
    if (told_ != began_) tell(100);
  }

 private:
  static constexpr std::chrono::seconds kEvery{1};

  void tell(int percent) const {
    if (upgrade_observer) return upgrade_observer(file_, percent);
    log::warn("updating {}: {} %", file_.string(), percent);
  }

  fs::path file_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point told_ = began_;
};

std::string copy_prefix(const fs::path& file) {
  return file.filename().string() + ".before-";
}

fs::path copy_for(const fs::path& file, std::span<const Tables> all) {
  std::string name = copy_prefix(file);
  for (const Tables& each : all) {
    if (!name.ends_with('-')) name += '-';
    name += std::string(each.component) + std::to_string(each.migrations.size());
  }
  return file.parent_path() / name;
}

// Those of the file, however far they were written, for which `is_wanted` says so.
template <typename IsWanted>
void delete_copies(const fs::path& file, const IsWanted& is_wanted) {
  std::error_code error;
  for (fs::directory_iterator at(file.parent_path(), error), end; !error && at != end;
       at.increment(error)) {
    if (!at->path().filename().string().starts_with(copy_prefix(file))) continue;
    std::error_code left;  // the next upgrade tries again
    if (is_wanted(at->path())) fs::remove(at->path(), left);
  }
}

// What the file is now, and as much again for what the steps may write.
bool has_room_for_copy(Database& database) {
  auto size =
      database.prepare("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
  size.step();
  return free_bytes(database.file().parent_path()) >
         2 * static_cast<std::uintmax_t>(size.integer(0));
}

// Whether it was made before the first step of an upgrade that has been interrupted since.
bool is_from_before(const fs::path& copy, Database& database, std::span<const Tables> all) {
  std::error_code error;
  if (!fs::exists(copy, error)) return false;
  try {
    Database before(copy, Database::Mode::kReadOnly);
    return std::ranges::any_of(all, [&](const Tables& each) {
      return tables_version(before, each.component) != tables_version(database, each.component);
    });
  } catch (const Error&) {
    return false;  // it is worth nothing
  }
}

// A copy that is there by its name is whole.
void rename_durably(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error)
    throw Error(ErrorCode::kIo, Phrase{"cannot make {}: {}", "nu se poate crea {}: {}"}.with(
                                    to.string(), error.message()));
  const FileDescriptor directory(
      ::open(to.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory) ::fsync(directory.get());
}

void keep_copy(Database& database, std::span<const Tables> all, const OnMigrated& on_copied) {
  const fs::path copy = copy_for(database.file(), all);
  if (is_from_before(copy, database, all)) return;
  const fs::path part = copy.string() + ".part";
  delete_copies(database.file(),
                [&](const fs::path& each) { return each.string().starts_with(part.string()); });
  if (has_room_for_copy(database) && database.copy_to(part, on_copied))
    return rename_durably(part, copy);
  std::error_code none;
  fs::remove(part, none);
  log::warn("there is no room for a copy of {}: it is updated without", database.file().string());
}

}  // namespace

bool needs_upgrade(Database& database, std::span<const Tables> all) {
  for (const Tables& each : all) refuse_newer(database, each);
  return std::ranges::any_of(
      all, [&](const Tables& each) { return tables_age(database, each) != TablesAge::kCurrent; });
}

void upgrade(Database& database, std::span<const Tables> all) {
  if (!needs_upgrade(database, all)) return;
  const fs::path file = database.file();
  Progress progress(file);
  // Tables that are made now hold nothing that could be lost.
  const bool has_older = std::ranges::any_of(all, [&](const Tables& each) {
    return tables_version(database, each.component) > 0 &&
           tables_age(database, each) == TablesAge::kOlder;
  });
  constexpr double kCopying = 0.5;
  if (has_older) keep_copy(database, all, [&](double part) { progress.at(kCopying * part); });
  double before = has_older ? kCopying : 0;
  const double each_has = (1 - before) / static_cast<double>(all.size());
  for (const Tables& each : all) {
    // A file that is made now is not updated, however slow the machine.
    migrate(database, each, [&](double part) {
      if (has_older) progress.at(before + each_has * part);
    });
    before += each_has;
  }
  if (has_older) {
    const fs::path kept = copy_for(file, all);
    delete_copies(file, [&](const fs::path& copy) { return copy != kept; });
  }
  progress.done();
}

void forget_old_copies(const fs::path& file) {
  const auto oldest = fs::file_time_type::clock::now() - kCopyKept;
  delete_copies(file, [&](const fs::path& copy) {
    std::error_code error;
    const auto written = fs::last_write_time(copy, error);
    return !error && written < oldest;
  });
}

void observe_upgrades(UpgradeObserver observer) {
  upgrade_observer = std::move(observer);
}

void observe_work(const fs::path& file, const std::function<void(const OnMigrated&)>& work) {
  Progress progress(file);
  work([&](double part) { progress.at(part); });
  progress.done();
}

}  // namespace wasync
