// Answers questions about our library as JSON lines: a request {"op": …, …} on standard
// input, one answer on standard output, in order. {"result": …} when the operation
// succeeded, {"error": {"code", "message"}} when our code refused.
#include "vector_tool.h"

#include <exception>
#include <iostream>

#include "base/error.h"

namespace wasync::peers {

Bytes bytes_in(const Json& request, const char* key) {
  auto bytes = base64_decode(request.at(key).get<std::string>());
  if (!bytes) throw Error(ErrorCode::kUsage, std::string("not base64: ") + key);
  return *std::move(bytes);
}

Bytes optional_bytes_in(const Json& request, const char* key) {
  if (!request.contains(key) || request.at(key).is_null()) return {};
  return bytes_in(request, key);
}

Json bytes_out(BytesView bytes) {
  return base64_encode(bytes);
}

namespace {

Json refusal(std::string_view code, const std::string& message) {
  return {{"error", {{"code", code}, {"message", message}}}};
}

Json answer(const Operations& operations, const std::string& line) {
  try {
    const Json request = Json::parse(line);
    const auto operation = operations.find(request.at("op").get<std::string>());
    if (operation == operations.end()) return refusal("no_such_operation", request.at("op"));
    return {{"result", operation->second(request)}};
  } catch (const Error& error) {
    return refusal(name(error.code()), error.what());
  } catch (const std::exception& error) {
    return refusal("exception", error.what());
  }
}

int run() {
  Operations operations;
  add_app_state_operations(operations);
  add_crypto_operations(operations);
  add_media_operations(operations);
  add_node_operations(operations);
  add_noise_operations(operations);
  add_pairing_operations(operations);
  add_protobuf_operations(operations);
  add_sealed_operations(operations);
  add_signal_operations(operations);

  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    // Texts from a peer need not be UTF-8.
    std::cout << answer(operations, line).dump(-1, ' ', false, Json::error_handler_t::replace)
              << '\n'
              << std::flush;
  }
  return 0;
}

}  // namespace
}  // namespace wasync::peers

int main() {
  return wasync::peers::run();
}
