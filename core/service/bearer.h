// Bearer tokens: the one in an Authorization header, and the operator's, which is in a file.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/crypto.h"
#include "service/http_message.h"

namespace wasync {

// Of "Authorization: Bearer <token>" (RFC 6750, 2.1); at most kMaxTokenBytes of its alphabet.
// Nothing when there is no such header, more than one, or one of another form.
std::optional<std::string_view> bearer_of(const HttpAsk& ask);

// The token of --http-token-file. Only its digest is kept.
class TokenFile {
 public:
  // Reads it. Throws Error(kConfig) when it cannot be read, others than its owner may read it, or
  // its first line is no token of at least 16 characters; never with any of it.
  explicit TokenFile(std::filesystem::path file);

  // Reads it again; what it throws leaves the former token in force.
  void reload();

  // Takes as long whatever the difference is.
  bool is(std::string_view token) const;

 private:
  std::filesystem::path file_;
  Digest256 digest_{};
};

}  // namespace wasync
