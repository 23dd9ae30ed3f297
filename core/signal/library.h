// Internal to core/signal: libsignal's objects as owned values, and its two contexts wired to
// a SignalStore.
#pragma once

#include <signal/signal_protocol.h>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "signal/cipher.h"
#include "signal/store.h"

namespace wasync {

// --- libsignal's objects -------------------------------------------------------------------

struct SignalUnref {
  template <typename Object>
  void operator()(Object* object) const {
    signal_type_unref(reinterpret_cast<signal_type_base*>(object));
  }
};
// For every reference-counted type of libsignal.
template <typename Object>
using SignalRef = std::unique_ptr<Object, SignalUnref>;

template <auto Free>
struct FreeWith {
  template <typename Object>
  void operator()(Object* object) const {
    Free(object);
  }
};
// Buffers may hold plaintext or keys, so they are wiped.
using SignalBuffer = std::unique_ptr<signal_buffer, FreeWith<signal_buffer_bzero_free>>;

// Calls `create(&raw, …)` and owns what it made. `result` is libsignal's; on failure empty.
template <typename Owner, typename Create, typename... Arguments>
Owner made_by(int& result, Create create, Arguments... arguments) {
  typename Owner::pointer raw = nullptr;
  result = create(&raw, arguments...);
  return Owner(result >= 0 ? raw : nullptr);
}

inline Bytes copy_of(const signal_buffer* buffer) {
  // libsignal's accessors of buffers are not const-correct throughout.
  auto* bytes = const_cast<signal_buffer*>(buffer);
  return to_bytes(BytesView(signal_buffer_data(bytes), signal_buffer_len(bytes)));
}

// For a negative result that no peer can cause: throws std::bad_alloc or Error(kCrypto).
[[noreturn]] void throw_library_error(int result);
void require_success(int result);
// What a negative result says about the peer's message; throws as above when it is our trouble.
SignalFailure failure_of(int result);
// The same for a result of parsing: the failure is the peer's, whatever libsignal calls it.
SignalFailure parse_failure(int result);

// What a callback returns through `output`, which libsignal then owns: 0, or SG_ERR_NOMEM.
int hand_over(signal_buffer** output, BytesView bytes);

// `address` must outlive the result.
signal_protocol_address borrowed(const SignalAddress& address);

// --- what a call writes is kept whole or not at all ------------------------------------------

class Savepoint {
 public:
  explicit Savepoint(Database& database);
  ~Savepoint();  // undoes what was not kept
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  void keep();

 private:
  Database& database_;
  bool open_ = true;
};

// --- the contexts ----------------------------------------------------------------------------

class SignalLibrary {
 public:
  SignalLibrary(SignalStore& store, IdentityPolicy policy);
  SignalLibrary(const SignalLibrary&) = delete;
  SignalLibrary& operator=(const SignalLibrary&) = delete;

  SignalStore& store() { return store_; }
  IdentityPolicy policy() const { return policy_; }
  signal_context* context() { return context_.get(); }
  signal_protocol_store_context* store_context() { return store_context_.get(); }

  // Calls into libsignal. What a callback threw is thrown again here, so that no exception
  // crosses C; otherwise libsignal's result.
  template <typename Call>
  int run(Call&& call) {
    thrown_ = nullptr;
    const int result = call();
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    return result;
  }

  // For the callbacks: the body's result, or a negative one after remembering what it threw.
  template <typename Body>
  int guarded(Body&& body) noexcept {
    try {
      return body();
    } catch (...) {
      // The first one is the cause of those that follow.
      if (!thrown_) thrown_ = std::current_exception();
      return SG_ERR_UNKNOWN;
    }
  }

  // Whether a known identity was found to differ since the last call of this.
  bool take_identity_changed() { return std::exchange(identity_changed_, false); }
  void note_identity_changed() { identity_changed_ = true; }

 private:
  SignalStore& store_;
  IdentityPolicy policy_;
  std::unique_ptr<signal_context, FreeWith<signal_context_destroy>> context_;
  std::unique_ptr<signal_protocol_store_context, FreeWith<signal_protocol_store_context_destroy>>
      store_context_;
  std::exception_ptr thrown_;
  bool identity_changed_ = false;
};

// store_callbacks.cpp: sets the five stores. `self` must outlive `context`.
void set_store_callbacks(signal_protocol_store_context* context, SignalLibrary& self);

}  // namespace wasync
