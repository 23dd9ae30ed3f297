// What the last handshake message says: which device registers, or which one logs in.
#pragma once

#include <string>

#include "base/bytes.h"
#include "session/connection/web_version.h"
#include "session/device/device.h"

namespace wasync {

// How this host presents itself to the phone and how much history it asks for.
struct CompanionOptions {
  WebVersion version;
  VersionSource version_source = VersionSource::kBuiltIn;
  std::string name = "wa-sync";  // shown in the phone's list of linked devices
  bool full_history = true;      // ask for everything the phone is willing to give
};

// Serialised pb::ClientPayload of a device that wants to be linked.
Bytes registration_payload(const CompanionOptions& options, const DeviceKeys& keys);
// … and of a device that is linked.
Bytes login_payload(const CompanionOptions& options, const Device& device);

}  // namespace wasync
