#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>

// What a test connects to is on this machine, whatever proxy the machine uses otherwise.
int main(int count, char** arguments) {
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
    unsetenv(name);
  return doctest::Context(count, arguments).run();
}
