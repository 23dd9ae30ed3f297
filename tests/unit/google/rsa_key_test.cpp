#include "google/rsa_key.h"

#include <doctest/doctest.h>

#include "unit/google/google.h"

namespace rsa_key_test {

using namespace wasync;
using namespace wasync::test;

namespace {

std::string with_escaped_breaks(std::string pem) {
  for (std::size_t at = 0; (at = pem.find('\n', at)) != std::string::npos; at += 2)
    pem.replace(at, 1, "\\n");
  return pem;
}

std::string pkcs1(EVP_PKEY* key) {
  BIO* const out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey_traditional(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(out);
  return pem;
}

}  // namespace

TEST_CASE("a signature verifies, whatever form the key came in") {
  const Bytes message = to_bytes("signed");
  for (const std::string& pem :
       {pem_of(usual_key()), pkcs1(usual_key()), with_escaped_breaks(pem_of(usual_key()))}) {
    const Bytes signature = RsaKey::parse(pem).sign(message);
    CHECK(signature.size() == 256);
    CHECK(verifies(usual_key(), message, signature));
    CHECK_FALSE(verifies(usual_key(), to_bytes("other"), signature));
  }
}

TEST_CASE("keys that are none, or not good enough, are refused") {
  const Key ec(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const std::string good = pem_of(usual_key());
  const std::string cut = good.substr(0, good.size() / 2);
  for (const auto& [pem, why] : std::vector<std::pair<std::string, const char*>>{
           {"", "PEM"},
           {"hush", "PEM"},
           {cut, "PEM"},
           {"-----BEGIN PRIVATE KEY-----\naHVzaA==\n-----END PRIVATE KEY-----\n", "PEM"},
           {pem_of(usual_key(), "password"), "password"},
           {pem_of(ec.get()), "RSA"},
           {pem_of(new_rsa_key(1024).get()), "1024"}}) {
    const Error error = error_of([&] { RsaKey::parse(pem); });
    CHECK(error.code() == ErrorCode::kConfig);
    CHECK_MESSAGE(says(error, why), error.what());
    CHECK_FALSE(says(error, "hush"));
    CHECK_FALSE(says(error, good.substr(60, 20)));
  }
}

}  // namespace rsa_key_test
