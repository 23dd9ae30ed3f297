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

[[noreturn]] void untrusted(const std::string& what, const Words& hint = kInterceptionHint) {
  throw Error(
      ErrorCode::kServerUntrusted,
      Phrase{"the server cannot be trusted: {}", "serverul nu este de încredere: {}"}.with(what),
      hint);
}

Details parse_details(const Certificate& certificate, const std::string& which) {
  Details details;
  if (!details.ParseFromString(certificate.details())) untrusted("its " + which + " is malformed");
  return details;
}

void check_signature(const Certificate& certificate, const PublicKey& signer,
                     const std::string& which) {
  if (!xeddsa_verify(signer, as_bytes(certificate.details()), as_bytes(certificate.signature()))) {
    untrusted("the signature of its " + which + " is wrong");
  }
}

void check_validity(const Details& details, UnixSeconds now, const std::string& which) {
  if (now.value < 0) untrusted("the current time is not known", clock_hint(now));
  const auto at = static_cast<std::uint64_t>(now.value);
  if (at < details.not_before()) untrusted("its " + which + " is not valid yet", clock_hint(now));
  if (at > details.not_after()) untrusted("its " + which + " has expired", clock_hint(now));
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
  const std::string kLeaf = "certificate";
  const std::string kIntermediate = "intermediate certificate";

  pb::NoiseCertChain parsed;
  if (chain.size() > kMaxChainSize ||
      !parsed.ParseFromArray(chain.data(), static_cast<int>(chain.size()))) {
    untrusted("its certificate chain is malformed");
  }
  if (!parsed.has_leaf() || !parsed.has_intermediate()) {
    untrusted("its certificate chain is incomplete");
  }

  check_signature(parsed.intermediate(), root_key, kIntermediate);
  const Details intermediate = parse_details(parsed.intermediate(), kIntermediate);
  if (intermediate.issuer_serial() != kRootSerial) {
    untrusted("its intermediate certificate names another root");
  }
  if (intermediate.key().size() != std::tuple_size_v<PublicKey>) {
    untrusted("its intermediate certificate has no usable key");
  }

  check_signature(parsed.leaf(), public_key_from(as_bytes(intermediate.key())), kLeaf);
  const Details leaf = parse_details(parsed.leaf(), kLeaf);
  if (leaf.issuer_serial() != intermediate.serial()) {
    untrusted("its certificate names another issuer");
  }
  if (!equal_constant_time(as_bytes(leaf.key()), server_static)) {
    untrusted("its certificate is for another key");
  }

  check_validity(intermediate, now, kIntermediate);
  check_validity(leaf, now, kLeaf);
}

std::string clock_hint(UnixSeconds now) {
  const std::time_t seconds = static_cast<std::time_t>(now.value);
  std::tm utc{};
  std::array<char, sizeof "2026-03-01T12:30:00Z" + 16> text{};
  if (gmtime_r(&seconds, &utc) != nullptr)
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return std::string("Check the clock of this machine: it says ") + text.data() + ".";
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
