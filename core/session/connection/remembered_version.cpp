#include "session/connection/remembered_version.h"

#include <string>

#include "base/error.h"
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
  try {
    write_secret_file(file_in(state_dir), as_bytes(version.to_string() + '\n'));
  } catch (const Error& error) {
    log::debug("the web version could not be remembered: {}", error.what());
  }
}

}  // namespace wasync
