#include "service/bearer.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include "base/error.h"
#include "service/firebase_token.h"

namespace wasync {
namespace {

constexpr std::size_t kLeastToken = 16;
constexpr std::size_t kMaxFile = 4096;

// What RFC 6750 lets a header carry.
bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTokenBytes && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~+/=").find(c) != std::string_view::npos;
  });
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why,
                         const std::string& hint) {
  throw Error(ErrorCode::kConfig, "the token file " + file.string() + " " + why, hint);
}

std::string read_errno() {
  return "cannot be read: " + std::generic_category().message(errno);
}

// Wiped when it goes.
struct Secret {
  std::string text;
  ~Secret() { OPENSSL_cleanse(text.data(), text.size()); }
};

Secret read_file(const std::filesystem::path& file) {
  const std::string hint = "make one: (umask 077; openssl rand -hex 32 > " + file.string() + ")";
  // A pipe nobody writes to must not stop us.
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) refuse(file, read_errno(), hint);
  struct Close {
    int fd;
    ~Close() { ::close(fd); }
  } const close{fd};
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) refuse(file, read_errno(), hint);
  if (!S_ISREG(facts.st_mode)) refuse(file, "is no file", hint);
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    refuse(file, "is open to others", "chmod 600 " + file.string());
  Secret out{.text = std::string(kMaxFile + 1, '\0')};
  const ssize_t got = ::read(fd, out.text.data(), out.text.size());
  if (got < 0) refuse(file, read_errno(), hint);
  if (static_cast<std::size_t>(got) > kMaxFile)
    refuse(file, "holds no token: it is too large", hint);
  out.text.resize(static_cast<std::size_t>(got));
  return out;
}

}  // namespace

std::optional<std::string_view> bearer_of(const HttpAsk& ask) {
  constexpr std::string_view kScheme = "bearer ";
  const auto given = ask.all("authorization");
  if (given.size() != 1 || given[0].size() > kScheme.size() + kMaxTokenBytes) return std::nullopt;
  if (!equal_ignoring_case(given[0].substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const std::string_view token = given[0].substr(kScheme.size());
  if (!is_token(token)) return std::nullopt;
  return token;
}

TokenFile::TokenFile(std::filesystem::path file) : file_(std::move(file)) {
  reload();
}

void TokenFile::reload() {
  const Secret content = read_file(file_);
  std::string_view line = content.text;
  line = line.substr(0, line.find_first_of("\r\n"));
  if (!is_token(line) || line.size() < kLeastToken) {
    refuse(file_, "holds no token",
           "its first line is to be at least 16 letters, digits or -._~+/=, say of: openssl rand "
           "-hex 32");
  }
  digest_ = sha256(as_bytes(line));
}

bool TokenFile::is(std::string_view token) const {
  return equal_constant_time(digest_, sha256(as_bytes(token)));
}

}  // namespace wasync
