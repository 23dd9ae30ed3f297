// The side of the phone that links a companion.
#pragma once

#include "base/crypto.h"
#include "proto/adv.pb.h"
#include "session/adv.h"

namespace wasync::test {

// Plays the phone: signs the companion's identity key and seals it with the QR's secret.
struct Phone {
  KeyPair account = KeyPair::generate();
  bool hosted = false;

  Bytes vouch_for(const DeviceKeys& keys, const Bytes& secret) const {
    pb::DeviceIdentity details;
    details.set_raw_id(77);
    details.set_timestamp(1700000000);
    details.set_key_index(3);
    if (hosted) details.set_device_type(pb::ADV_ENCRYPTION_HOSTED);
    const Bytes raw = to_bytes(details.SerializeAsString());
    const Bytes statement = concat(
        {hosted ? BytesView(adv::kHostedAccountSignature) : BytesView(adv::kAccountSignature), raw,
         keys.identity.key.public_key});
    pb::SignedDeviceIdentity identity;
    identity.set_details(to_string(BytesView(raw)));
    identity.set_account_signature_key(to_string(BytesView(account.public_key)));
    identity.set_account_signature(
        to_string(BytesView(xeddsa_sign(account.private_key, statement))));
    pb::SignedDeviceIdentityHmac sealed;
    sealed.set_details(identity.SerializeAsString());
    sealed.set_hmac(to_string(BytesView(hmac_sha256(secret, as_bytes(sealed.details())))));
    return to_bytes(sealed.SerializeAsString());
  }
};

}  // namespace wasync::test
