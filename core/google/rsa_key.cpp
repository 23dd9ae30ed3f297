#include "google/rsa_key.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/error.h"

namespace wasync {
namespace {

constexpr int kLeastBits = 2048;

[[noreturn]] void refuse_key(const Words& why) {
  ERR_clear_error();
  throw Error(
      ErrorCode::kConfig, Phrase{"the private key {}", "cheia privată {}"}.with(why),
      Phrase{"Create a new key for the service account: Google Cloud console > IAM > Service "
             "accounts > Keys.",
             "Creează o cheie nouă pentru contul de serviciu: Google Cloud console > IAM > "
             "Service accounts > Keys."});
}

// Wiped when it goes.
struct Pem {
  std::string text;
  ~Pem() { OPENSSL_cleanse(text.data(), text.size()); }
};

Pem with_line_breaks(std::string_view pem) {
  Pem out;
  out.text.reserve(pem.size());  // growing would leave copies of the key behind in memory
  for (std::size_t i = 0; i < pem.size(); ++i) {
    const bool escaped = pem.substr(i, 2) == "\\n";
    out.text += escaped ? '\n' : pem[i];
    if (escaped) ++i;
  }
  return out;
}

// Without this callback, OpenSSL would ask for a passphrase at the terminal.
int no_password(char*, int, int, void*) {
  return -1;
}

}  // namespace

void RsaKey::Release::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);  // wipes it
}

RsaKey RsaKey::parse(std::string_view pem) {
  if (pem.find("ENCRYPTED") != std::string_view::npos)
    refuse_key(Phrase{"is encrypted with a password", "este criptată cu o parolă"});
  const Pem plain = with_line_breaks(pem);
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(plain.text.data(), static_cast<int>(plain.text.size())), &BIO_free);
  if (!in) throw std::bad_alloc();
  RsaKey key(PEM_read_bio_PrivateKey(in.get(), nullptr, &no_password, nullptr));
  if (!key.key_) refuse_key(Phrase{"is not a key in PEM form", "nu este o cheie în format PEM"});
  if (EVP_PKEY_get_base_id(key.key_.get()) != EVP_PKEY_RSA)
    refuse_key(Phrase{"is not an RSA key", "nu este o cheie RSA"});
  const int bits = EVP_PKEY_get_bits(key.key_.get());
  if (bits < kLeastBits) {
    refuse_key(Phrase{"is too weak: it has {} bits and needs {}",
                      "este prea slabă: are {} biți și îi trebuie {}"}
                   .with(bits, kLeastBits));
  }
  return key;
}

Bytes RsaKey::sign(BytesView message) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  std::size_t size = 0;
  const auto sign = [&](std::uint8_t* to) {
    return EVP_DigestSign(context.get(), to, &size, message.data(), message.size()) == 1;
  };
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      !sign(nullptr)) {
    throw Error(ErrorCode::kCrypto, "cryptography failed: RSA signature");
  }
  Bytes signature(size);
  if (!sign(signature.data())) {
    throw Error(ErrorCode::kCrypto, "cryptography failed: RSA signature");
  }
  signature.resize(size);
  return signature;
}

void RsaPublicKey::Release::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

std::optional<RsaPublicKey> RsaPublicKey::from_certificate(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  if (!in) throw std::bad_alloc();
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(in.get(), nullptr, &no_password, nullptr), &X509_free);
  RsaPublicKey key(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
  ERR_clear_error();
  if (!key.key_ || EVP_PKEY_get_base_id(key.key_.get()) != EVP_PKEY_RSA ||
      EVP_PKEY_get_bits(key.key_.get()) < kLeastBits) {
    return std::nullopt;
  }
  return key;
}

bool RsaPublicKey::verify(BytesView message, BytesView signature) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  if (!context ||
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1) {
    throw Error(ErrorCode::kCrypto, "cryptography failed: RSA verification");
  }
  const bool good = EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                     message.data(), message.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace wasync
