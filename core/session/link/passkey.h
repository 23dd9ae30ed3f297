// The passkey of an account, as far as a companion has to do with it: what WhatsApp asks of it, and
// whether an answer is one to that question. Only the server can verify the signature.
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
  std::string json;  // as they came, written anew: one line of ASCII
  Bytes challenge;
  std::string rp_id;
  std::vector<Bytes> credentials;  // one of these has to answer; empty: any
  bool user_verified = true;       // the authenticator must have recognised its owner
  std::chrono::milliseconds timeout{600'000};
};

// Throws Error(kProtocol) when they are malformed.
PasskeyRequest read_passkey_request(BytesView options);

// An answer, in the form that the server wants.
struct PasskeyAssertion {
  Bytes credential_id;
  std::string json;
};

// From what a browser gives: PublicKeyCredential.toJSON(). Otherwise why it is no answer to
// `request`: no JSON, to another question, from another site, or without the owner.
std::variant<PasskeyAssertion, Words> read_assertion(std::string_view text,
                                                     const PasskeyRequest& request);

}  // namespace wasync
