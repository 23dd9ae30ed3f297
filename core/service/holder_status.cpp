#include "service/holder_status.h"

#include <nlohmann/json.hpp>

#include "service/control.h"
#include "service/control_line.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

std::optional<diagnosis::Listening> ask_status(const StateDir& state, const AccountId& id,
                                               std::chrono::milliseconds patience) {
  const auto line = ask_holder(state, id, {{"request", "status"}}, patience);
  if (!line) return std::nullopt;
  const auto uploads = line->find("uploads");
  return diagnosis::Listening{.instance = text_in(*line, "instance"),
                              .status = text_in(*line, "status"),
                              .connected_since = {number_in(*line, "connected_since")},
                              .last_message = {number_in(*line, "last_message")},
                              .last_server_traffic = {number_in(*line, "last_server_traffic")},
                              .last_stanza = {number_in(*line, "last_stanza")},
                              .trouble = text_in(*line, "trouble"),
                              .uploads = uploads != line->end() && *uploads == true,
                              .queued = number_in(*line, "queued"),
                              .upload_trouble = text_in(*line, "upload_trouble"),
                              .phone_heard_at = {number_in(*line, "phone_heard_at")},
                              .clock_ahead = std::chrono::seconds(number_in(*line, "clock_ahead"))};
}

diagnosis::Live ask_ping(const StateDir& state, const AccountId& id,
                         std::chrono::milliseconds patience) {
  diagnosis::Live live{.by_listener = true};
  // The listener must have the time to say that WhatsApp does not answer.
  const Json request{{"request", "ping"}, {"timeout_ms", patience.count() * 3 / 4}};
  try {
    const auto line = ask_holder(state, id, request, patience);
    live.at = UnixSeconds::of_host();
    if (!line) {  // it has ended meanwhile
      live.answer = diagnosis::NotAsked::kHeldHere;
      return live;
    }
    live.server_time = {number_in(*line, "server_time")};
    if (line->contains("code"))
      live.answer = diagnosis::Unanswered{.code = error_code_in(*line),
                                          .message = text_in(*line, "reason"),
                                          .hint = text_in(*line, "hint")};
    else
      live.answer = diagnosis::Answered{
          .round_trip = std::chrono::milliseconds(number_in(*line, "round_trip_ms"))};
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUsage) throw;
    live.answer = diagnosis::NotAsked::kOldListener;
  }
  return live;
}

}  // namespace wasync
