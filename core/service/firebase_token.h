// Firebase ID tokens: JSON web tokens that Firebase Authentication gives an app's users.
// Source of the rules: "Verify ID tokens using a third-party JWT library" in Firebase's
// documentation. Tokens of the Authentication emulator are unsigned, and never accepted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"

namespace wasync {

inline constexpr std::size_t kMaxTokenBytes = 8192;  // real ones have one or two thousand
inline constexpr std::int64_t kTokenLeewayS = 60;    // by which clocks may differ

enum class TokenFault {
  kMalformed,
  kAlgorithm,  // anything but RS256
  kAudience,   // of another project
  kIssuer,
  kExpired,
  kNotYet,      // issued, or its user signed in, in the future
  kUnknownKey,  // signed with a key that is none of Google's
  kSignature,
};
std::string_view name(TokenFault fault);  // for a log: "of another project"

// Well-formed, and nothing else: who reads its claims has to verify it first.
struct FirebaseToken {
  std::string key_id{};       // 1 to 128 of [A-Za-z0-9_-]
  std::string signed_part{};  // what the signature is of
  Bytes signature{};
  std::string audience{};
  std::string issuer{};
  std::string subject{};  // 1 to 128 bytes
  UnixSeconds issued_at{};
  UnixSeconds expires_at{};
  UnixSeconds authenticated_at{};
  std::string sign_in_provider{};  // "password", "anonymous", …
  std::string verified_email{};    // empty: none, or not verified
  // Custom claims and the others, as texts: true and whole numbers too, and each text of a list.
  std::vector<std::pair<std::string, std::string>> claims{};

  // Whoever opens the app is one: nobody vouches for this user.
  bool is_anonymous() const { return sign_in_provider == "anonymous"; }
};
std::variant<FirebaseToken, TokenFault> parse_firebase_token(std::string_view text);

// What is wrong with its claims, for this project at this time; the signature is another matter.
std::optional<TokenFault> fault_in_claims(const FirebaseToken& token, std::string_view project,
                                          UnixSeconds now);

}  // namespace wasync
