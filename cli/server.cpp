#include "cli/server.h"

#include <filesystem>
#include <optional>

#include "base/bytes.h"
#include "inbox/state_dir.h"
#include "session/connection/latest_web_version.h"
#include "session/connection/remembered_version.h"

namespace wasync {
namespace {

// It takes a quarter of a second; whoever waits for a QR code must not notice when it does not.
constexpr std::chrono::milliseconds kVersionPatience{1'500};
constexpr std::chrono::milliseconds kPatienceAfterRefusal{15'000};

std::filesystem::path state_dir_of(const GlobalOptions& options) {
  return resolve_state_dir(options.state_dir.empty()
                               ? std::nullopt
                               : std::optional<std::filesystem::path>(options.state_dir));
}

CompanionOptions companion_within(const GlobalOptions& options, std::chrono::milliseconds time) {
  CompanionOptions companion;
  if (options.web_version) {
    companion.version = *options.web_version;
    companion.version_source = VersionSource::kOption;
    return companion;
  }
  if (!options.ask_web_version) return companion;
  const std::filesystem::path state_dir = state_dir_of(options);
  if (const auto latest = latest_web_version(endpoint_of(options).url, time)) {
    companion.version = *latest;
    companion.version_source = VersionSource::kService;
    remember_version(state_dir, *latest);
  } else if (const auto remembered = remembered_version(state_dir)) {
    companion.version = *remembered;
    companion.version_source = VersionSource::kRemembered;
  }
  return companion;
}

}  // namespace

Endpoint endpoint_of(const GlobalOptions& options) {
  Endpoint endpoint;
  if (!options.server.empty()) endpoint.url = options.server;
  if (const auto key = hex_decode(options.server_key); key && !key->empty())
    endpoint.root_key = public_key_from(*key);
  return endpoint;
}

Endpoint traced_endpoint_of(const GlobalOptions& options) {
  Endpoint endpoint = endpoint_of(options);
  if (!options.trace.empty()) endpoint.trace = std::make_shared<Trace>(options.trace);
  return endpoint;
}

CompanionOptions companion_of(const GlobalOptions& options) {
  return companion_within(options, kVersionPatience);
}

std::function<CompanionOptions()> companion_again(const GlobalOptions& options) {
  if (options.web_version || !options.ask_web_version) return {};
  return [options] { return companion_within(options, kPatienceAfterRefusal); };
}

}  // namespace wasync
