// The metadata server of Google's machines gives tokens of the machine's own service account,
// without any file. (Facts: cloud.google.com/compute/docs/metadata.)
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/environment.h"
#include "google/token.h"

namespace wasync {

struct MetadataServer {
  std::string host = "metadata.google.internal";
  // The environment names it, or it has answered: there is one.
  bool known = false;
};

// From GCE_METADATA_HOST. Throws Error(kConfig) when its value is no host name or address.
MetadataServer metadata_server(const Environment& environment);

// On a machine without one, waits a few seconds at most. Throws as the others do (token.h), and
// Error(kConfig) when none answers and we do not know of one.
AccessToken fetch_token(HttpClient& client, MetadataServer& server, UnixSeconds now,
                        std::function<bool()> interrupted = {});

// The project that the machine belongs to; nothing when none answers.
std::optional<std::string> fetch_project(HttpClient& client, MetadataServer& server,
                                         std::function<bool()> interrupted = {});

}  // namespace wasync
