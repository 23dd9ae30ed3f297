// HTTP without Beast: what the admin interface and the media host are asked and answer.
#pragma once

#include <string>

#include "base/bytes.h"

namespace wasync::sim {

struct HttpQuestion {
  std::string method;
  std::string path;    // without the query
  std::string query;   // behind '?', or empty
  std::string range;   // the Range header, or empty
  std::string secret;  // the Companion_User_Secret header, or empty
  std::string body;
};

struct HttpAnswer {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::string content_range;
  // Announce this length although the body is shorter, then cut the connection; 0: no.
  std::size_t announced_length = 0;
};

}  // namespace wasync::sim
