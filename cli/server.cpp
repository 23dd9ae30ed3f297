#include "cli/server.h"

#include "base/bytes.h"
#include "session/connection/latest_web_version.h"

namespace wasync {
namespace {

// It takes a quarter of a second; whoever waits for a QR code must not notice when it does not.
constexpr std::chrono::milliseconds kVersionPatience{1'500};

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
  CompanionOptions companion;
  if (options.web_version) {
    companion.version = *options.web_version;
    companion.version_source = VersionSource::kOption;
  } else if (options.ask_web_version) {
    if (const auto latest = latest_web_version(endpoint_of(options).url, kVersionPatience)) {
      companion.version = *latest;
      companion.version_source = VersionSource::kService;
    }
  }
  return companion;
}

}  // namespace wasync
