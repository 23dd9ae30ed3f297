#include "signal/address.h"

#include <doctest/doctest.h>

namespace address_test {

using namespace wasync;

TEST_CASE("address: the device stays, the addressing shows in the name") {
  const auto address = [](const char* jid) { return SignalAddress::from(*Jid::parse(jid)); };
  CHECK(address("40737123397@s.whatsapp.net") == SignalAddress{"40737123397", 0});
  CHECK(address("40737123397:12@s.whatsapp.net") == SignalAddress{"40737123397", 12});
  CHECK(address("98765432101234@lid") == SignalAddress{"98765432101234_1", 0});
  CHECK(address("98765432101234:3@lid") == SignalAddress{"98765432101234_1", 3});
  CHECK(address("40737123397:99@hosted") == SignalAddress{"40737123397_128", 99});
  CHECK(address("98765432101234:99@hosted.lid") == SignalAddress{"98765432101234_129", 99});
}

}  // namespace address_test
