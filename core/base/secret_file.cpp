#include "base/secret_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace wasync {
namespace {

bool write_all(const FileDescriptor& file, BytesView data) {
  while (!data.empty()) {
    const ssize_t written = ::write(file.get(), data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    data = data.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

SecretText::~SecretText() {
  OPENSSL_cleanse(text.data(), text.size());
}

bool SecretFile::open_to_others() const {
  return (permissions & S_IROTH) != 0;
}

SecretFile read_secret_file(const std::filesystem::path& file, std::size_t most_bytes) {
  using State = SecretFile::State;
  const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat facts {};
  if (!descriptor || ::fstat(descriptor.get(), &facts) != 0)
    return {.state = State::kUnreadable, .error = errno};
  if (!S_ISREG(facts.st_mode)) return {.state = State::kNotRegular};
  SecretFile out{.permissions = facts.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO),
                 .owner = facts.st_uid};
  std::string& text = out.content.text;
  text.resize(most_bytes + 1);
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(descriptor.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {.state = State::kUnreadable, .error = errno};
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > most_bytes) return {.state = State::kTooLarge};
  text.resize(size);
  return out;
}

void write_secret_file(const std::filesystem::path& file, BytesView content) {
  const std::string part = file.string() + ".part";
  ::unlink(part.c_str());
  const FileDescriptor out(
      ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  const bool written = out && write_all(out, content);
  if (written && std::rename(part.c_str(), file.c_str()) == 0) return;
  const std::string why = std::strerror(errno);
  ::unlink(part.c_str());
  throw Error(ErrorCode::kIo,
              Phrase{"cannot write {}: {}", "nu se poate scrie {}: {}"}.with(file.string(), why),
              Phrase{"Name a file in a directory that exists and that you may write to.",
                     "Numește un fișier dintr-un director care există și în care poți scrie."});
}

}  // namespace wasync
