// Tells which hosts are this machine. Requests to them may be plain text and never use a proxy.
#pragma once

#include <string>

namespace wasync {

// 127.0.0.0/8, ::1 (with or without brackets) or localhost.
bool is_loopback(const std::string& host);

}  // namespace wasync
