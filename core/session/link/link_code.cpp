#include "session/link/link_code.h"

#include <array>

#include "base/crypto.h"
#include "base/error.h"

namespace wasync {
namespace {

// Without 0, I, O and U, which are mistaken for others or make words.
constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTVWXYZ";
constexpr std::size_t kCodeBytes = 5;
constexpr std::size_t kBitsPerCharacter = 5;

constexpr std::uint32_t kIterations = 131'072;
constexpr std::size_t kCodeKeySize = 32;
constexpr std::size_t kSaltSize = 32;
constexpr std::size_t kIvSize = 16;
constexpr std::size_t kCodeNonceSize = 12;

// What the device properties and the login payload say too: the desktop application, whose browser
// is Chromium (whatsapp-rust companion_reg.rs). The server accepts only common browsers and systems
// here; the phone's list of linked devices shows the name of the device properties.
constexpr std::string_view kPlatformId = "7";
constexpr std::string_view kPlatformDisplay = "Chrome (Windows)";

constexpr std::string_view kWrappedPhoneKey = "link_code_pairing_wrapped_primary_ephemeral_pub";

std::string code_characters(BytesView bytes) {
  std::uint64_t bits = read_big_endian(bytes);
  std::string code(bytes.size() * 8 / kBitsPerCharacter, ' ');
  for (auto at = code.rbegin(); at != code.rend(); ++at, bits >>= kBitsPerCharacter) {
    *at = kAlphabet[bits % kAlphabet.size()];
  }
  return code;
}

std::string dashed(const std::string& code) {
  return code.substr(0, 4) + "-" + code.substr(4);
}

Bytes code_key(const std::string& code, BytesView salt) {
  return pbkdf2_sha256(as_bytes(code), salt, kIterations, kCodeKeySize);
}

Node part(std::string tag, BytesView content) {
  return Node(std::move(tag), {}, to_bytes(content));
}

BytesView content_of(const Node& node, std::string_view tag, std::size_t size) {
  const Node* child = node.child(tag);
  if (child == nullptr || child->bytes().empty() || (size != 0 && child->bytes().size() != size)) {
    throw Error(ErrorCode::kProtocol,
                Phrase{"WhatsApp sent a malformed answer while linking by code: {}",
                       "WhatsApp a trimis un răspuns malformat la conectarea cu cod: {}"}
                    .with(tag));
  }
  return child->bytes();
}

using SharedSecret = std::array<std::uint8_t, kCodeKeySize>;

SharedSecret agree(const PrivateKey& ours, const PublicKey& theirs) {
  try {
    return x25519(ours, theirs);
  } catch (const Error&) {
    throw Error(ErrorCode::kProtocol,
                Phrase{"the phone sent an unusable key while linking by code",
                       "telefonul a trimis o cheie nefolosibilă la conectarea cu cod"});
  }
}

Node md_query(Node::Attributes attributes, std::vector<Node> content) {
  Node registration("link_code_companion_reg", std::move(attributes), std::move(content));
  return Node("iq", {{"to", server_jid()}, {"type", "set"}, {"xmlns", "md"}},
              std::vector<Node>{std::move(registration)});
}

}  // namespace

std::string as_code(BytesView five_bytes) {
  return dashed(code_characters(five_bytes));
}

LinkCode::LinkCode(std::string_view phone)
    : phone_{.user = std::string(phone.substr(phone.starts_with('+') ? 1 : 0)),
             .server = std::string(jid_server::kUser)},
      code_(code_characters(random_bytes(kCodeBytes))) {}

std::string LinkCode::text() const {
  return dashed(code_);
}

Node LinkCode::hello(const PublicKey& noise_key) const {
  const Bytes salt = random_bytes(kSaltSize);
  const Bytes iv = random_bytes(kIvSize);
  const Bytes sealed = aes_ctr(code_key(code_, salt), iv, ephemeral_.public_key);
  std::vector<Node> content;
  content.push_back(
      part("link_code_pairing_wrapped_companion_ephemeral_pub", concat({salt, iv, sealed})));
  content.push_back(part("companion_server_auth_key_pub", noise_key));
  content.push_back(part("companion_platform_id", as_bytes(kPlatformId)));
  content.push_back(part("companion_platform_display", as_bytes(kPlatformDisplay)));
  content.push_back(part("link_code_pairing_nonce", Bytes{0}));
  // The phone then shows a notification that leads to where the code is typed.
  return md_query(
      {{"jid", phone_}, {"stage", "companion_hello"}, {"should_show_push_notification", "true"}},
      std::move(content));
}

void LinkCode::take_answer(const Node& answer) {
  const Node* registration = answer.child("link_code_companion_reg");
  ref_ = to_bytes(
      content_of(registration != nullptr ? *registration : answer, "link_code_pairing_ref", 0));
}

bool LinkCode::is_about(const Node& registration) const {
  const Node* ref = registration.child("link_code_pairing_ref");
  return ref != nullptr && !ref_.empty() && to_bytes(ref->bytes()) == ref_;
}

bool LinkCode::brings_key(const Node& registration) {
  return registration.child(kWrappedPhoneKey) != nullptr;
}

LinkCode::Finish LinkCode::finish(const Node& notification, const DeviceKeys& keys) const {
  const Node* found = notification.child("link_code_companion_reg");
  const Node& registration = found != nullptr ? *found : notification;
  if (!is_about(registration)) {
    throw Error(ErrorCode::kProtocol,
                Phrase{"the code typed on the phone is not the code shown here",
                       "codul scris pe telefon nu este cel afișat aici"});
  }
  const BytesView wrapped =
      content_of(registration, kWrappedPhoneKey, kSaltSize + kIvSize + kCodeKeySize);
  const BytesView identity = content_of(registration, "primary_identity_pub", kCodeKeySize);
  const PublicKey& own_identity = keys.identity.key.public_key;

  const Bytes unwrapped =
      aes_ctr(code_key(code_, wrapped.first(kSaltSize)), wrapped.subspan(kSaltSize, kIvSize),
              wrapped.subspan(kSaltSize + kIvSize));
  const SharedSecret shared = agree(ephemeral_.private_key, public_key_from(unwrapped));
  const SharedSecret identities = agree(keys.identity.key.private_key, public_key_from(identity));
  const Bytes random = random_bytes(kCodeKeySize);

  const Bytes salt = random_bytes(kSaltSize);
  const Bytes nonce = random_bytes(kCodeNonceSize);
  const Bytes bundle_key = hkdf_sha256(
      shared, salt, as_bytes("link_code_pairing_key_bundle_encryption_key"), kCodeKeySize);
  const Bytes bundle =
      aes_gcm_encrypt(bundle_key, nonce, concat({own_identity, identity, random}), {});

  std::vector<Node> content;
  content.push_back(part("link_code_pairing_wrapped_key_bundle", concat({salt, nonce, bundle})));
  content.push_back(part("companion_identity_public", own_identity));
  content.push_back(part("link_code_pairing_ref", ref_));
  return {.request = md_query({{"jid", phone_}, {"stage", "companion_finish"}}, std::move(content)),
          .adv_secret = hkdf_sha256(concat({shared, identities, random}), {},
                                    as_bytes("adv_secret"), kCodeKeySize)};
}

}  // namespace wasync
