#include "session/connection/unified_session.h"

#include <string>
#include <vector>

namespace wasync {
namespace {

// The epoch began on a Thursday; their week begins on a Monday.
constexpr std::chrono::milliseconds kSinceMonday = std::chrono::hours(3 * 24);
constexpr std::chrono::milliseconds kWeek = std::chrono::hours(7 * 24);

}  // namespace

Node unified_session(std::chrono::milliseconds now) {
  const auto id = (now + kSinceMonday) % kWeek;
  return Node("ib", {},
              std::vector<Node>{Node("unified_session", {{"id", std::to_string(id.count())}})});
}

}  // namespace wasync
