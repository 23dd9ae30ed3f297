// The metadata server that Google's machines have: it gives tokens of the machine's own service
// account, without any file. (Facts: cloud.google.com/compute/docs/metadata.)
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/environment.h"
#include "google/token.h"

namespace wasync {

struct MetadataServer {
  std::string host = "metadata.google.internal";
  // Somebody named it, or it has answered: there is one.
  bool known = false;
};

// From GCE_METADATA_HOST. Throws Error(kConfig) when that is no host name or address.
MetadataServer metadata_server(const Environment& environment);

// Waits a few seconds at most for a machine that has none. Throws as the others do, and
// Error(kConfig) when none answers and none is known.
AccessToken fetch_token(HttpClient& client, MetadataServer& server, UnixSeconds now,
                        std::function<bool()> interrupted = {});

// The project that the machine belongs to; nothing when none answers.
std::optional<std::string> fetch_project(HttpClient& client, MetadataServer& server,
                                         std::function<bool()> interrupted = {});

}  // namespace wasync
