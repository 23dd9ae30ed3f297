#include <map>
#include <optional>

#include "proto/app_state.pb.h"
#include "session/app_state/keys.h"
#include "session/app_state/patch.h"
#include "vector_tool.h"

namespace wasync::peers {
namespace {

Json mutation_out(const Mutation& mutation) {
  return {{"removed", mutation.removed},
          {"index", mutation.index},
          {"value", bytes_out(as_bytes(mutation.value.SerializeAsString()))}};
}

// Serialised patches in their order; what they lead to.
Json open_patches(const Json& request) {
  const Bytes id = bytes_in(request, "key_id");
  KeyRing keys([&](BytesView wanted) -> std::optional<Bytes> {
    if (to_bytes(wanted) != id) return std::nullopt;
    return bytes_in(request, "key");
  });
  const auto collection = request.at("collection").get<std::string>();
  std::map<Bytes, Bytes> values;
  const auto before = [&](BytesView index_mac) -> std::optional<Bytes> {
    const auto found = values.find(to_bytes(index_mac));
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
  CollectionState state;
  Json mutations = Json::array();
  for (const Json& each : request.at("patches")) {
    pb::SyncdPatch patch;
    patch.ParseFromString(to_string(bytes_in(Json{{"patch", each}}, "patch")));
    const Opened opened = open_patch(collection, patch, state, before, keys);
    state = opened.state;
    for (const Mutation& mutation : opened.mutations) {
      values.erase(mutation.index_mac);
      if (!mutation.removed) values[mutation.index_mac] = mutation.value_mac;
      mutations.push_back(mutation_out(mutation));
    }
  }
  return {{"version", state.version},
          {"hash", bytes_out(state.hash.bytes())},
          {"mutations", std::move(mutations)}};
}

}  // namespace

void add_app_state_operations(Operations& operations) {
  operations["open_app_state_patches"] = open_patches;
}

}  // namespace wasync::peers
