#include <algorithm>
#include <filesystem>

#include "history/blob.h"
#include "history/media_crypto.h"
#include "vector_tool.h"

namespace wasync::peers {
namespace {

// The way of a downloaded blob: pieces in, hashes and MAC checked, plaintext out.
Json decrypt(const Json& request) {
  const ExpectedBlob expected =
      ExpectedBlob::from(kHistoryMedia, bytes_in(request, "media_key"),
                         bytes_in(request, "file_sha256"), bytes_in(request, "file_enc_sha256"));
  BlobReceiver receiver(std::filesystem::temp_directory_path(), expected);
  const Bytes blob = bytes_in(request, "data");
  const auto piece = request.at("piece").get<std::size_t>();
  for (std::size_t at = 0; at < blob.size(); at += piece)
    receiver.append(BytesView(blob).subspan(at, std::min(piece, blob.size() - at)));
  Bytes plaintext;
  std::move(receiver).verify().read([&](BytesView data) { append(plaintext, data); });
  return bytes_out(plaintext);
}

}  // namespace

void add_media_operations(Operations& operations) {
  operations["history_media_keys"] = [](const Json& request) {
    const MediaKeys keys = media_keys(kHistoryMedia, bytes_in(request, "media_key"));
    return Json{{"iv", bytes_out(keys.iv)},
                {"cipher_key", bytes_out(keys.cipher_key)},
                {"mac_key", bytes_out(keys.mac_key)}};
  };
  operations["encrypt_history"] = [](const Json& request) {
    const EncryptedBlob blob =
        encrypt_blob(kHistoryMedia, bytes_in(request, "data"), bytes_in(request, "media_key"));
    return Json{{"data", bytes_out(blob.data)},
                {"file_sha256", bytes_out(blob.file_sha256)},
                {"file_enc_sha256", bytes_out(blob.file_enc_sha256)}};
  };
  operations["decrypt_history"] = decrypt;
}

}  // namespace wasync::peers
