// A self-signed TLS certificate made on the spot, and the server context that uses it.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/ssl/context.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/bytes.h"
#include "base/crypto.h"

namespace wasync::testing {

class TlsAuthority {
 public:
  // `names` as in a subjectAltName extension: "DNS:localhost,IP:127.0.0.1". The certificate
  // is valid from an hour before to `valid_s` seconds after now.
  explicit TlsAuthority(const std::string& names, long valid_s = 3600)
      : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free),
        certificate_(X509_new(), &X509_free),
        file_(std::filesystem::temp_directory_path() /
              ("wa-sync-test-" + hex_encode(random_bytes(8)) + ".pem")) {
    X509* const x509 = certificate_.get();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), valid_s);
    X509_set_pubkey(x509, key_.get());
    X509_NAME* const name = X509_get_subject_name(x509);
    const Bytes text = to_bytes("wa-sync test");
    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC, text.data(),
                               static_cast<int>(text.size()), -1, 0);
    X509_set_issuer_name(x509, name);
    X509_EXTENSION* const extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
    if (X509_sign(x509, key_.get(), EVP_sha256()) == 0) throw std::runtime_error("X509_sign");
    std::FILE* const out = std::fopen(file_.c_str(), "w");
    if (out == nullptr || PEM_write_X509(out, x509) != 1) throw std::runtime_error("PEM");
    std::fclose(out);
  }
  ~TlsAuthority() {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
  }
  TlsAuthority(const TlsAuthority&) = delete;
  TlsAuthority& operator=(const TlsAuthority&) = delete;

  std::string file() const { return file_.string(); }

  boost::asio::ssl::context server_context() const {
    boost::asio::ssl::context context(boost::asio::ssl::context::tls_server);
    SSL_CTX_use_certificate(context.native_handle(), certificate_.get());
    SSL_CTX_use_PrivateKey(context.native_handle(), key_.get());
    return context;
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> certificate_;
  std::filesystem::path file_;
};

}  // namespace wasync::testing
