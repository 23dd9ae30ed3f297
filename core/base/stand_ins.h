// What stands for a name, a number or an id where it must not be told, and yet things that are
// equal must be seen to be.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace wasync {

// Equal values have equal stand-ins, of one object alone: its key is random and never leaves it, so
// that nobody finds a value by trying.
class StandIns {
 public:
  StandIns();
  std::string of(std::string_view value) const;  // "#" and eight hexadecimal digits

 private:
  Bytes key_;
};

}  // namespace wasync
