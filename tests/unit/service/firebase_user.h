// Firebase Authentication as the API meets it: certificates, and tokens signed with their keys.
#pragma once

#include <openssl/x509.h>

#include <string>

#include "base/clock.h"
#include "google/rsa_key.h"
#include "unit/google/google.h"

namespace wasync::test {

inline std::string base64url(std::string_view text) {
  std::string out = base64url_encode(as_bytes(text));
  while (out.ends_with('=')) out.pop_back();
  return out;
}

inline std::string certificate_of(EVP_PKEY* key) {
  const std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(), &X509_free);
  ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
  X509_set_pubkey(x509.get(), key);
  REQUIRE(X509_sign(x509.get(), key, EVP_sha256()) != 0);
  BIO* const out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, x509.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(out);
  return pem;
}

constexpr const char* kProject = "superparty";
constexpr const char* kKeyId = "9f0a3c";

inline json good_header() {
  return {{"alg", "RS256"}, {"kid", kKeyId}, {"typ", "JWT"}};
}
inline json good_claims(UnixSeconds now = UnixSeconds::now()) {
  return {{"iss", std::string("https://securetoken.google.com/") + kProject},
          {"aud", kProject},
          {"auth_time", now.value - 100},
          {"sub", "Ab3dUser"},
          {"iat", now.value - 10},
          {"exp", now.value + 3590},
          {"email", "ana@example.com"},
          {"firebase", {{"sign_in_provider", "password"}}}};
}

inline std::string unsigned_part(const json& header, const json& claims) {
  return base64url(header.dump()) + "." + base64url(claims.dump());
}

inline std::string signed_token(const json& header, const json& claims,
                                EVP_PKEY* key = usual_key()) {
  const std::string part = unsigned_part(header, claims);
  return part + "." + base64url(as_text(RsaKey::parse(pem_of(key)).sign(as_bytes(part))));
}
inline std::string good_token() {
  return signed_token(good_header(), good_claims());
}

inline std::string keys_answer(const std::string& headers = "Cache-Control: max-age=3600\r\n") {
  return synthetic::kept(json{{kKeyId, certificate_of(usual_key())}}.dump(), "200 OK", headers);
}

}  // namespace wasync::test
