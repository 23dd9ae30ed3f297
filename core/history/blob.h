// A blob (of history, or of app state) on its way from the media server to its reader: received
// into a private file, verified as a whole, and only then readable.
//
//   BlobReceiver receiver(account_directory, expected);
//   while (more) receiver.append(piece);
//   const VerifiedBlob blob = std::move(receiver).verify();
//   blob.read([&](BytesView plaintext) { … });
//
// A blob of history can have hundreds of megabytes, and the reader commits conversations while it
// reads. So the reader must not see any of it before the very last byte is checked. The blob
// therefore stays on disk as it came (encrypted), and we decrypt it twice: once to check the
// plaintext's hash, once to use it. Decrypting runs at memory speed; the alternatives would be
// plaintext on disk or gigabytes in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/file_descriptor.h"
#include "history/media_crypto.h"

namespace wasync {

using ByteSink = std::function<void(BytesView)>;

// What its announcement says about the blob.
struct ExpectedBlob {
  MediaType type = kHistoryMedia;
  MediaKeys keys;
  Digest256 file_sha256{};
  Digest256 file_enc_sha256{};

  // Throws Error(kProtocol) when a field has the wrong length.
  static ExpectedBlob from(const MediaType& type, BytesView media_key, BytesView file_sha256,
                           BytesView file_enc_sha256);
};

// A file that only this process can reach: it has no name, so a crash leaves nothing behind.
class PrivateFile {
 public:
  // Throws Error(kIo).
  explicit PrivateFile(const std::filesystem::path& directory);
  void append(BytesView data);
  std::uint64_t size() const { return size_; }
  // Reads pieces of the first `length` bytes in order.
  void read(std::uint64_t length, const ByteSink& sink) const;

 private:
  FileDescriptor file_;
  std::uint64_t size_ = 0;
};

class VerifiedBlob {
 public:
  // The plaintext from its start, in order; may be called again.
  void read(const ByteSink& sink) const;

 private:
  friend class BlobReceiver;
  VerifiedBlob(PrivateFile file, const ExpectedBlob& expected)
      : file_(std::move(file)), type_(expected.type), keys_(expected.keys) {}
  PrivateFile file_;
  MediaType type_;
  MediaKeys keys_;
};

class BlobReceiver {
 public:
  BlobReceiver(const std::filesystem::path& directory, const ExpectedBlob& expected);

  void append(BytesView data);
  std::uint64_t size() const { return file_.size(); }
  // Throws Error(kMedia) when a hash or the MAC does not match.
  VerifiedBlob verify() &&;

 private:
  void authenticate(BytesView data);

  ExpectedBlob expected_;
  PrivateFile file_;
  Sha256Stream hash_;
  HmacSha256Stream mac_;
  Bytes tail_;  // the last bytes seen: the MAC, once all has come
};

}  // namespace wasync
