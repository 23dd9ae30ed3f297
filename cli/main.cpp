#include <sys/stat.h>

#include <string>
#include <vector>

#include "cli/run.h"

int main(int argc, char** argv) {
  umask(077);  // whatever is written here holds keys or private conversations
  return wasync::run(std::vector<std::string>(argv + 1, argv + argc));
}
