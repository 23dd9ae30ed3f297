// Owns an open file, directory or socket, and closes it on destruction.
#pragma once

#include <unistd.h>

#include <utility>

namespace wasync {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  // Takes over what open() or socket() returned; owns nothing when that is negative.
  explicit FileDescriptor(int value) : value_(value) {}
  ~FileDescriptor() {
    if (value_ >= 0) ::close(value_);
  }
  FileDescriptor(FileDescriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }

  explicit operator bool() const { return value_ >= 0; }
  int get() const { return value_; }

 private:
  int value_ = -1;
};

}  // namespace wasync
