#include "wire/certificate.h"

#include <array>
#include <ctime>
#include <string>

#include "base/crypto.h"
#include "base/error.h"
#include "proto/handshake.pb.h"

namespace wasync {
namespace {

using Certificate = pb::NoiseCertChain::Certificate;
using Details = Certificate::Details;

constexpr std::size_t kMaxChainSize = 64 * 1024;  // the real one has a few hundred bytes

constexpr Phrase kInterceptionHint{
    "Something between this host and the server may intercept the connection; or, with a server "
    "of your own, its root key differs from the one given with --server-key.",
    "Ceva între acest sistem și server poate intercepta conexiunea; sau, cu un server propriu, "
    "cheia lui rădăcină diferă de cea dată cu --server-key."};

[[noreturn]] void untrusted(const Words& what, const Words& hint = kInterceptionHint) {
  throw Error(
      ErrorCode::kServerUntrusted,
      Phrase{"the server cannot be trusted: {}", "serverul nu este de încredere: {}"}.with(what),
      hint);
}

Details parse_details(const Certificate& certificate, Phrase which) {
  Details details;
  if (!details.ParseFromString(certificate.details()))
    untrusted(Phrase{"its {} is malformed", "{} este malformat"}.with(which));
  return details;
}

void check_signature(const Certificate& certificate, const PublicKey& signer, Phrase which) {
  if (!xeddsa_verify(signer, as_bytes(certificate.details()), as_bytes(certificate.signature()))) {
    untrusted(Phrase{"the signature of its {} is wrong", "{} are o semnătură greșită"}.with(which));
  }
}

void check_validity(const Details& details, UnixSeconds now, Phrase which) {
  if (now.value < 0)
    untrusted(Phrase{"the current time is not known", "ora curentă nu este cunoscută"},
              clock_hint(now));
  const auto at = static_cast<std::uint64_t>(now.value);
  if (at < details.not_before())
    untrusted(Phrase{"its {} is not valid yet", "{} nu este încă valabil"}.with(which),
              clock_hint(now));
  if (at > details.not_after())
    untrusted(Phrase{"its {} has expired", "{} a expirat"}.with(which), clock_hint(now));
}

Certificate sign(const Details& details, const KeyPair& signer) {
  Certificate certificate;
  certificate.set_details(details.SerializeAsString());
  const Signature signature = xeddsa_sign(signer.private_key, as_bytes(certificate.details()));
  certificate.set_signature(to_string(signature));
  return certificate;
}

Details describe(std::uint32_t serial, std::uint32_t issuer_serial, const PublicKey& key,
                 const CertificateChainOptions& options) {
  Details details;
  details.set_serial(serial);
  details.set_issuer_serial(issuer_serial);
  details.set_key(to_string(key));
  details.set_not_before(static_cast<std::uint64_t>(options.not_before.value));
  details.set_not_after(static_cast<std::uint64_t>(options.not_after.value));
  return details;
}

}  // namespace

void verify_certificate_chain(BytesView chain, const PublicKey& root_key,
                              const PublicKey& server_static, UnixSeconds now) {
  constexpr Phrase kLeaf{"certificate", "certificatul lui"};
  constexpr Phrase kIntermediate{"intermediate certificate", "certificatul lui intermediar"};

  pb::NoiseCertChain parsed;
  if (chain.size() > kMaxChainSize ||
      !parsed.ParseFromArray(chain.data(), static_cast<int>(chain.size()))) {
    untrusted(
        Phrase{"its certificate chain is malformed", "lanțul lui de certificate este malformat"});
  }
  if (!parsed.has_leaf() || !parsed.has_intermediate()) {
    untrusted(
        Phrase{"its certificate chain is incomplete", "lanțul lui de certificate este incomplet"});
  }

  check_signature(parsed.intermediate(), root_key, kIntermediate);
  const Details intermediate = parse_details(parsed.intermediate(), kIntermediate);
  if (intermediate.issuer_serial() != kRootSerial) {
    untrusted(Phrase{"its intermediate certificate names another root",
                     "certificatul lui intermediar numește altă rădăcină"});
  }
  if (intermediate.key().size() != std::tuple_size_v<PublicKey>) {
    untrusted(Phrase{"its intermediate certificate has no usable key",
                     "certificatul lui intermediar nu are o cheie utilizabilă"});
  }

  check_signature(parsed.leaf(), public_key_from(as_bytes(intermediate.key())), kLeaf);
  const Details leaf = parse_details(parsed.leaf(), kLeaf);
  if (leaf.issuer_serial() != intermediate.serial()) {
    untrusted(
        Phrase{"its certificate names another issuer", "certificatul lui numește alt emitent"});
  }
  if (!equal_constant_time(as_bytes(leaf.key()), server_static)) {
    untrusted(
        Phrase{"its certificate is for another key", "certificatul lui este pentru altă cheie"});
  }

  check_validity(intermediate, now, kIntermediate);
  check_validity(leaf, now, kLeaf);
}

Words clock_hint(UnixSeconds now) {
  const std::time_t seconds = static_cast<std::time_t>(now.value);
  std::tm utc{};
  std::array<char, sizeof "2026-03-01T12:30:00Z" + 16> text{};
  if (gmtime_r(&seconds, &utc) != nullptr)
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return Phrase{"Check the clock of this machine: it says {}.",
                "Verifică ceasul acestui sistem: arată {}."}
      .with(text.data());
}

Bytes make_certificate_chain(const KeyPair& root, const PublicKey& server_static,
                             const CertificateChainOptions& options) {
  const KeyPair intermediate = KeyPair::generate();
  pb::NoiseCertChain chain;
  *chain.mutable_intermediate() = sign(
      describe(options.intermediate_serial, kRootSerial, intermediate.public_key, options), root);
  *chain.mutable_leaf() =
      sign(describe(options.leaf_serial, options.intermediate_serial, server_static, options),
           intermediate);
  return to_bytes(chain.SerializeAsString());
}

}  // namespace wasync
