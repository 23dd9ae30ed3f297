#include "sim/expected_inbox.h"

#include "sim/dataset.h"

namespace wasync::sim {
std::string expected_inbox_json(const Dataset&) {
  return "{}\n";
}
}  // namespace wasync::sim
