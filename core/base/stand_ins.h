// Stand-ins for names, numbers and ids that must stay private but must still be comparable: equal
// values look equal.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace wasync {

// Equal values have equal stand-ins, but only from the same object. Its key is random and never
// leaves it, so that no one can find a value by trying candidates.
class StandIns {
 public:
  StandIns();
  std::string of(std::string_view value) const;  // "#" and eight hexadecimal digits

 private:
  Bytes key_;
};

}  // namespace wasync
