#include "base/error.h"

namespace wasync {

std::string_view name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInternal: return "internal";
    case ErrorCode::kUsage: return "usage";
    case ErrorCode::kConfig: return "config";
    case ErrorCode::kIo: return "io";
    case ErrorCode::kStore: return "store";
    case ErrorCode::kStoreTooNew: return "store_too_new";
    case ErrorCode::kNotPaired: return "not_paired";
    case ErrorCode::kLoggedOut: return "logged_out";
    case ErrorCode::kPairingFailed: return "pairing_failed";
    case ErrorCode::kPasskeyRequired: return "passkey_required";
    case ErrorCode::kNetwork: return "network";
    case ErrorCode::kServerRefused: return "server_refused";
    case ErrorCode::kClientOutdated: return "client_outdated";
    case ErrorCode::kBanned: return "banned";
    case ErrorCode::kReplaced: return "replaced";
    case ErrorCode::kServerUntrusted: return "server_untrusted";
    case ErrorCode::kProtocol: return "protocol";
    case ErrorCode::kMedia: return "media";
    case ErrorCode::kFirestoreUnreachable: return "firestore_unreachable";
    case ErrorCode::kFirestoreRefused: return "firestore_refused";
    case ErrorCode::kTimeout: return "timeout";
    case ErrorCode::kHeldElsewhere: return "held_elsewhere";
    case ErrorCode::kCrypto: return "crypto";
    case ErrorCode::kNothingToDo: return "nothing_to_do";
    case ErrorCode::kInterrupted: return "interrupted";
  }
  return "internal";
}

}  // namespace wasync
