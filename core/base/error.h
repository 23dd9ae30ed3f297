// The one exception type of the project.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/phrase.h"

namespace wasync {

// What kind of failure it is. The name (see `name`) is stable: scripts read it in
// --json output, and the command line derives the exit code from it.
enum class ErrorCode {
  kInternal,              // a bug of ours
  kUsage,                 // the caller asked for something that makes no sense
  kConfig,                // a setting or configuration file is wrong
  kIo,                    // reading or writing a file failed
  kStore,                 // the account's SQLite file is damaged or failed
  kStoreTooNew,           // a newer version of this program wrote the file
  kNotPaired,             // there is no linked account to work with
  kLoggedOut,             // the phone removed this device
  kPairingFailed,         // linking was refused or its signatures do not verify
  kPasskeyRequired,       // the account links devices only with its passkey, and no answer came
  kNetwork,               // connection could not be made or broke
  kServerRefused,         // WhatsApp answered with a refusal
  kClientOutdated,        // WhatsApp demands a newer web version
  kBanned,                // WhatsApp banned the account for a while or for good
  kReplaced,              // another connection of the same device took our place
  kServerUntrusted,       // the server's certificate chain does not verify
  kProtocol,              // a peer sent something the protocol does not allow
  kMedia,                 // a blob failed its hashes or MAC, or cannot be downloaded
  kFirestoreUnreachable,  // Firestore or its token server is down or temporarily unavailable
  kFirestoreRefused,      // Firestore or its token server answered with a refusal
  kTimeout,               // a deadline passed
  kHeldElsewhere,         // another process holds the account
  kCrypto,                // a cryptographic operation failed on our own data
  kNothingToDo,           // there is nothing to do; nothing is wrong
  kInterrupted,           // the user or the system asked us to stop
};

std::string_view name(ErrorCode code);  // "store_too_new", …

// A function throws it when it cannot do its job; the edges catch it (a stanza, a batch, a
// command). `message()` says what happened. `advice()` says what to do about it and may be empty.
// Both are in the user's languages; `what()` and `hint()` are their English, for logs. None of them
// ever holds a secret or raw bytes from a peer.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, Words message, Words advice = {})
      : std::runtime_error(message.in(Language::kEnglish)),
        code_(code),
        message_(std::move(message)),
        advice_(std::move(advice)) {}

  ErrorCode code() const { return code_; }
  const Words& message() const { return message_; }
  const Words& advice() const { return advice_; }
  const std::string& hint() const { return advice_.in(Language::kEnglish); }

 private:
  ErrorCode code_;
  Words message_;
  Words advice_;
};

}  // namespace wasync
