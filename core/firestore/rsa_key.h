// The private key of a service account.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

struct evp_pkey_st;

namespace wasync {

class RsaKey {
 public:
  // From PEM, PKCS#8 or PKCS#1, not encrypted. Line breaks may be the two characters "\n", as
  // they become in environment variables. Throws Error(kConfig) with a clause that says what is
  // wrong with it ("the private key is …"); never with any of it.
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

}  // namespace wasync
