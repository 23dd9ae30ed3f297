#include "session/link/qr_payload.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace qr_payload_test {

using namespace wasync;

TEST_CASE("the QR text is today's link with ref, keys and client type") {
  const DeviceKeys keys = DeviceKeys::generate();
  const std::string text = qr_payload("2@abc==", keys);
  CHECK(text == "https://wa.me/settings/linked_devices#2@abc==," +
                    base64_encode(keys.noise.public_key) + "," +
                    base64_encode(keys.identity.key.public_key) + "," +
                    base64_encode(keys.adv_secret) + ",9");
  CHECK_THROWS_AS(qr_payload("", keys), Error);
  CHECK_THROWS_AS(qr_payload("with,comma", keys), Error);
  CHECK_THROWS_AS(qr_payload("with\nnewline", keys), Error);
  CHECK_THROWS_AS(qr_payload(std::string(5000, 'x'), keys), Error);
}

}  // namespace qr_payload_test
