#include "service/lease_life.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/file_descriptor.h"

namespace wasync {
namespace {

constexpr std::size_t kLifeBytes = 8;
constexpr std::size_t kMostEarlier = 8;

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  file >> id;
  return id;
}

std::string number_of(int file) {
  struct stat facts {};
  return ::fstat(file, &facts) == 0 ? std::to_string(facts.st_ino) : "";
}

}  // namespace

LeaseLife new_lease_life() {
  return {.id = hex_encode(random_bytes(kLifeBytes)), .boot = boot_id()};
}

std::filesystem::path lease_life_file(const StateDir& state, const AccountId& account) {
  return state.account_dir(account) / "lease";
}

std::optional<LeaseLife> read_lease_life(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  std::array<char, 512> text{};
  if (!file) return std::nullopt;
  const ssize_t length = ::read(file.get(), text.data(), text.size());
  if (length <= 0) return std::nullopt;
  const std::string line(text.data(), static_cast<std::size_t>(length));
  std::istringstream words(line.substr(0, line.find('\n')));
  LeaseLife life;
  std::string number;
  if (!(words >> life.id >> life.boot >> number) || number != number_of(file.get()))
    return std::nullopt;
  for (std::string id; life.earlier.size() < kMostEarlier && words >> id;)
    life.earlier.push_back(std::move(id));
  return life;
}

void write_lease_life(const std::filesystem::path& path, const LeaseLife& life) {
  const FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return;
  std::string text = life.id + " " + life.boot + " " + number_of(file.get());
  for (std::size_t i = 0; i < std::min(life.earlier.size(), kMostEarlier); ++i)
    text += " " + life.earlier[i];
  text += "\n";
  // What was there goes last: at no moment does the file say nothing.
  const ssize_t written = ::write(file.get(), text.data(), text.size());
  [[maybe_unused]] const int cut = written < 0 ? 0 : ::ftruncate(file.get(), written);
}

}  // namespace wasync
