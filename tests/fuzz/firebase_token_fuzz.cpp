// A bearer token from a stranger is refused, or well-formed within its bounds; RS256 or nothing.
#include <cstdlib>
#include <string_view>

#include "service/firebase_token.h"

using namespace wasync;

namespace {

void require(bool ok) {
  if (!ok) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = parse_firebase_token(text);
  if (const auto* fault = std::get_if<TokenFault>(&parsed)) {
    require(!name(*fault).empty());
    return 0;
  }
  const auto& token = std::get<FirebaseToken>(parsed);
  require(text.size() <= kMaxTokenBytes);
  require(text.starts_with(token.signed_part) && text.size() > token.signed_part.size() + 1);
  require(!token.signature.empty());
  require(!token.key_id.empty() && token.key_id.size() <= 128);
  for (const char c : token.key_id) require(c > ' ' && c <= 'z' && c != '/' && c != '.');
  require(!token.subject.empty() && token.subject.size() <= 128);
  require(token.expires_at.known() && token.issued_at.known() && token.authenticated_at.known());
  if (!fault_in_claims(token, "superparty", {1'760'000'000})) {
    require(token.audience == "superparty");
    require(token.expires_at.value > 1'760'000'000 - kTokenLeewayS);
    require(token.issued_at.value <= 1'760'000'000 + kTokenLeewayS);
  }
  return 0;
}
