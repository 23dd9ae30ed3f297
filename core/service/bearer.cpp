#include "service/bearer.h"

#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/secret_file.h"
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

[[noreturn]] void refuse(const std::filesystem::path& file, const Words& why, const Words& hint) {
  throw Error(ErrorCode::kConfig,
              Phrase{"the token file {} {}", "fișierul cu tokenul {} {}"}.with(file.string(), why),
              hint);
}

SecretText read_file(const std::filesystem::path& file) {
  const Words hint = Phrase{"make one: (umask 077; openssl rand -hex 32 > {})",
                            "fă unul: (umask 077; openssl rand -hex 32 > {})"}
                         .with(file.string());
  SecretFile found = read_secret_file(file, kMaxFile);
  using State = SecretFile::State;
  if (found.state == State::kUnreadable) {
    const std::string why = std::generic_category().message(found.error);
    refuse(file, Phrase{"cannot be read: {}", "nu se poate citi: {}"}.with(why), hint);
  }
  if (found.state == State::kNotRegular)
    refuse(file, Phrase{"is not a regular file", "nu este un fișier obișnuit"}, hint);
  if (found.state == State::kTooLarge)
    refuse(file, Phrase{"holds no token: it is too large", "nu conține un token: este prea mare"},
           hint);
  if ((found.permissions & (S_IRWXG | S_IRWXO)) != 0)
    refuse(file, Phrase{"is open to others", "este accesibil altora"},
           "chmod 600 " + file.string());
  return std::move(found.content);
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
  const SecretText content = read_file(file_);
  std::string_view line = content.text;
  line = line.substr(0, line.find_first_of("\r\n"));
  if (!is_token(line) || line.size() < kLeastToken) {
    refuse(file_, Phrase{"holds no token", "nu conține un token"},
           Phrase{"its first line must have at least 16 letters, digits or -._~+/=, for example "
                  "from: openssl rand -hex 32",
                  "prima lui linie trebuie să aibă cel puțin 16 litere, cifre sau -._~+/=, de "
                  "exemplu de la: openssl rand -hex 32"});
  }
  digest_ = sha256(as_bytes(line));
}

bool TokenFile::is(std::string_view token) const {
  return equal_constant_time(digest_, sha256(as_bytes(token)));
}

}  // namespace wasync
