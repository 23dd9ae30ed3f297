// The certificate chain by which the server proves its Noise static key: the leaf certifies
// the static key and is signed by an intermediate, which a pinned root key signs.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "base/curve25519.h"
#include "base/phrase.h"

namespace wasync {

// The root key of WhatsApp's Noise certificates. Its serial, which every intermediate
// names as its issuer, is 0.
inline constexpr PublicKey kWhatsAppRootKey{
    0x14, 0x23, 0x75, 0x57, 0x4d, 0x0a, 0x58, 0x71, 0x66, 0xaa, 0xe7, 0x1e, 0xbe, 0x51, 0x64, 0x37,
    0xc4, 0xa2, 0x8b, 0x73, 0xe3, 0x69, 0x5c, 0x6c, 0xe1, 0xf7, 0xf9, 0x54, 0x5d, 0xa8, 0xee, 0x6b};
inline constexpr std::uint32_t kRootSerial = 0;

// Checks a serialised NoiseCertChain: both signatures, the serials that link the
// certificates, their validity at `now`, and that the leaf certifies `server_static`.
// Throws Error(kServerUntrusted) naming the check that failed.
void verify_certificate_chain(BytesView chain, const PublicKey& root_key,
                              const PublicKey& server_static, UnixSeconds now);

// What a server of our own (the simulator) certifies; by default valid until the year 2100.
struct CertificateChainOptions {
  std::uint32_t intermediate_serial = 1;
  std::uint32_t leaf_serial = 2;
  UnixSeconds not_before{0};
  UnixSeconds not_after{4'102'444'800};
};

// A serialised NoiseCertChain for `server_static`, signed by a fresh intermediate under `root`.
Bytes make_certificate_chain(const KeyPair& root, const PublicKey& server_static,
                             const CertificateChainOptions& options = {});

// What to do about a certificate that is not valid at this time. An authentic certificate has
// seldom expired, but clocks are often wrong, so the hint says what time it is here.
Words clock_hint(UnixSeconds now);

}  // namespace wasync
