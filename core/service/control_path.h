// A control socket's path, short enough for a socket address however deep the state directory is.
#pragma once

#include <fcntl.h>

#include <string>

#include "base/file_descriptor.h"
#include "inbox/state_dir.h"

namespace wasync {

class ControlPath {
 public:
  ControlPath(const StateDir& state, const AccountId& id)
      : directory_(::open(state.run_dir().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
        text_("/proc/self/fd/" + std::to_string(directory_.get()) + "/" +
              state.control_socket(id).filename().string()) {}

  // Good for as long as this object lives, in this process.
  const std::string& text() const { return text_; }

 private:
  FileDescriptor directory_;
  std::string text_;
};

}  // namespace wasync
