#include "base/crypto.h"
#include "base/error.h"
#include "history/sealed_content.h"
#include "vector_tool.h"

namespace wasync::peers {
namespace {

SealedKind kind_in(const Json& request) {
  const std::string wanted = request.at("kind");
  for (int i = 0; i < static_cast<int>(SealedKind::kOther); ++i) {
    const auto kind = static_cast<SealedKind>(i);
    if (name(kind) == wanted) return kind;
  }
  throw Error(ErrorCode::kUsage, "no such kind: " + wanted);
}

// {kind, secret, id, author, sender, iv, data} -> the sealed payload.
Json seal(const Json& request) {
  const auto [key, bound] =
      seal_key(use_cases(kind_in(request)).front(), bytes_in(request, "secret"), request.at("id"),
               request.at("author"), request.at("sender"));
  return bytes_out(
      aes_gcm_encrypt(key, bytes_in(request, "iv"), bytes_in(request, "data"), as_bytes(bound)));
}

// {kind, secret, id, authors: […], senders: […], iv, payload} -> what was sealed, or null.
Json open(const Json& request) {
  const Sealed sealed{.kind = kind_in(request),
                      .payload = bytes_in(request, "payload"),
                      .iv = bytes_in(request, "iv")};
  const Seal seal{.secret = bytes_in(request, "secret"),
                  .authors = request.at("authors"),
                  .senders = request.at("senders"),
                  .target = {.id = request.at("id")}};
  const auto plaintext = opened(sealed, seal);
  return plaintext ? bytes_out(*plaintext) : Json();
}

}  // namespace

void add_sealed_operations(Operations& operations) {
  operations["seal"] = seal;
  operations["open_sealed"] = open;
}

}  // namespace wasync::peers
