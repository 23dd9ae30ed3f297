// Reading the environment, in one place.
#pragma once

#include <cstdlib>
#include <string>

namespace wasync {

// The variable's value; empty when it is not set. An empty variable counts as not set.
inline std::string env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace wasync
