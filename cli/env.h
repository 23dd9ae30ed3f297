// Reading the environment, in one place.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string>

namespace wasync {

// The variable's value; empty when it is not set. An empty variable counts as not set.
inline std::string env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// Of the variables of the backend before us that are on by default: only a clear no turns one off.
inline bool env_says_no(const char* name) {
  std::string wanted = env(name);
  std::ranges::transform(wanted, wanted.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return wanted == "false" || wanted == "0" || wanted == "no" || wanted == "off";
}

}  // namespace wasync
