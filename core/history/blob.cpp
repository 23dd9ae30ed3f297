#include "history/blob.h"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "base/error.h"

namespace wasync {
namespace {

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kAesBlock = 16;

[[noreturn]] void fail_io(Phrase what) {
  const int error = errno;
  throw Error(ErrorCode::kIo, what.with(std::strerror(error)),
              error == ENOSPC
                  ? Phrase{"The disk is full: free some space, then try again.",
                           "Discul este plin: eliberează spațiu, apoi încearcă din nou."}
                  : Phrase{});
}

// `what` takes the blob's name.
[[noreturn]] void fail_media(const MediaType& type, Phrase what) {
  throw Error(ErrorCode::kMedia, what.with(type.a_blob),
              Phrase{"The phone or the network damaged it; wa-sync will ask for it again.",
                     "L-a stricat telefonul sau rețeaua; wa-sync îl va cere din nou."});
}

FileDescriptor open_private(const std::filesystem::path& directory) {
  FileDescriptor nameless(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (nameless) return nameless;
  // Some filesystems have no O_TMPFILE: a named file, unlinked at once.
  std::string name = (directory / "blob-XXXXXX").string();
  FileDescriptor named(::mkostemp(name.data(), O_CLOEXEC));
  if (!named)
    fail_io({"cannot create a file for a downloaded blob: {}",
             "nu se poate crea un fișier pentru ce se descarcă: {}"});
  ::unlink(name.c_str());
  return named;
}

Digest256 digest_from(const MediaType& type, BytesView bytes, Phrase malformed) {
  Digest256 out;
  if (bytes.size() != out.size()) throw Error(ErrorCode::kProtocol, malformed.with(type.a_blob));
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

HmacSha256Stream mac_over_iv(const MediaKeys& keys) {
  HmacSha256Stream mac(keys.mac_key);
  mac.update(keys.iv);
  return mac;
}

}  // namespace

ExpectedBlob ExpectedBlob::from(const MediaType& type, BytesView media_key, BytesView file_sha256,
                                BytesView file_enc_sha256) {
  return {.type = type,
          .keys = media_keys(type, media_key),
          .file_sha256 = digest_from(type, file_sha256,
                                     {"{} was announced with a malformed hash",
                                      "{} a fost anunțat cu o sumă de control malformată"}),
          .file_enc_sha256 = digest_from(
              type, file_enc_sha256,
              {"{} was announced with a malformed hash of the encrypted file",
               "{} a fost anunțat cu o sumă de control malformată a fișierului criptat"})};
}

PrivateFile::PrivateFile(const std::filesystem::path& directory) : file_(open_private(directory)) {}

void PrivateFile::append(BytesView data) {
  while (!data.empty()) {
    const ssize_t written =
        ::pwrite(file_.get(), data.data(), data.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0)
      fail_io({"cannot write a downloaded blob: {}", "nu se poate scrie un fișier descărcat: {}"});
    size_ += static_cast<std::uint64_t>(written);
    data = data.subspan(static_cast<std::size_t>(written));
  }
}

void PrivateFile::read(std::uint64_t length, const ByteSink& sink) const {
  Bytes piece(kPiece);
  for (std::uint64_t at = 0; at < length;) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), length - at));
    const ssize_t got = ::pread(file_.get(), piece.data(), want, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      fail_io({"cannot read a downloaded blob: {}", "nu se poate citi un fișier descărcat: {}"});
    sink(BytesView(piece).first(static_cast<std::size_t>(got)));
    at += static_cast<std::uint64_t>(got);
  }
}

void VerifiedBlob::read(const ByteSink& sink) const {
  AesCbcDecryptStream decrypt(keys_.cipher_key, keys_.iv);
  file_.read(file_.size() - kMediaMacSize, [&](BytesView piece) {
    const Bytes plain = decrypt.update(piece);
    if (!plain.empty()) sink(plain);
  });
  const std::optional<Bytes> last = decrypt.finish();
  if (!last) fail_media(type_, {"{} has wrong padding", "{} are o completare greșită"});
  if (!last->empty()) sink(*last);
}

BlobReceiver::BlobReceiver(const std::filesystem::path& directory, const ExpectedBlob& expected)
    : expected_(expected), file_(directory), mac_(mac_over_iv(expected.keys)) {}

void BlobReceiver::append(BytesView data) {
  file_.append(data);
  hash_.update(data);
  authenticate(data);
}

// The MAC covers all but the last ten bytes, and which those are is known only at the end.
void BlobReceiver::authenticate(BytesView data) {
  if (data.size() >= kMediaMacSize) {
    mac_.update(tail_);
    mac_.update(data.first(data.size() - kMediaMacSize));
    const BytesView rest = data.last(kMediaMacSize);
    tail_.assign(rest.begin(), rest.end());
    return;
  }
  wasync::append(tail_, data);
  if (tail_.size() <= kMediaMacSize) return;
  const std::size_t covered = tail_.size() - kMediaMacSize;
  mac_.update(BytesView(tail_).first(covered));
  tail_.erase(tail_.begin(), tail_.begin() + static_cast<std::ptrdiff_t>(covered));
}

VerifiedBlob BlobReceiver::verify() && {
  const std::uint64_t size = file_.size();
  if (size <= kMediaMacSize || (size - kMediaMacSize) % kAesBlock != 0) {
    fail_media(expected_.type, {"{} has an impossible length", "{} are o lungime imposibilă"});
  }
  if (!equal_constant_time(hash_.finish(), expected_.file_enc_sha256)) {
    fail_media(expected_.type, {"{} is not the one that was announced (hash of the encrypted file)",
                                "{} nu este cel anunțat (suma de control a fișierului criptat)"});
  }
  const Digest256 mac = mac_.finish();
  if (!equal_constant_time(BytesView(mac).first(kMediaMacSize), tail_)) {
    fail_media(expected_.type, {"{} is not authentic (MAC)", "{} nu este autentic (MAC)"});
  }
  VerifiedBlob blob(std::move(file_), expected_);
  Sha256Stream plain_hash;
  blob.read([&](BytesView plain) { plain_hash.update(plain); });
  if (!equal_constant_time(plain_hash.finish(), expected_.file_sha256)) {
    fail_media(expected_.type,
               {"{} does not decrypt to what was announced (hash of the file)",
                "{} nu se decriptează în ce s-a anunțat (suma de control a fișierului)"});
  }
  return blob;
}

}  // namespace wasync
