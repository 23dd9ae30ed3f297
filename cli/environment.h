// The one table of environment variables: `help environment` and the man page's section are
// made from it.
#pragma once

#include <string>
#include <vector>

namespace wasync {

struct EnvironmentVariable {
  std::string name;
  std::string meaning;
};

// The twins of all options that have one first, then the variables of other programs that we heed.
std::vector<EnvironmentVariable> environment_variables();

std::string environment_text();
// The body of wa-sync(1)'s ENVIRONMENT section. A test compares the two;
// `wa-sync help environment --roff` prints it.
std::string environment_roff();

}  // namespace wasync
