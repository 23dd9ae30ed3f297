// A directory of our own that disappears with its owner.
#pragma once

#include <filesystem>

namespace wasync::sim {

class ScratchDirectory {
 public:
  ScratchDirectory();  // throws Error(kIo)
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace wasync::sim
