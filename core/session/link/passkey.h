// The passkey of an account, as far as a companion deals with it: what WhatsApp asks of the
// passkey, and whether an answer fits that question. Only the server can verify the signature.
// Fact sources: whatsmeow pair-passkey.go and types/passkey.go; the W3C's Web Authentication.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/phrase.h"

namespace wasync {

// The WebAuthn options (PublicKeyCredentialRequestOptions) that the server wants answered.
struct PasskeyRequest {
  std::string json;  // the options that came, rewritten as one line of ASCII
  Bytes challenge;
  std::string rp_id;
  std::vector<Bytes> credentials;  // one of these has to answer; empty: any
  bool user_verified = true;       // the authenticator must have recognised its owner
  std::chrono::milliseconds timeout{600'000};
};

// Throws Error(kProtocol) when the options are malformed.
PasskeyRequest read_passkey_request(BytesView options);

// An answer, in the form that the server wants.
struct PasskeyAssertion {
  Bytes credential_id;
  std::string json;
};

// Reads what a browser gives: PublicKeyCredential.toJSON(). Otherwise returns why it does not
// answer `request`: it is no JSON, answers another question, comes from another site, or came
// without the owner.
std::variant<PasskeyAssertion, Words> read_assertion(std::string_view text,
                                                     const PasskeyRequest& request);

}  // namespace wasync
