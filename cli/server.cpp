#include "cli/server.h"

#include "base/bytes.h"

namespace wasync {

Endpoint endpoint_of(const GlobalOptions& options) {
  Endpoint endpoint;
  if (!options.server.empty()) endpoint.url = options.server;
  if (const auto key = hex_decode(options.server_key); key && !key->empty())
    endpoint.root_key = public_key_from(*key);
  return endpoint;
}

CompanionOptions companion_of(const GlobalOptions& options) {
  CompanionOptions companion;
  companion.version = options.web_version;
  return companion;
}

}  // namespace wasync
