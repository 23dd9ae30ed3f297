#include "sim/passkey.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/error.h"
#include "proto/device_props.pb.h"
#include "proto/passkey_link.pb.h"
#include "sim/companion.h"

namespace wasync::sim {
namespace {

using PasskeyJson = nlohmann::ordered_json;

constexpr std::string_view kSite = "whatsapp.com";
constexpr std::string_view kPage = "https://web.whatsapp.com";
constexpr std::uint8_t kPresentAndVerified = 0x05;

void demand(bool holds, const char* what) {
  if (!holds) throw Error(ErrorCode::kProtocol, std::string("passkey: ") + what);
}

BytesView part_of(const Node& node, std::string_view tag) {
  const Node* child = node.child(tag);
  demand(child != nullptr && !child->bytes().empty(), "a part is missing");
  return child->bytes();
}

// Unpadded base64url.
Bytes decoded(const PasskeyJson& json, const char* name) {
  demand(json.contains(name) && json[name].is_string(), "a field of the assertion is missing");
  std::string text = json[name].get<std::string>();
  demand(text.find_first_of("+/=") == std::string::npos, "a field is not unpadded base64url");
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  const auto bytes = base64_decode(text);
  demand(bytes.has_value(), "a field is not base64url");
  return *bytes;
}

std::string encoded(BytesView bytes) {
  std::string text = base64url_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

bool verifies(const Bytes& public_key, BytesView signature, BytesView data) {
  const unsigned char* at = public_key.data();
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      d2i_PUBKEY(nullptr, &at, static_cast<long>(public_key.size())), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  return key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), data.data(),
                          data.size()) == 1;
}

std::string crockford(BytesView five_bytes) {
  constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTVWXYZ";
  std::uint64_t bits = read_big_endian(five_bytes);
  std::string code(8, ' ');
  for (auto each = code.rbegin(); each != code.rend(); ++each, bits /= kAlphabet.size())
    *each = kAlphabet[bits % kAlphabet.size()];
  return code;
}

}  // namespace

PasskeyLink::PasskeyLink(std::optional<Passkey> passkey, Bytes known_secret)
    : passkey_(std::move(passkey)), known_secret_(std::move(known_secret)) {}

