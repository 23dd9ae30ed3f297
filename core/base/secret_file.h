// Secrets in memory and in files: Google's keys, the token of the HTTP API.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace wasync {

// Wiped when it goes.
struct SecretText {
  std::string text;

  explicit SecretText(std::string text_ = {}) : text(std::move(text_)) {}
  SecretText(SecretText&&) = default;
  ~SecretText();
};

// What there was to read. Who reads it says what is wrong, in words about what it should hold, and
// how open it may be.
struct SecretFile {
  enum class State { kRead, kUnreadable, kNotRegular, kTooLarge };

  State state = State::kRead;
  int error = 0;           // the errno of kUnreadable
  mode_t permissions = 0;  // of owner, group and others
  SecretText content{};    // of kRead

  bool open_to_others() const;  // others than its owner and group may read it
};

// Never waits: a pipe that nobody writes to, or a device, is not read.
SecretFile read_secret_file(const std::filesystem::path& file, std::size_t most_bytes);

// Replaces the file, whole or not at all, with one that is its owner's alone (0600). Throws
// Error(kIo) when it cannot; then the former file is as it was.
void write_secret_file(const std::filesystem::path& file, BytesView content);

}  // namespace wasync
