#include <stdlib.h>

#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/sqlite.h"
#include "signal/cipher.h"
#include "signal/padding.h"
#include "signal/store.h"
#include "vector_tool.h"

namespace wasync::peers {
namespace {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "vector-tool-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw Error(ErrorCode::kIo, "no scratch directory");
    path_ = pattern;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  std::filesystem::path file(std::size_t number) const {
    return path_ / (std::to_string(number) + ".db");
  }

 private:
  std::filesystem::path path_;
};

// A device with its own database file.
struct Device {
  explicit Device(const std::filesystem::path& file)
      : database(file), store(database), cipher(store) {}

  Database database;
  SignalStore store;
  SignalCipher cipher;
};

struct Devices {
  ScratchDirectory directory;
  std::vector<std::unique_ptr<Device>> all;

  Device& of(const Json& request) { return *all.at(request.at("device").get<std::size_t>()); }
};

SignalAddress peer_in(const Json& request) {
  const auto jid = Jid::parse(request.at("peer").get<std::string>());
  if (!jid) throw Error(ErrorCode::kUsage, "not a JID");
  return SignalAddress::from(*jid);
}

Jid group_in(const Json& request) {
  const auto jid = Jid::parse(request.at("group").get<std::string>());
  if (!jid) throw Error(ErrorCode::kUsage, "not a JID");
  return *jid;
}

Json failure_out(const std::optional<SignalFailure>& failure) {
  return {{"failure", failure ? Json(name(*failure)) : Json()}};
}

Json decrypted_out(const Decrypted& decrypted) {
  Json out = failure_out(decrypted.failure);
  if (decrypted.plaintext) out["plaintext"] = bytes_out(*decrypted.plaintext);
  out["identity_changed"] = decrypted.identity_changed;
  return out;
}

PreKeyBundle bundle_in(const Json& request) {
  PreKeyBundle bundle;
  bundle.registration_id = request.at("registration_id").get<std::uint32_t>();
  bundle.identity = public_key_from(bytes_in(request, "identity"));
  const Json& signed_key = request.at("signed_pre_key");
  bundle.signed_pre_key.id = signed_key.at("id").get<std::uint32_t>();
  bundle.signed_pre_key.public_key = public_key_from(bytes_in(signed_key, "public"));
  const Bytes signature = bytes_in(signed_key, "signature");
  if (signature.size() != bundle.signed_pre_key.signature.size())
    throw Error(ErrorCode::kUsage, "not a signature");
  std::copy(signature.begin(), signature.end(), bundle.signed_pre_key.signature.begin());
  if (const Json& key = request.at("pre_key"); !key.is_null())
    bundle.pre_key =
        PreKey{key.at("id").get<std::uint32_t>(), public_key_from(bytes_in(key, "public"))};
  return bundle;
}

// Runs `work` inside a transaction of the device's database and commits it.
template <typename Work>
Operation committed(const std::shared_ptr<Devices>& devices, Work work) {
  return [devices, work](const Json& request) {
    Device& device = devices->of(request);
    Transaction transaction(device.database, "test");
    Json out = work(device, request);
    transaction.commit();
    return out;
  };
}

Json bundle_out(Device& device, const Json& request) {
  const LocalIdentity identity = device.store.local_identity();
  const SignedPreKey signed_key = device.store.signed_pre_key();
  Json out{{"registration_id", identity.registration_id},
           {"identity", bytes_out(identity.key.public_key)},
           {"signed_pre_key",
            {{"id", signed_key.id},
             {"public", bytes_out(signed_key.public_key)},
             {"signature", bytes_out(signed_key.signature)}}},
           {"pre_key", nullptr}};
  if (request.value("one_time", true)) {
    const auto keys = device.store.generate_pre_keys(1);
    out["pre_key"] = {{"id", keys.at(0).id}, {"public", bytes_out(keys.at(0).public_key)}};
  }
  return out;
}

void add_sessions(Operations& operations, const std::shared_ptr<Devices>& devices) {
  operations["signal_bundle"] = committed(devices, bundle_out);
  operations["signal_process_bundle"] = committed(devices, [](Device& device, const Json& request) {
    return failure_out(device.cipher.process_bundle(peer_in(request), bundle_in(request)));
  });
  operations["signal_encrypt"] = committed(devices, [](Device& device, const Json& request) {
    const auto sealed = device.cipher.encrypt(peer_in(request), bytes_in(request, "data"));
    if (!sealed) return Json();
    return Json{{"type", name(sealed->type)}, {"bytes", bytes_out(sealed->bytes)}};
  });
  operations["signal_decrypt"] = committed(devices, [](Device& device, const Json& request) {
    const auto type = enc_type_from(request.at("type").get<std::string>());
    if (!type) throw Error(ErrorCode::kUsage, "unknown enc type");
    return decrypted_out(
        device.cipher.decrypt(peer_in(request), *type, bytes_in(request, "bytes")));
  });
  operations["signal_session"] = committed(devices, [](Device& device, const Json& request) {
    const auto base_key = device.cipher.session_base_key(peer_in(request));
    const auto registration = device.cipher.remote_registration_id(peer_in(request));
    return Json{{"base_key", base_key ? bytes_out(*base_key) : Json()},
                {"registration_id", registration ? Json(*registration) : Json()}};
  });
  operations["signal_has_pre_key"] = committed(devices, [](Device& device, const Json& request) {
    return Json(device.store.pre_key(request.at("id").get<std::uint32_t>()).has_value());
  });
}

void add_groups(Operations& operations, const std::shared_ptr<Devices>& devices) {
  operations["signal_create_distribution"] =
      committed(devices, [](Device& device, const Json& request) {
        return bytes_out(
            device.cipher.create_sender_key_distribution(group_in(request), peer_in(request)));
      });
  operations["signal_process_distribution"] =
      committed(devices, [](Device& device, const Json& request) {
        return failure_out(device.cipher.process_sender_key_distribution(
            group_in(request), peer_in(request), bytes_in(request, "bytes")));
      });
  operations["signal_group_encrypt"] = committed(devices, [](Device& device, const Json& request) {
    const auto sealed =
        device.cipher.group_encrypt(group_in(request), peer_in(request), bytes_in(request, "data"));
    return sealed ? bytes_out(*sealed) : Json();
  });
  operations["signal_group_decrypt"] = committed(devices, [](Device& device, const Json& request) {
    return decrypted_out(device.cipher.group_decrypt(group_in(request), peer_in(request),
                                                     bytes_in(request, "bytes")));
  });
}

}  // namespace

void add_signal_operations(Operations& operations) {
  const auto devices = std::make_shared<Devices>();
  operations["signal_device"] = [devices](const Json&) {
    auto device = std::make_unique<Device>(devices->directory.file(devices->all.size()));
    Transaction transaction(device->database, "test");
    device->store.create_local_identity();
    transaction.commit();
    devices->all.push_back(std::move(device));
    return Json(devices->all.size() - 1);
  };
  add_sessions(operations, devices);
  add_groups(operations, devices);
  operations["pad"] = [](const Json& request) { return bytes_out(pad(bytes_in(request, "data"))); };
  operations["unpad"] = [](const Json& request) {
    const Bytes padded = bytes_in(request, "data");
    const auto message = unpad(padded);
    return message ? bytes_out(*message) : Json();
  };
}

}  // namespace wasync::peers
