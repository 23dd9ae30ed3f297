// Secrets in memory and in files: Google's keys, the token of the HTTP API.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace wasync {

// Wipes its text on destruction.
struct SecretText {
  std::string text;

  explicit SecretText(std::string text_ = {}) : text(std::move(text_)) {}
  SecretText(SecretText&&) = default;
  ~SecretText();
};

// What read_secret_file found. The caller writes the error message, because it knows what the file
// should hold and how open it may be.
struct SecretFile {
  enum class State { kRead, kUnreadable, kNotRegular, kTooLarge };

  State state = State::kRead;
  int error = 0;           // errno, for kUnreadable
  mode_t permissions = 0;  // of owner, group and others
  uid_t owner = 0;
  SecretText content{};  // for kRead

  bool open_to_others() const;  // users other than its owner and group may read it
};

// Never blocks: it does not read a pipe without a writer, or a device.
SecretFile read_secret_file(const std::filesystem::path& file, std::size_t most_bytes);

// Replaces the file, completely or not at all, with one that only its owner can access (0600).
// Throws Error(kIo) when it cannot, and then leaves the old file unchanged.
void write_secret_file(const std::filesystem::path& file, BytesView content);

}  // namespace wasync
