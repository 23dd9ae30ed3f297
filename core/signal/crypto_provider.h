// Internal: gives libsignal its cryptography, over base/crypto.h and OpenSSL.
#pragma once

struct signal_context;

namespace wasync {

// A negative result of our own, below libsignal's: the message is authentic, yet its CBC padding
// is wrong, so the program that wrote it has a bug.
inline constexpr int kBadCbcPadding = -10'001;

// Throws Error(kCrypto) when libsignal refuses.
void set_crypto_provider(signal_context* context);

}  // namespace wasync
