// The servers that keep blobs: what WhatsApp answers to a media_conn query.
#pragma once

#include <string>
#include <vector>

namespace wasync {

struct MediaServers {
  // In the order in which to try them: host names, with a port if necessary. Only for a simulator:
  // "http://127.0.0.1:<port>" or another loopback address.
  std::vector<std::string> hosts{};
  std::string auth{};  // a secret: allows changes, such as deleting a blob; may be empty
};

}  // namespace wasync
