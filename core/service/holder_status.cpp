#include "service/holder_status.h"

#include <nlohmann/json.hpp>

#include "service/control.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;

// What is missing, or of another kind, a listener of another version does not tell.
std::string text(const Json& line, const char* field) {
  const auto found = line.find(field);
  return found != line.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t number(const Json& line, const char* field) {
  const auto found = line.find(field);
  return found != line.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

}  // namespace

std::optional<diagnosis::Listening> ask_status(const StateDir& state, const AccountId& id,
                                               std::chrono::milliseconds patience) {
  const auto line = ask_holder(state, id, {{"request", "status"}}, patience);
  if (!line) return std::nullopt;
  const auto uploads = line->find("uploads");
  return diagnosis::Listening{.instance = text(*line, "instance"),
                              .status = text(*line, "status"),
                              .connected_since = {number(*line, "connected_since")},
                              .last_message = {number(*line, "last_message")},
                              .last_server_traffic = {number(*line, "last_server_traffic")},
                              .trouble = text(*line, "trouble"),
                              .uploads = uploads != line->end() && *uploads == true,
                              .queued = number(*line, "queued"),
                              .upload_trouble = text(*line, "upload_trouble")};
}

}  // namespace wasync
