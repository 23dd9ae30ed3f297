#include "session/link/adv.h"

#include <doctest/doctest.h>

#include <functional>

#include "base/crypto.h"
#include "base/error.h"
#include "proto/adv.pb.h"
#include "unit/session/phone.h"

namespace adv_test {

using namespace wasync;
using wasync::test::Phone;

namespace {

bool refused(const Bytes& identity, const DeviceKeys& keys) {
  try {
    verify_and_sign(identity, keys);
    return false;
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kPairingFailed);
    CHECK_FALSE(error.hint().empty());
    return true;
  }
}

}  // namespace

TEST_CASE("a genuine identity is countersigned, and the reply leaves out the account's key") {
  for (const bool hosted : {false, true}) {
    CAPTURE(hosted);
    const DeviceKeys keys = DeviceKeys::generate();
    const Phone phone{.hosted = hosted};
    const VerifiedIdentity verified = verify_and_sign(phone.vouch_for(keys, keys.adv_secret), keys);
    CHECK(verified.account_key == phone.account.public_key);
    CHECK(verified.key_index == 3);

    pb::SignedDeviceIdentity reply;
    REQUIRE(reply.ParseFromArray(verified.reply.data(), static_cast<int>(verified.reply.size())));
    CHECK_FALSE(reply.has_account_signature_key());
    // The same for hosted accounts: whatsmeow pair.go, Baileys validate-connection.
    const Bytes statement = concat({Bytes{6, 1}, as_bytes(reply.details()),
                                    keys.identity.key.public_key, phone.account.public_key});
    CHECK(
        xeddsa_verify(keys.identity.key.public_key, statement, as_bytes(reply.device_signature())));
  }
}

TEST_CASE("an identity sealed with another secret is refused") {
  const DeviceKeys keys = DeviceKeys::generate();
  CHECK(refused(Phone{}.vouch_for(keys, random_bytes(32)), keys));
}

TEST_CASE("an identity signed for another device is refused") {
  const DeviceKeys keys = DeviceKeys::generate();
  const DeviceKeys other = DeviceKeys::generate();
  CHECK(refused(Phone{}.vouch_for(other, keys.adv_secret), keys));
}

TEST_CASE("garbage, truncation and emptiness are refused") {
  const DeviceKeys keys = DeviceKeys::generate();
  const Bytes genuine = Phone{}.vouch_for(keys, keys.adv_secret);
  for (std::size_t length = 0; length < genuine.size(); ++length) {
    CHECK(refused(Bytes(genuine.begin(), genuine.begin() + static_cast<std::ptrdiff_t>(length)),
                  keys));
  }
  CHECK(refused(Bytes(100, 0xff), keys));
}

}  // namespace adv_test
