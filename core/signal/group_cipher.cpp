// Messages to a group: sender keys.
#include <signal/group_cipher.h>
#include <signal/group_session_builder.h>
#include <signal/protocol.h>
#include <signal/sender_key_record.h>

#include <string>

#include "base/error.h"
#include "base/sqlite.h"
#include "signal/cipher.h"
#include "signal/library.h"
#include "signal/store.h"

namespace wasync {
namespace {

using GroupCipher = std::unique_ptr<group_cipher, FreeWith<group_cipher_free>>;
using GroupBuilder = std::unique_ptr<group_session_builder, FreeWith<group_session_builder_free>>;

constexpr std::size_t kChainKeySize = 32;

// Owns the text libsignal's name points into, so it stays where it was made.
struct SenderKeyName {
  SenderKeyName(const Jid& of_group, const SignalAddress& of_sender)
      : group(of_group.to_string()), sender(of_sender) {}
  SenderKeyName(const SenderKeyName&) = delete;
  SenderKeyName& operator=(const SenderKeyName&) = delete;

  const std::string group;
  const SignalAddress sender;
  const signal_protocol_sender_key_name name{
      .group_id = group.data(), .group_id_len = group.size(), .sender = borrowed(sender)};
};

SignalRef<sender_key_record> load_record(SignalLibrary& library, const SenderKeyName& of) {
  sender_key_record* raw = nullptr;
  require_success(library.run([&] {
    return signal_protocol_sender_key_load_key(library.store_context(), &raw, &of.name);
  }));
  return SignalRef<sender_key_record>(raw);
}

// libsignal reports a message of a chain we were never told about as merely invalid, yet the
// cure is another: the sender has to distribute that chain to us.
bool has_chain(SignalLibrary& library, const SenderKeyName& of, sender_key_message* message) {
  const auto record = load_record(library, of);
  sender_key_state* state = nullptr;
  return sender_key_record_get_sender_key_state_by_id(
             record.get(), &state, sender_key_message_get_key_id(message)) == SG_SUCCESS;
}

GroupCipher new_group_cipher(SignalLibrary& library, const SenderKeyName& of) {
  int result = 0;
  auto cipher = made_by<GroupCipher>(result, group_cipher_create, library.store_context(), &of.name,
                                     library.context());
  require_success(result);
  return cipher;
}

GroupBuilder new_group_builder(SignalLibrary& library) {
  int result = 0;
  auto builder = made_by<GroupBuilder>(result, group_session_builder_create,
                                       library.store_context(), library.context());
  require_success(result);
  return builder;
}

Decrypted failed(SignalFailure failure) {
  Decrypted decrypted;
  decrypted.failure = failure;
  return decrypted;
}

}  // namespace

std::optional<SignalFailure> SignalCipher::process_sender_key_distribution(
    const Jid& group, const SignalAddress& sender, BytesView distribution) {
  library_->store().require_transaction();
  int result = 0;
  const auto message = made_by<SignalRef<sender_key_distribution_message>>(
      result, sender_key_distribution_message_deserialize, distribution.data(), distribution.size(),
      library_->context());
  if (!message) return parse_failure(result);
  // libsignal accepts any length here. A wrong one would fail later and look like our own error.
  if (signal_buffer_len(sender_key_distribution_message_get_chain_key(message.get())) !=
      kChainKeySize) {
    return SignalFailure::kInvalidMessage;
  }
  const SenderKeyName of(group, sender);
  const auto builder = new_group_builder(*library_);
  Savepoint savepoint(library_->store().database());
  result = library_->run([&] {
    return group_session_builder_process_session(builder.get(), &of.name, message.get());
  });
  if (result < 0) return failure_of(result);
  savepoint.keep();
  return std::nullopt;
}

Decrypted SignalCipher::group_decrypt(const Jid& group, const SignalAddress& sender,
                                      BytesView ciphertext) {
  library_->store().require_transaction();
  int result = 0;
  const auto message = made_by<SignalRef<sender_key_message>>(
      result, sender_key_message_deserialize, ciphertext.data(), ciphertext.size(),
      library_->context());
  if (!message) return failed(parse_failure(result));
  const SenderKeyName of(group, sender);
  const auto cipher = new_group_cipher(*library_, of);

  Savepoint savepoint(library_->store().database());
  signal_buffer* raw = nullptr;
  result = library_->run(
      [&] { return group_cipher_decrypt(cipher.get(), message.get(), nullptr, &raw); });
  if (result == SG_ERR_INVALID_MESSAGE) {
    return failed(has_chain(*library_, of, message.get()) ? SignalFailure::kBadMac
                                                          : SignalFailure::kNoSession);
  }
  if (result < 0) return failed(failure_of(result));
  const SignalBuffer plaintext(raw);
  Decrypted decrypted;
  decrypted.plaintext = copy_of(plaintext.get());
  savepoint.keep();
  return decrypted;
}

Bytes SignalCipher::create_sender_key_distribution(const Jid& group, const SignalAddress& own) {
  library_->store().require_transaction();
  const SenderKeyName of(group, own);
  const auto builder = new_group_builder(*library_);
  Savepoint savepoint(library_->store().database());
  sender_key_distribution_message* raw = nullptr;
  require_success(library_->run(
      [&] { return group_session_builder_create_session(builder.get(), &raw, &of.name); }));
  const SignalRef<sender_key_distribution_message> message(raw);
  Bytes bytes = copy_of(ciphertext_message_get_serialized(
      reinterpret_cast<const ciphertext_message*>(message.get())));
  savepoint.keep();
  return bytes;
}

std::optional<Bytes> SignalCipher::group_encrypt(const Jid& group, const SignalAddress& own,
                                                 BytesView plaintext) {
  library_->store().require_transaction();
  const SenderKeyName of(group, own);
  if (!library_->store().sender_key(of.group, own)) return std::nullopt;
  const auto cipher = new_group_cipher(*library_, of);
  Savepoint savepoint(library_->store().database());
  ciphertext_message* raw = nullptr;
  require_success(library_->run([&] {
    return group_cipher_encrypt(cipher.get(), plaintext.data(), plaintext.size(), &raw);
  }));
  const SignalRef<ciphertext_message> message(raw);
  Bytes bytes = copy_of(ciphertext_message_get_serialized(message.get()));
  savepoint.keep();
  return bytes;
}

}  // namespace wasync
