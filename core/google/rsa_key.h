// RSA keys: the private one of a service account, and the public ones that verify what others sign.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

struct evp_pkey_st;

namespace wasync {

class RsaKey {
 public:
  // From PEM, PKCS#8 or PKCS#1, not encrypted. Line breaks may be the two characters "\n", as in
  // environment variables. Throws Error(kConfig) with a clause that says what is wrong ("the
  // private key is …"); it never contains any of the key.
  static RsaKey parse(std::string_view pem);

  // RSASSA-PKCS1-v1_5 with SHA-256: what JSON web tokens call RS256.
  Bytes sign(BytesView message) const;

 private:
  struct Release {
    void operator()(evp_pkey_st* key) const;
  };
  explicit RsaKey(evp_pkey_st* key) : key_(key) {}

  std::unique_ptr<evp_pkey_st, Release> key_;
};

class RsaPublicKey {
 public:
  // The key of an X.509 certificate in PEM. Ignores its dates and its issuer: the caller knows
  // where it comes from. Nothing when it is no certificate, holds no RSA key, or a weak one.
  static std::optional<RsaPublicKey> from_certificate(std::string_view pem);

  // Whether `signature` is what RsaKey::sign makes of the message.
  bool verify(BytesView message, BytesView signature) const;

 private:
  struct Release {
    void operator()(evp_pkey_st* key) const;
  };
  explicit RsaPublicKey(evp_pkey_st* key) : key_(key) {}

  std::unique_ptr<evp_pkey_st, Release> key_;
};

}  // namespace wasync