std::string PasskeyLink::options() {
  challenge_ = random_bytes(32);
  PasskeyJson allowed = PasskeyJson::array();
  if (passkey_)
    allowed.push_back({{"id", encoded(passkey_->credential_id)},
                       {"type", "public-key"},
                       {"transports", {"internal", "hybrid"}}});
  return PasskeyJson{{"challenge", encoded(challenge_)},
                     {"timeout", 600'000},
                     {"rpId", kSite},
                     {"allowCredentials", allowed},
                     {"userVerification", "required"},
                     {"extensions", PasskeyJson::object()}}
      .dump();
}

std::string PasskeyLink::ref() {
  ref_ = "2@" + base64_encode(random_bytes(48));
  return ref_;
}

void PasskeyLink::check_assertion(const Node& prologue) const {
  demand(passkey_.has_value(), "the account has none");
  const PasskeyJson assertion =
      PasskeyJson::parse(as_text(part_of(prologue, "webauthn_assertion")), nullptr, false);
  demand(
      assertion.is_object() && assertion.size() == 4 && assertion.value("type", "") == "public-key",
      "the assertion has not WhatsApp's form");
  demand(decoded(assertion, "rawId") == passkey_->credential_id &&
             decoded(assertion, "id") == passkey_->credential_id &&
             to_bytes(part_of(prologue, "credential_id")) == passkey_->credential_id,
         "it is not the account's credential");
  const PasskeyJson response = assertion.value("response", PasskeyJson::object());
  demand(response.size() == 4 && response.contains("userHandle"),
         "the response has not WhatsApp's form");
  const Bytes client_data = decoded(response, "clientDataJSON");
  const Bytes authenticator = decoded(response, "authenticatorData");
  const PasskeyJson asked = PasskeyJson::parse(as_text(client_data), nullptr, false);
  demand(asked.is_object() && asked.value("type", "") == "webauthn.get", "it was no webauthn.get");
  demand(!challenge_.empty() && decoded(asked, "challenge") == challenge_,
         "it is not to the latest challenge");
  demand(asked.value("origin", "") == kPage && !asked.value("crossOrigin", false),
         "it was not made on WhatsApp's page");
  const Digest256 site = sha256(as_bytes(kSite));
  demand(authenticator.size() >= 37 && std::equal(site.begin(), site.end(), authenticator.begin()),
         "it is for another site");
  demand((authenticator[32] & kPresentAndVerified) == kPresentAndVerified,
         "the user was not verified");
  demand(verifies(passkey_->public_key, decoded(response, "signature"),
                  concat({authenticator, sha256(client_data)})),
         "the signature does not verify");
}

Bytes PasskeyLink::take_prologue(const Node& prologue, const Companion& device) {
  check_assertion(prologue);
  challenge_.clear();
  const BytesView bytes = part_of(prologue, "prologue_payload");
  pb::ProloguePayload payload;
  pb::CompanionEphemeralIdentity companion;
  pb::DeviceProps props;
  demand(payload.ParseFromString(to_string(bytes)) &&
             companion.ParseFromString(payload.companion_ephemeral_identity()) &&
             props.ParseFromString(to_string(device.device_props)),
         "the prologue cannot be read");
  demand(!ref_.empty() && companion.ref() == ref_, "the ref is not the one that was given");
  demand(companion.public_key().size() == 32 && payload.commitment().hash().size() == 32,
         "the prologue's key or commitment is malformed");
  demand(companion.device_type() == props.platform_type(),
         "the device is of another type than it registered as");
  companion_identity_ = payload.companion_ephemeral_identity();
  commitment_ = payload.commitment().hash();
  if (const Node* proof = prologue.child("pairing_handoff_proof")) {
    demand(!known_secret_.empty(), "a proof of what the phone cannot know");
    const Bytes key = hkdf_sha256(known_secret_, {}, as_bytes("shortcake-passkey-handoff-v1"), 32);
    const Digest256 expected = hmac_sha256(key, bytes);
    demand(to_bytes(proof->bytes()) == to_bytes(BytesView(expected)), "the proof is wrong");
    trusted_ = true;
  }
  nonce_ = random_bytes(32);
  pb::PrimaryEphemeralIdentity phone;
  phone.set_public_key(to_string(BytesView(ephemeral_.public_key)));
  phone.set_nonce(to_string(BytesView(nonce_)));
  return to_bytes(phone.SerializeAsString());
}

void PasskeyLink::take_nonce(BytesView nonce) {
  demand(!commitment_.empty() && nonce.size() == 32, "a nonce too early, or malformed");
  const Digest256 committed = sha256(concat({as_bytes(companion_identity_), nonce}));
  demand(to_string(BytesView(committed)) == commitment_, "it did not commit to this nonce");
  pb::CompanionEphemeralIdentity companion;
  companion.ParseFromString(companion_identity_);
  const std::string salt = "Companion Pairing " + std::to_string(companion.device_type()) +
                           " with ref " + companion.ref();
  key_ =
      hkdf_sha256(x25519(ephemeral_.private_key, public_key_from(as_bytes(companion.public_key()))),
                  as_bytes(salt), as_bytes("Pairing Information Encryption Key"), 32);
  const Digest256 digest = sha256(concat({nonce, ephemeral_.public_key}));
  Bytes code(5);
  for (std::size_t i = 0; i < code.size(); ++i)
    code[i] = static_cast<std::uint8_t>(nonce_[i] ^ digest[i]);
  code_ = crockford(code);
}

void PasskeyLink::take_request(BytesView bytes, const Companion& device) {
  demand(!key_.empty(), "a request too early");
  pb::EncryptedPairingRequest sealed;
  demand(sealed.ParseFromString(to_string(bytes)) && sealed.iv().size() == 12,
         "the request cannot be read");
  const auto opened =
      aes_gcm_decrypt(key_, as_bytes(sealed.iv()), as_bytes(sealed.encrypted_payload()), {});
  pb::PairingRequest request;
  demand(opened && request.ParseFromString(to_string(*opened)), "the request does not open");
  demand(request.companion_public_key() == to_string(BytesView(device.noise_key)) &&
             request.companion_identity_key() == to_string(BytesView(device.identity)),
         "the request's keys are not those of the connection");
  demand(request.adv_secret().size() == 32 && to_bytes(request.adv_secret()) != known_secret_,
         "the secret is malformed, or the one from before the passkey");
  secret_ = to_bytes(request.adv_secret());
}

bool PasskeyLink::compare(const std::string& code) {
  std::string bare = code;
  std::erase(bare, '-');
  if (code_.empty() || bare != code_) return false;
  trusted_ = true;
  return true;
}

std::optional<Bytes> PasskeyLink::secret() const {
  if (!trusted_ || secret_.empty()) return std::nullopt;
  return secret_;
}

}  // namespace wasync::sim
