#include <algorithm>
#include <array>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/error.h"
#include "proto/adv.pb.h"
#include "sim/phone.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

// Domain separation of the two ADV signatures. A hosted account's differs, a device's does not.
constexpr std::array<std::uint8_t, 2> kAccountPrefix{6, 0};
constexpr std::array<std::uint8_t, 2> kHostedAccountPrefix{6, 5};
constexpr std::array<std::uint8_t, 2> kDevicePrefix{6, 1};

Bytes decode_field(std::string_view text, const char* what) {
  auto bytes = base64_decode(text);
  if (!bytes || bytes->size() != 32)
    throw Error(ErrorCode::kProtocol, std::string("the QR code's ") + what + " is not 32 bytes");
  return std::move(*bytes);
}

}  // namespace

ScannedQr parse_qr(std::string_view text) {
  constexpr std::string_view kLink = "https://wa.me/settings/linked_devices#";
  const bool link = text.starts_with(kLink);
  if (link) text.remove_prefix(kLink.size());
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  std::vector<std::string_view> fields;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    fields.push_back(text.substr(start, comma - start));
    start = comma + 1;
  }
  if (fields.size() < 4 || fields.size() > 5 || (link && fields.size() != 5))
    throw Error(ErrorCode::kProtocol, "not the QR code of a companion");
  return {.ref = std::string(fields[0]),
          .noise_key = public_key_from(decode_field(fields[1], "Noise key")),
          .identity = public_key_from(decode_field(fields[2], "identity key")),
          .adv_secret = decode_field(fields[3], "ADV secret")};
}

Bytes sign_device(const World& world, const PublicKey& companion_identity, BytesView adv_secret,
                  std::uint32_t key_index) {
  pb::DeviceIdentity identity;
  identity.set_raw_id(static_cast<std::uint32_t>(world.dataset.seed & 0x7FFF'FFFF));
  identity.set_timestamp(static_cast<std::uint64_t>(UnixSeconds::now().value));
  identity.set_key_index(key_index);
  const bool hosted = world.faults.on("hosted-account");
  const auto kind = hosted ? pb::ADV_ENCRYPTION_HOSTED : pb::ADV_ENCRYPTION_E2EE;
  const auto& prefix = hosted ? kHostedAccountPrefix : kAccountPrefix;
  identity.set_account_type(kind);
  identity.set_device_type(kind);

  pb::SignedDeviceIdentity with_signature;
  with_signature.set_details(identity.SerializeAsString());
  with_signature.set_account_signature_key(std::string(as_text(world.phone_key.public_key)));
  Signature signature =
      xeddsa_sign(world.phone_key.private_key,
                  concat({prefix, as_bytes(with_signature.details()), companion_identity}));
  if (world.faults.on("bad-adv-signature")) signature[5] ^= 1;
  with_signature.set_account_signature(std::string(as_text(signature)));

  pb::SignedDeviceIdentityHmac sealed;
  sealed.set_details(with_signature.SerializeAsString());
  if (hosted) sealed.set_account_type(kind);
  Digest256 hmac = hmac_sha256(
      adv_secret, concat({hosted ? BytesView(prefix) : BytesView(), as_bytes(sealed.details())}));
  if (world.faults.on("bad-adv-hmac")) hmac[0] ^= 1;
  sealed.set_hmac(std::string(as_text(hmac)));
  return to_bytes(sealed.SerializeAsString());
}

bool verify_device_signature(const World& world, const PublicKey& companion_identity,
                             BytesView offered, BytesView signed_identity) {
  pb::SignedDeviceIdentityHmac sealed;
  pb::SignedDeviceIdentity ours;
  pb::SignedDeviceIdentity theirs;
  if (!sealed.ParseFromString(to_string(offered)) || !ours.ParseFromString(sealed.details()) ||
      !theirs.ParseFromString(to_string(signed_identity)))
    return false;
  // The account key is left out of the answer: the server knows it.
  return theirs.details() == ours.details() && !theirs.has_account_signature_key() &&
         theirs.account_signature() == ours.account_signature() &&
         xeddsa_verify(companion_identity,
                       concat({kDevicePrefix, as_bytes(ours.details()), companion_identity,
                               world.phone_key.public_key}),
                       as_bytes(theirs.device_signature()));
}

}  // namespace wasync::sim
