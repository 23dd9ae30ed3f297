#include "cli/passkey_script.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace wasync {

std::string passkey_script(const std::string& options) {
  return "// Asks for your WhatsApp passkey and prints its answer. Sends nothing.\n"
         "console.log(JSON.stringify(await navigator.credentials.get({\n"
         "  publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(\n" +
         options + "\n  )})));\n";
}

void write_passkey_script(const std::string& script, const std::filesystem::path& file) {
  const std::string part = file.string() + ".part";
  unlink(part.c_str());
  const FileDescriptor out(
      ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  const bool written = out && ::write(out.get(), script.data(), script.size()) ==
                                  static_cast<ssize_t>(script.size());
  if (!written || std::rename(part.c_str(), file.c_str()) != 0) {
    const std::string why = std::strerror(errno);
    unlink(part.c_str());
    throw Error(ErrorCode::kIo,
                Phrase{"cannot write {}: {}", "nu se poate scrie {}: {}"}.with(file.string(), why),
                Phrase{"Name a file in a directory that exists and that you may write to.",
                       "Numește un fișier dintr-un director care există și în care poți scrie."});
  }
}

}  // namespace wasync
