#include "cli/exit_code.h"

namespace wasync {

ExitCode exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUsage:
    case ErrorCode::kConfig: return ExitCode::kUsage;
    case ErrorCode::kNotPaired:
    case ErrorCode::kLoggedOut: return ExitCode::kNotPaired;
    case ErrorCode::kNetwork:
    case ErrorCode::kServerRefused:
    case ErrorCode::kServerUntrusted:
    case ErrorCode::kClientOutdated:
    case ErrorCode::kBanned:
    case ErrorCode::kPasskeyRequired:
    case ErrorCode::kPairingFailed: return ExitCode::kWhatsApp;
    case ErrorCode::kFirestoreUnreachable:
    case ErrorCode::kFirestoreRefused: return ExitCode::kFirestore;
    case ErrorCode::kTimeout: return ExitCode::kTimedOut;
    case ErrorCode::kHeldElsewhere:
    case ErrorCode::kReplaced: return ExitCode::kHeldElsewhere;
    case ErrorCode::kNothingToDo: return ExitCode::kNothingToDo;
    case ErrorCode::kInternal:
    case ErrorCode::kIo:
    case ErrorCode::kStore:
    case ErrorCode::kStoreTooNew:
    case ErrorCode::kProtocol:
    case ErrorCode::kMedia:
    case ErrorCode::kCrypto:
    case ErrorCode::kInterrupted: break;
  }
  return ExitCode::kFailed;
}

}  // namespace wasync
