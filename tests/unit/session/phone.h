// The side of the phone that links a companion.
#pragma once

#include "base/crypto.h"
#include "proto/adv.pb.h"
#include "session/link/adv.h"
#include "wire/node.h"

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
    if (hosted) {
      details.set_account_type(pb::ADV_ENCRYPTION_HOSTED);
      details.set_device_type(pb::ADV_ENCRYPTION_HOSTED);
    }
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
    if (hosted) sealed.set_account_type(pb::ADV_ENCRYPTION_HOSTED);
    const Bytes authenticated =
        concat({hosted ? BytesView(adv::kHostedAccountSignature) : BytesView(),
                as_bytes(sealed.details())});
    sealed.set_hmac(to_string(BytesView(hmac_sha256(secret, authenticated))));
    return to_bytes(sealed.SerializeAsString());
  }
};

// Plays the phone on which the user types a code, and the server between: `hello` and `finish`
// are the companion's IQs.
struct CodePhone {
  KeyPair identity = KeyPair::generate();
  KeyPair ephemeral = KeyPair::generate();
  PublicKey companion_ephemeral{};

  static const Node& registration(const Node& iq) { return *iq.child("link_code_companion_reg"); }
  static Bytes part(const Node& iq, std::string_view tag) {
    const Node* found = registration(iq).child(tag);
    return found != nullptr ? to_bytes(found->bytes()) : Bytes{};
  }
  static Bytes under_code(std::string code, BytesView salt, BytesView iv, BytesView data) {
    std::erase(code, '-');
    return aes_ctr(pbkdf2_sha256(as_bytes(code), salt, 131072, 32), iv, data);
  }
  static Node answer_to_hello(std::string_view ref) {
    Node answer("link_code_companion_reg", {{"stage", "companion_hello"}});
    answer.content = std::vector<Node>{Node("link_code_pairing_ref", {}, to_bytes(ref))};
    return answer;
  }

  Node type(const Node& hello, const std::string& code, std::string_view ref) {
    const Bytes wrapped = part(hello, "link_code_pairing_wrapped_companion_ephemeral_pub");
    const BytesView view = wrapped;
    companion_ephemeral =
        public_key_from(under_code(code, view.first(32), view.subspan(32, 16), view.subspan(48)));
    const Bytes salt = random_bytes(32);
    const Bytes iv = random_bytes(16);
    Node primary("link_code_companion_reg", {{"stage", "primary_hello"}});
    primary.content = std::vector<Node>{
        Node("link_code_pairing_wrapped_primary_ephemeral_pub", {},
             concat({salt, iv, under_code(code, salt, iv, ephemeral.public_key)})),
        Node("primary_identity_pub", {}, to_bytes(identity.public_key)),
        Node("link_code_pairing_ref", {}, to_bytes(ref))};
    return Node("notification",
                {{"from", server_jid()}, {"type", "link_code_companion_reg"}, {"id", "typed"}},
                std::vector<Node>{std::move(primary)});
  }

  // The ADV secret; nothing when the bundle does not open, as after a wrong code.
  std::optional<Bytes> secret(const Node& finish) const {
    const Bytes wrapped = part(finish, "link_code_pairing_wrapped_key_bundle");
    const Bytes own = part(finish, "companion_identity_public");
    const BytesView view = wrapped;
    const auto shared = x25519(ephemeral.private_key, companion_ephemeral);
    const Bytes key = hkdf_sha256(shared, view.first(32),
                                  as_bytes("link_code_pairing_key_bundle_encryption_key"), 32);
    const auto bundle = aes_gcm_decrypt(key, view.subspan(32, 12), view.subspan(44), {});
    if (!bundle || bundle->size() != 96) return std::nullopt;
    const BytesView opened = *bundle;
    if (to_bytes(opened.first(32)) != own ||
        to_bytes(opened.subspan(32, 32)) != to_bytes(identity.public_key)) {
      return std::nullopt;
    }
    const auto identities = x25519(identity.private_key, public_key_from(own));
    return hkdf_sha256(concat({shared, identities, opened.subspan(64)}), {}, as_bytes("adv_secret"),
                       32);
  }
};

}  // namespace wasync::test
