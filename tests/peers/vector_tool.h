// What the vector tool is made of: named operations from one JSON value to another.
// Byte strings travel as base64.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "base/bytes.h"

namespace wasync::peers {

using Json = nlohmann::json;
using Operation = std::function<Json(const Json& request)>;
using Operations = std::map<std::string, Operation, std::less<>>;

// Each file of operations adds its own. State between requests (handshakes, Signal stores)
// lives in the operations themselves and is named by a number in the requests.
void add_app_state_operations(Operations& operations);
void add_crypto_operations(Operations& operations);
void add_media_operations(Operations& operations);
void add_node_operations(Operations& operations);
void add_noise_operations(Operations& operations);
void add_pairing_operations(Operations& operations);
void add_protobuf_operations(Operations& operations);
void add_sealed_operations(Operations& operations);
void add_signal_operations(Operations& operations);

// The member `key` of the request, decoded. Throws Error(kUsage) when it is no base64.
Bytes bytes_in(const Json& request, const char* key);
// The same, but empty when the member is absent or null.
Bytes optional_bytes_in(const Json& request, const char* key);
Json bytes_out(BytesView bytes);

}  // namespace wasync::peers
