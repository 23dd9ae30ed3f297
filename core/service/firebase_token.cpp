#include "service/firebase_token.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

namespace wasync {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxName = 128;
constexpr std::int64_t kLastTime = 253'402'300'799;  // of the year 9999
constexpr std::size_t kMaxDepth = 16;

bool is_url_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

// Without padding, as RFC 7515 has it, and in the one spelling that encoding would give: a token
// must not have two.
std::optional<Bytes> base64url_decode(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_url_safe)) return std::nullopt;
  std::string padded(text);
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  padded.resize((padded.size() + 3) / 4 * 4, '=');
  auto out = base64_decode(padded);
  if (out && base64_encode(*out) != padded) return std::nullopt;
  return out;
}

// An object, whose depth is bounded before it is built.
std::optional<json> object_from(std::string_view encoded) {
  const auto bytes = base64url_decode(encoded);
  if (!bytes) return std::nullopt;
  const std::string_view text = as_text(*bytes);
  const auto opened = [](char c) { return c == '[' || c == '{'; };
  if (static_cast<std::size_t>(std::ranges::count_if(text, opened)) > 64 * kMaxDepth)
    return std::nullopt;
  json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object()) return std::nullopt;
  return parsed;
}

std::optional<std::string> text_in(const json& object, const char* name, std::size_t longest) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  const auto& text = found->get_ref<const std::string&>();
  if (text.empty() || text.size() > longest) return std::nullopt;
  return text;
}

std::optional<UnixSeconds> time_in(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > std::uint64_t{kLastTime})
    return std::nullopt;
  const auto seconds = found->get<std::int64_t>();
  if (seconds <= 0) return std::nullopt;
  return UnixSeconds{seconds};
}

std::optional<std::string> provider_in(const json& claims) {
  const auto firebase = claims.find("firebase");
  if (firebase == claims.end() || !firebase->is_object()) return std::nullopt;
  return text_in(*firebase, "sign_in_provider", kMaxName);
}

void add_claim(const std::string& name, const json& value, FirebaseToken& token) {
  if (value.is_string())
    token.claims.emplace_back(name, value.get<std::string>());
  else if (value.is_boolean() || value.is_number_integer())
    token.claims.emplace_back(name, value.dump());
  else if (value.is_array())
    for (const json& each : value)
      if (each.is_string()) token.claims.emplace_back(name, each.get<std::string>());
}

// Nothing when all is well.
std::optional<TokenFault> read_header(const json& header, FirebaseToken& token) {
  if (text_in(header, "alg", 16) != "RS256") return TokenFault::kAlgorithm;
  // "crit" names what must be understood, and we understand no extension.
  if (header.contains("crit")) return TokenFault::kMalformed;
  auto key_id = text_in(header, "kid", kMaxName);
  if (!key_id || !std::ranges::all_of(*key_id, is_url_safe)) return TokenFault::kMalformed;
  token.key_id = std::move(*key_id);
  return std::nullopt;
}

std::optional<TokenFault> read_claims(const json& claims, FirebaseToken& token) {
  auto audience = text_in(claims, "aud", kMaxName);
  auto issuer = text_in(claims, "iss", 2 * kMaxName);
  auto subject = text_in(claims, "sub", kMaxName);
  const auto issued_at = time_in(claims, "iat");
  const auto expires_at = time_in(claims, "exp");
  const auto authenticated_at = time_in(claims, "auth_time");
  auto provider = provider_in(claims);
  if (!audience || !issuer || !subject || !issued_at || !expires_at || !authenticated_at ||
      !provider)
    return TokenFault::kMalformed;
  token.audience = std::move(*audience);
  token.issuer = std::move(*issuer);
  token.subject = std::move(*subject);
  token.issued_at = *issued_at;
  token.expires_at = *expires_at;
  token.authenticated_at = *authenticated_at;
  token.sign_in_provider = std::move(*provider);
  const auto verified = claims.find("email_verified");
  if (verified != claims.end() && *verified == true)
    token.verified_email = text_in(claims, "email", 2 * kMaxName).value_or("");
  for (const auto& [name, value] : claims.items()) add_claim(name, value, token);
  return std::nullopt;
}

}  // namespace

std::string_view name(TokenFault fault) {
  switch (fault) {
    case TokenFault::kMalformed: return "malformed";
    case TokenFault::kAlgorithm: return "not signed with RS256";
    case TokenFault::kAudience: return "of another project";
    case TokenFault::kIssuer: return "of another issuer";
    case TokenFault::kExpired: return "expired";
    case TokenFault::kNotYet: return "from the future";
    case TokenFault::kUnknownKey: return "signed with an unknown key";
    case TokenFault::kSignature: return "signed by somebody else";
  }
  return "malformed";
}

std::variant<FirebaseToken, TokenFault> parse_firebase_token(std::string_view text) {
  if (text.size() > kMaxTokenBytes || std::ranges::count(text, '.') != 2)
    return TokenFault::kMalformed;
  const std::size_t first = text.find('.');
  const std::size_t second = text.rfind('.');
  FirebaseToken token{.signed_part = std::string(text.substr(0, second))};
  const auto header = object_from(text.substr(0, first));
  if (!header) return TokenFault::kMalformed;
  if (const auto fault = read_header(*header, token)) return *fault;
  const auto claims = object_from(text.substr(first + 1, second - first - 1));
  if (!claims) return TokenFault::kMalformed;
  if (const auto fault = read_claims(*claims, token)) return *fault;
  auto signature = base64url_decode(text.substr(second + 1));
  if (!signature) return TokenFault::kMalformed;
  token.signature = std::move(*signature);
  return token;
}

std::optional<TokenFault> fault_in_claims(const FirebaseToken& token, std::string_view project,
                                          UnixSeconds now) {
  if (token.audience != project) return TokenFault::kAudience;
  if (token.issuer != "https://securetoken.google.com/" + std::string(project))
    return TokenFault::kIssuer;
  if (token.expires_at.value + kTokenLeewayS <= now.value) return TokenFault::kExpired;
  if (std::max(token.issued_at, token.authenticated_at).value > now.value + kTokenLeewayS)
    return TokenFault::kNotYet;
  return std::nullopt;
}

}  // namespace wasync
