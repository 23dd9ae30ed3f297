// libsignal's five store interfaces, answered from a SignalStore.
#include <signal/curve.h>
#include <signal/session_pre_key.h>

#include <string>

#include "signal/bounded_record.h"
#include "signal/library.h"

namespace wasync {
namespace {

SignalLibrary& self(void* user) {
  return *static_cast<SignalLibrary*>(user);
}

SignalAddress owned(const signal_protocol_address* address) {
  return {.name = std::string(address->name, address->name_len),
          .device = static_cast<std::uint16_t>(address->device_id)};
}

// libsignal's convention for records: 1 found, 0 not found.
int hand_over_found(signal_buffer** output, const std::optional<Bytes>& record) {
  if (!record) return 0;
  const int result = hand_over(output, *record);
  return result < 0 ? result : 1;
}

// --- sessions ------------------------------------------------------------------------------

int load_session(signal_buffer** record, signal_buffer**, const signal_protocol_address* address,
                 void* user) {
  return self(user).guarded(
      [&] { return hand_over_found(record, self(user).store().session(owned(address))); });
}

int sub_device_sessions(signal_int_list** sessions, const char* name, std::size_t length,
                        void* user) {
  return self(user).guarded([&]() -> int {
    const auto devices = self(user).store().sessions_of(std::string(name, length));
    signal_int_list* list = signal_int_list_alloc();
    if (list == nullptr) return SG_ERR_NOMEM;
    for (const SignalAddress& device : devices) signal_int_list_push_back(list, device.device);
    *sessions = list;
    return static_cast<int>(devices.size());
  });
}

int store_session(const signal_protocol_address* address, std::uint8_t* record, std::size_t length,
                  std::uint8_t*, std::size_t, void* user) {
  return self(user).guarded([&] {
    const BytesView told(record, length);
    const auto bounded = bounded_session(told);
    self(user).store().put_session(owned(address), bounded ? BytesView(*bounded) : told);
    return SG_SUCCESS;
  });
}

int contains_session(const signal_protocol_address* address, void* user) {
  return self(user).guarded([&] { return self(user).store().has_session(owned(address)) ? 1 : 0; });
}

int delete_session(const signal_protocol_address* address, void* user) {
  return self(user).guarded(
      [&] { return self(user).store().delete_session(owned(address)) ? 1 : 0; });
}

int delete_all_sessions(const char* name, std::size_t length, void* user) {
  return self(user).guarded([&] {
    return static_cast<int>(self(user).store().delete_sessions_of(std::string(name, length)));
  });
}

// --- our pre-keys --------------------------------------------------------------------------

// The key pair as libsignal's object; empty when it cannot be one.
SignalRef<ec_key_pair> library_pair(const KeyPair& pair, signal_context* context) {
  int result = 0;
  const Bytes public_bytes = with_type_byte(pair.public_key);
  const auto public_key = made_by<SignalRef<ec_public_key>>(
      result, curve_decode_point, public_bytes.data(), public_bytes.size(), context);
  const auto private_key =
      made_by<SignalRef<ec_private_key>>(result, curve_decode_private_point,
                                         pair.private_key.data(), pair.private_key.size(), context);
  if (!public_key || !private_key) return nullptr;
  return made_by<SignalRef<ec_key_pair>>(result, ec_key_pair_create, public_key.get(),
                                         private_key.get());
}

int load_pre_key(signal_buffer** record, std::uint32_t id, void* user) {
  return self(user).guarded([&]() -> int {
    const auto pair = self(user).store().pre_key(id);
    if (!pair) return SG_ERR_INVALID_KEY_ID;
    const auto keys = library_pair(*pair, self(user).context());
    if (!keys) return SG_ERR_UNKNOWN;
    int result = 0;
    const auto key =
        made_by<SignalRef<session_pre_key>>(result, session_pre_key_create, id, keys.get());
    return key ? session_pre_key_serialize(record, key.get()) : result;
  });
}

int load_signed_pre_key(signal_buffer** record, std::uint32_t id, void* user) {
  return self(user).guarded([&]() -> int {
    const auto pair = self(user).store().signed_pre_key_pair(id);
    if (!pair) return SG_ERR_INVALID_KEY_ID;
    const auto keys = library_pair(*pair, self(user).context());
    if (!keys) return SG_ERR_UNKNOWN;
    int result = 0;
    // Decrypting needs only the key pair; time and signature matter when we hand the key out.
    constexpr Signature kUnused{};
    const auto key = made_by<SignalRef<session_signed_pre_key>>(
        result, session_signed_pre_key_create, id, std::uint64_t{0}, keys.get(), kUnused.data(),
        kUnused.size());
    return key ? session_signed_pre_key_serialize(record, key.get()) : result;
  });
}

int contains_pre_key(std::uint32_t id, void* user) {
  return self(user).guarded([&] { return self(user).store().pre_key(id) ? 1 : 0; });
}
int contains_signed_pre_key(std::uint32_t id, void* user) {
  return self(user).guarded([&] { return self(user).store().signed_pre_key_pair(id) ? 1 : 0; });
}

int remove_pre_key(std::uint32_t id, void* user) {
  return self(user).guarded([&] {
    self(user).store().remove_pre_key(id);
    return SG_SUCCESS;
  });
}

// Pre-keys are made and retired by SignalStore; decrypting never does either.
int refuse_store(std::uint32_t, std::uint8_t*, std::size_t, void*) {
  return SG_ERR_INVAL;
}
int refuse_remove(std::uint32_t, void*) {
  return SG_ERR_INVAL;
}

// --- identities ----------------------------------------------------------------------------

int identity_pair(signal_buffer** public_data, signal_buffer** private_data, void* user) {
  return self(user).guarded([&] {
    const KeyPair key = self(user).store().local_identity().key;
    const int result = hand_over(public_data, with_type_byte(key.public_key));
    return result < 0 ? result : hand_over(private_data, key.private_key);
  });
}

int registration_id(void* user, std::uint32_t* id) {
  return self(user).guarded([&] {
    *id = self(user).store().local_identity().registration_id;
    return SG_SUCCESS;
  });
}

int save_identity(const signal_protocol_address* address, std::uint8_t* key, std::size_t length,
                  void* user) {
  return self(user).guarded([&] {
    const SignalAddress peer = owned(address);
    if (key == nullptr) {
      self(user).store().delete_identity(peer);
      return SG_SUCCESS;
    }
    if (length != 33) return SG_ERR_INVALID_KEY;
    const PublicKey public_key = public_key_from(BytesView(key, length).subspan(1));
    if (self(user).store().put_identity(peer, public_key) == IdentityChange::kChanged) {
      self(user).note_identity_changed();
    }
    return SG_SUCCESS;
  });
}

int is_trusted(const signal_protocol_address* address, std::uint8_t* key, std::size_t length,
               void* user) {
  return self(user).guarded([&] {
    if (key == nullptr || length != 33) return 0;
    if (self(user).policy() == IdentityPolicy::kAcceptChanges) return 1;
    const auto known = self(user).store().identity(owned(address));
    if (!known || *known == public_key_from(BytesView(key, length).subspan(1))) return 1;
    self(user).note_identity_changed();
    return 0;
  });
}

// --- sender keys ---------------------------------------------------------------------------

int store_sender_key(const signal_protocol_sender_key_name* of, std::uint8_t* record,
                     std::size_t length, std::uint8_t*, std::size_t, void* user) {
  return self(user).guarded([&] {
    const BytesView told(record, length);
    const auto bounded = bounded_sender_key(told);
    self(user).store().put_sender_key(std::string(of->group_id, of->group_id_len),
                                      owned(&of->sender), bounded ? BytesView(*bounded) : told);
    return SG_SUCCESS;
  });
}

int load_sender_key(signal_buffer** record, signal_buffer**,
                    const signal_protocol_sender_key_name* of, void* user) {
  return self(user).guarded([&] {
    const std::string group(of->group_id, of->group_id_len);
    return hand_over_found(record, self(user).store().sender_key(group, owned(&of->sender)));
  });
}

}  // namespace

void set_store_callbacks(signal_protocol_store_context* context, SignalLibrary& library) {
  const signal_protocol_session_store sessions{load_session,        sub_device_sessions,
                                               store_session,       contains_session,
                                               delete_session,      delete_all_sessions,
                                               /*destroy=*/nullptr, &library};
  const signal_protocol_pre_key_store pre_keys{
      load_pre_key, refuse_store, contains_pre_key, remove_pre_key, /*destroy=*/nullptr, &library};
  const signal_protocol_signed_pre_key_store signed_pre_keys{load_signed_pre_key,     refuse_store,
                                                             contains_signed_pre_key, refuse_remove,
                                                             /*destroy=*/nullptr,     &library};
  const signal_protocol_identity_key_store identities{
      identity_pair, registration_id, save_identity, is_trusted, /*destroy=*/nullptr, &library};
  const signal_protocol_sender_key_store sender_keys{store_sender_key, load_sender_key,
                                                     /*destroy=*/nullptr, &library};
  require_success(signal_protocol_store_context_set_session_store(context, &sessions));
  require_success(signal_protocol_store_context_set_pre_key_store(context, &pre_keys));
  require_success(
      signal_protocol_store_context_set_signed_pre_key_store(context, &signed_pre_keys));
  require_success(signal_protocol_store_context_set_identity_key_store(context, &identities));
  require_success(signal_protocol_store_context_set_sender_key_store(context, &sender_keys));
}

}  // namespace wasync
