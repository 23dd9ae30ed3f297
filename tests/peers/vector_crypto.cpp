#include "base/crypto.h"
#include "base/curve25519.h"
#include "vector_tool.h"
#include "wire/certificate.h"

namespace wasync::peers {
namespace {

Json key_pair_out(const KeyPair& pair) {
  return {{"public", bytes_out(pair.public_key)}, {"private", bytes_out(pair.private_key)}};
}

KeyPair key_pair_in(const Json& request, const char* key) {
  return KeyPair::from_private(bytes_in(request, key));
}

Json optional_bytes_out(const std::optional<Bytes>& bytes) {
  return bytes ? bytes_out(*bytes) : Json();
}

Json make_chain(const Json& request) {
  CertificateChainOptions options;
  options.intermediate_serial = request.value("intermediate_serial", options.intermediate_serial);
  options.leaf_serial = request.value("leaf_serial", options.leaf_serial);
  options.not_before = {request.value("not_before", std::int64_t{0})};
  options.not_after = {request.value("not_after", std::int64_t{0})};
  const PublicKey server_static = public_key_from(bytes_in(request, "server_static"));
  return bytes_out(
      make_certificate_chain(key_pair_in(request, "root_private"), server_static, options));
}

Json verify_chain(const Json& request) {
  verify_certificate_chain(bytes_in(request, "chain"), public_key_from(bytes_in(request, "root")),
                           public_key_from(bytes_in(request, "server_static")),
                           {request.at("now").get<std::int64_t>()});
  return true;
}

void add_symmetric(Operations& operations) {
  operations["sha256"] = [](const Json& request) {
    return bytes_out(sha256(bytes_in(request, "data")));
  };
  operations["hmac_sha256"] = [](const Json& request) {
    return bytes_out(hmac_sha256(bytes_in(request, "key"), bytes_in(request, "data")));
  };
  operations["hkdf_sha256"] = [](const Json& request) {
    return bytes_out(hkdf_sha256(bytes_in(request, "secret"), optional_bytes_in(request, "salt"),
                                 bytes_in(request, "info"),
                                 request.at("length").get<std::size_t>()));
  };
  operations["aes_gcm_encrypt"] = [](const Json& request) {
    return bytes_out(aes_gcm_encrypt(bytes_in(request, "key"), bytes_in(request, "nonce"),
                                     bytes_in(request, "data"), bytes_in(request, "associated")));
  };
  operations["aes_gcm_decrypt"] = [](const Json& request) {
    return optional_bytes_out(aes_gcm_decrypt(bytes_in(request, "key"), bytes_in(request, "nonce"),
                                              bytes_in(request, "data"),
                                              bytes_in(request, "associated")));
  };
  operations["aes_cbc_encrypt"] = [](const Json& request) {
    return bytes_out(aes_cbc_encrypt(bytes_in(request, "key"), bytes_in(request, "iv"),
                                     bytes_in(request, "data")));
  };
  operations["aes_cbc_decrypt"] = [](const Json& request) {
    return optional_bytes_out(aes_cbc_decrypt(bytes_in(request, "key"), bytes_in(request, "iv"),
                                              bytes_in(request, "data")));
  };
}

void add_curve(Operations& operations) {
  operations["generate_key"] = [](const Json&) { return key_pair_out(KeyPair::generate()); };
  operations["key_from_private"] = [](const Json& request) {
    return key_pair_out(key_pair_in(request, "private"));
  };
  operations["x25519"] = [](const Json& request) {
    return bytes_out(x25519(key_pair_in(request, "private").private_key,
                            public_key_from(bytes_in(request, "public"))));
  };
  operations["xeddsa_sign"] = [](const Json& request) {
    return bytes_out(
        xeddsa_sign(key_pair_in(request, "private").private_key, bytes_in(request, "message")));
  };
  operations["xeddsa_verify"] = [](const Json& request) {
    return Json(xeddsa_verify(public_key_from(bytes_in(request, "public")),
                              bytes_in(request, "message"), bytes_in(request, "signature")));
  };
}

}  // namespace

void add_crypto_operations(Operations& operations) {
  add_symmetric(operations);
  add_curve(operations);
  operations["make_certificate_chain"] = make_chain;
  operations["verify_certificate_chain"] = verify_chain;
}

}  // namespace wasync::peers
