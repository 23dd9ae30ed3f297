#include "service/lease_life.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/file_descriptor.h"

namespace wasync {
namespace {

constexpr std::size_t kLifeBytes = 8;

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

std::optional<LeaseLife> read_lease_life(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  std::array<char, 256> text{};
  if (!file) return std::nullopt;
  const ssize_t length = ::read(file.get(), text.data(), text.size());
  if (length <= 0) return std::nullopt;
  std::istringstream words(std::string(text.data(), static_cast<std::size_t>(length)));
  LeaseLife life;
  std::string number;
  if (!(words >> life.id >> life.boot >> number) || number != number_of(file.get()))
    return std::nullopt;
  return life;
}

void write_lease_life(const std::filesystem::path& path, const LeaseLife& life) {
  const FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return;
  const std::string text = life.id + " " + life.boot + " " + number_of(file.get()) + "\n";
  [[maybe_unused]] const ssize_t written = ::write(file.get(), text.data(), text.size());
}

}  // namespace wasync
