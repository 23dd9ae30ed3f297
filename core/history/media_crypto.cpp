#include "history/media_crypto.h"

#include <algorithm>

#include "base/error.h"

namespace wasync {

MediaKeys media_keys(const MediaType& type, BytesView media_key) {
  if (media_key.size() != 32) {
    throw Error(ErrorCode::kProtocol, Phrase{"{} was announced with a malformed media key",
                                             "{} a fost anunțat cu o cheie malformată"}
                                          .with(type.a_blob));
  }
  // The last 32 of the 112 bytes are a reference for the server; nothing here needs them.
  const Bytes expanded = hkdf_sha256(media_key, {}, as_bytes(type.key_info), 112);
  MediaKeys keys;
  const auto copy = [&](std::size_t from, auto& to) {
    std::copy_n(expanded.begin() + static_cast<std::ptrdiff_t>(from), to.size(), to.begin());
  };
  copy(0, keys.iv);
  copy(16, keys.cipher_key);
  copy(48, keys.mac_key);
  return keys;
}

EncryptedBlob encrypt_blob(const MediaType& type, BytesView plaintext, BytesView media_key) {
  const MediaKeys keys = media_keys(type, media_key);
  EncryptedBlob out;
  out.file_sha256 = sha256(plaintext);
  out.data = aes_cbc_encrypt(keys.cipher_key, keys.iv, plaintext);
  HmacSha256Stream mac(keys.mac_key);
  mac.update(keys.iv);
  mac.update(out.data);
  const Digest256 digest = mac.finish();
  append(out.data, BytesView(digest).first(kMediaMacSize));
  out.file_enc_sha256 = sha256(out.data);
  return out;
}

}  // namespace wasync
