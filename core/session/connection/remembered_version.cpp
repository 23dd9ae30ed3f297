#include "session/connection/remembered_version.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <system_error>

#include "base/file_descriptor.h"
#include "base/log.h"
#include "base/secret_file.h"

namespace wasync {
namespace {

constexpr std::size_t kMostBytes = 64;

std::filesystem::path file_in(const std::filesystem::path& state_dir) {
  return state_dir / "web-version";
}

bool is_newer(const WebVersion& one, const WebVersion& other) {
  return one.parts > other.parts;
}

}  // namespace

std::optional<WebVersion> remembered_version(const std::filesystem::path& state_dir) {
  const SecretFile file = read_secret_file(file_in(state_dir), kMostBytes);
  if (file.state != SecretFile::State::kRead) return std::nullopt;
  std::string_view text = file.content.text;
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto version = WebVersion::parse(text);
  if (!version || !is_newer(*version, WebVersion{})) return std::nullopt;
  return version;
}

void remember_version(const std::filesystem::path& state_dir, const WebVersion& version) {
  const WebVersion known = remembered_version(state_dir).value_or(WebVersion{});
  if (!is_newer(version, known)) return;
  const std::filesystem::path file = file_in(state_dir);
  std::filesystem::path fresh = file;
  fresh += ".new";
  const std::string text = version.to_string() + '\n';
  const FileDescriptor out(
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  const bool written = out.get() >= 0 && ::write(out.get(), text.data(), text.size()) ==
                                             static_cast<ssize_t>(text.size());
  std::error_code error;
  if (written) std::filesystem::rename(fresh, file, error);
  if (!written || error) log::debug("the web version could not be remembered");
}

}  // namespace wasync
