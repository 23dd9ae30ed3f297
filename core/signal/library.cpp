#include "signal/library.h"

#include <limits>
#include <new>

#include "base/error.h"
#include "base/sqlite.h"
#include "signal/crypto_provider.h"

namespace wasync {

void throw_library_error(int result) {
  if (result == SG_ERR_NOMEM) throw std::bad_alloc();
  // The record was valid when we wrote it, so the file is damaged.
  if (result == SG_ERR_INVALID_PROTO_BUF) {
    throw Error(
        ErrorCode::kStore,
        Phrase{"a Signal record in the account file is damaged",
               "o înregistrare Signal din fișierul contului este deteriorată"},
        Phrase{"Restore the file from a backup, or move it away and pair again.",
               "Restaurează fișierul dintr-o copie sau mută-l și conectează din nou contul."});
  }
  throw Error(
      ErrorCode::kCrypto,
      Phrase{"libsignal failed with code {}", "libsignal a eșuat cu codul {}"}.with(result));
}

void require_success(int result) {
  if (result < 0) throw_library_error(result);
}

SignalFailure failure_of(int result) {
  switch (result) {
    case SG_ERR_NO_SESSION: return SignalFailure::kNoSession;
    case SG_ERR_INVALID_MAC: return SignalFailure::kBadMac;
    case SG_ERR_DUPLICATE_MESSAGE: return SignalFailure::kDuplicate;
    case SG_ERR_INVALID_KEY_ID: return SignalFailure::kInvalidKeyId;
    case SG_ERR_INVALID_KEY: return SignalFailure::kInvalidKey;
    case SG_ERR_UNTRUSTED_IDENTITY: return SignalFailure::kUntrustedIdentity;
    case SG_ERR_INVALID_MESSAGE:
    case kBadCbcPadding: return SignalFailure::kInvalidMessage;
    case SG_ERR_INVALID_VERSION:
    case SG_ERR_LEGACY_MESSAGE: return SignalFailure::kInvalidVersion;
    default: throw_library_error(result);
  }
}

SignalFailure parse_failure(int result) {
  if (result == SG_ERR_INVAL || result == SG_ERR_INVALID_PROTO_BUF || result == SG_ERR_UNKNOWN) {
    return SignalFailure::kInvalidMessage;
  }
  return failure_of(result);
}

int hand_over(signal_buffer** output, BytesView bytes) {
  *output = signal_buffer_create(bytes.data(), bytes.size());
  return *output != nullptr ? SG_SUCCESS : SG_ERR_NOMEM;
}

signal_protocol_address borrowed(const SignalAddress& address) {
  return {.name = address.name.data(),
          .name_len = address.name.size(),
          .device_id = static_cast<std::int32_t>(address.device)};
}

Savepoint::Savepoint(Database& database) : database_(database) {
  database_.prepare("SAVEPOINT signal").run();
}

Savepoint::~Savepoint() {
  // After a full disk or an I/O error SQLite has ended the whole transaction by itself.
  if (!open_ || !database_.in_transaction()) return;
  try {
    database_.prepare("ROLLBACK TO signal").run();
    database_.prepare("RELEASE signal").run();
  } catch (const Error&) {
    // The caller sees the error that brought us here, and rolls everything back.
  }
}

void Savepoint::keep() {
  database_.prepare("RELEASE signal").run();
  open_ = false;
}

SignalLibrary::SignalLibrary(SignalStore& store, IdentityPolicy policy)
    : store_(store), policy_(policy) {
  signal_context* context = nullptr;
  require_success(signal_context_create(&context, nullptr));
  context_.reset(context);
  set_crypto_provider(context);
  signal_protocol_store_context* store_context = nullptr;
  require_success(signal_protocol_store_context_create(&store_context, context));
  store_context_.reset(store_context);
  set_store_callbacks(store_context, *this);
}

}  // namespace wasync
