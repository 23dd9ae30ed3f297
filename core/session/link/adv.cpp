#include "session/link/adv.h"

#include "base/crypto.h"
#include "base/error.h"
#include "proto/adv.pb.h"

namespace wasync {
namespace {

[[noreturn]] void refuse(const Words& why) {
  throw Error(
      ErrorCode::kPairingFailed,
      Phrase{"the link cannot be trusted: {}", "conexiunea nu este de încredere: {}"}.with(why),
      Phrase{"Nothing was stored; run the command again and scan the new QR code. If it "
             "happens again, something between this host and WhatsApp interferes.",
             "Nu s-a păstrat nimic; rulează din nou comanda și scanează codul QR nou. Dacă "
             "se repetă, ceva între acest sistem și WhatsApp intervine."});
}

template <typename MessageType>
MessageType parse(BytesView bytes, const char* what) {
  MessageType message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    refuse(std::string("the ") + what + " is malformed");
  }
  return message;
}

}  // namespace

VerifiedIdentity verify_and_sign(BytesView device_identity, const DeviceKeys& keys) {
  const auto sealed = parse<pb::SignedDeviceIdentityHmac>(device_identity, "device identity");
  Bytes authenticated;
  if (sealed.account_type() == pb::ADV_ENCRYPTION_HOSTED) {
    append(authenticated, adv::kHostedAccountSignature);
  }
  append(authenticated, as_bytes(sealed.details()));
  if (!equal_constant_time(hmac_sha256(keys.adv_secret, authenticated), as_bytes(sealed.hmac()))) {
    refuse(Phrase{"the device identity does not come from the phone that scanned this QR code",
                  "identitatea dispozitivului nu vine de la telefonul care a scanat acest cod QR"});
  }

  auto identity =
      parse<pb::SignedDeviceIdentity>(as_bytes(sealed.details()), "signed device identity");
  const auto details =
      parse<pb::DeviceIdentity>(as_bytes(identity.details()), "device identity details");
  const bool hosted = details.device_type() == pb::ADV_ENCRYPTION_HOSTED;

  if (identity.account_signature_key().size() != PublicKey{}.size()) {
    refuse(Phrase{"the account's key is malformed", "cheia contului este malformată"});
  }
  const PublicKey account_key = public_key_from(as_bytes(identity.account_signature_key()));
  const PublicKey& own_key = keys.identity.key.public_key;
  const Bytes account_statement =
      concat({hosted ? BytesView(adv::kHostedAccountSignature) : BytesView(adv::kAccountSignature),
              as_bytes(identity.details()), own_key});
  if (!xeddsa_verify(account_key, account_statement, as_bytes(identity.account_signature()))) {
    refuse(Phrase{"the account's signature over this device does not verify",
                  "semnătura contului pentru acest dispozitiv nu se verifică"});
  }

  const Bytes device_statement =
      concat({adv::kDeviceSignature, as_bytes(identity.details()), own_key, account_key});
  identity.set_device_signature(
      to_string(BytesView(xeddsa_sign(keys.identity.key.private_key, device_statement))));

  VerifiedIdentity verified{.signed_identity = to_bytes(identity.SerializeAsString()),
                            .reply = {},
                            .account_key = account_key,
                            .key_index = details.key_index()};
  identity.clear_account_signature_key();
  verified.reply = to_bytes(identity.SerializeAsString());
  return verified;
}

}  // namespace wasync
