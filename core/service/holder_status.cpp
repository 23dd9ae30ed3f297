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
                              .upload_trouble = text(*line, "upload_trouble"),
                              .phone_heard_at = {number(*line, "phone_heard_at")}};
}

diagnosis::Live ask_ping(const StateDir& state, const AccountId& id,
                         std::chrono::milliseconds patience) {
  diagnosis::Live live{.by_listener = true};
  // The listener must have the time to say that WhatsApp does not answer.
  const Json request{{"request", "ping"}, {"timeout_ms", patience.count() * 3 / 4}};
  try {
    const auto line = ask_holder(state, id, request, patience);
    live.at = UnixSeconds::now();
    if (!line) {  // it has ended meanwhile
      live.answer = diagnosis::NotAsked::kHeldHere;
      return live;
    }
    live.server_time = {number(*line, "server_time")};
    if (line->contains("code"))
      live.answer = diagnosis::Unanswered{.code = error_code_in(*line),
                                          .message = text(*line, "reason"),
                                          .hint = text(*line, "hint")};
    else
      live.answer = diagnosis::Answered{
          .round_trip = std::chrono::milliseconds(number(*line, "round_trip_ms"))};
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUsage) throw;
    live.answer = diagnosis::NotAsked::kOldListener;
  }
  return live;
}

}  // namespace wasync
