#include "service/backfill_line.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "service/control_line.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;
using namespace backfill_event;

constexpr std::size_t kMostThreadsNamed = 1000;
constexpr std::int64_t kMostPerThread = 1'000'000;
constexpr std::int64_t kLongest_ms = 24 * 3'600'000;

struct AsJson {
  Json operator()(const Start& it) const {
    return {{"event", "start"}, {"threads", it.threads}, {"skipped", it.skipped}};
  }
  Json operator()(const Thread& it) const {
    Json line{{"event", "thread"},
              {"thread", it.thread.str()},
              {"result", name(it.result)},
              {"messages", it.messages}};
    if (!it.why.empty()) put_words(line, "why", it.why);
    return line;
  }
  Json operator()(const Reconnecting&) const { return {{"event", "reconnecting"}}; }
  Json operator()(const Done& it) const {
    return {{"event", "done"},
            {"threads", it.threads},
            {"messages", it.messages},
            {"errors", it.errors}};
  }
};

std::int64_t number(const Json& json, const char* field, std::int64_t least, std::int64_t most) {
  const auto found = json.find(field);
  if (found != json.end() && found->is_number_integer()) {
    const auto value = found->get<std::int64_t>();
    if (value >= least && value <= most) return value;
  }
  throw Error(
      ErrorCode::kUsage,
      Phrase{"the request for a backfill has no usable {}", "cererea de backfill nu are un {} bun"}
          .with(field),
      Phrase{"Use a wa-sync of the same version.", "Folosește un wa-sync de aceeași versiune."});
}

std::vector<ThreadId> threads_in(const Json& json) {
  std::vector<ThreadId> threads;
  const auto named = json.find("threads");
  if (named == json.end() || !named->is_array()) return threads;
  for (const Json& each : *named) {
    const auto id = each.is_string() ? ThreadId::parse(each.get<std::string>()) : std::nullopt;
    if (!id || threads.size() >= kMostThreadsNamed)
      throw Error(ErrorCode::kUsage,
                  Phrase{"the request for a backfill names no usable threads",
                         "cererea de backfill nu numește conversații bune"},
                  Phrase{"Use a wa-sync of the same version.",
                         "Folosește un wa-sync de aceeași versiune."});
    threads.push_back(*id);
  }
  return threads;
}

std::optional<BackfillOutcome> outcome_from(const std::string& named) {
  for (const auto outcome :
       {BackfillOutcome::kFilled, BackfillOutcome::kExhausted, BackfillOutcome::kNoAnchor,
        BackfillOutcome::kNoAnswer, BackfillOutcome::kError})
    if (name(outcome) == named) return outcome;
  return std::nullopt;
}

}  // namespace

Json to_json(const BackfillRequest& request) {
  Json threads = Json::array();
  for (const ThreadId& id : request.choice.threads) threads.push_back(id.str());
  return {{"request", "backfill"},
          {"threads", std::move(threads)},
          {"most", request.choice.most ? Json(*request.choice.most) : Json(nullptr)},
          {"count", request.limits.per_thread},
          {"force", request.choice.force},
          {"in_flight", request.limits.in_flight},
          {"timeout_ms", request.limits.deadline.count()}};
}

BackfillRequest backfill_request_from(const Json& json) {
  BackfillRequest request;
  request.choice.threads = threads_in(json);
  request.choice.most.reset();
  if (const auto most = json.find("most"); most != json.end() && !most->is_null())
    request.choice.most = static_cast<std::size_t>(number(json, "most", 1, kMostPerThread));
  const auto force = json.find("force");
  request.choice.force = force != json.end() && *force == true;
  request.limits.per_thread = number(json, "count", 1, kMostPerThread);
  request.limits.in_flight = static_cast<int>(number(json, "in_flight", 1, kMostInFlight));
  request.limits.deadline = std::chrono::milliseconds(number(json, "timeout_ms", 1, kLongest_ms));
  return request;
}

Json to_json(const BackfillEvent& event) {
  return std::visit(AsJson{}, event);
}

std::optional<BackfillEvent> backfill_event_from(const Json& json) {
  const std::string event = text_in(json, "event");
  if (event == "start")
    return Start{.threads = number_in(json, "threads"), .skipped = number_in(json, "skipped")};
  if (event == "reconnecting") return Reconnecting{};
  if (event == "done")
    return Done{.threads = number_in(json, "threads"),
                .messages = number_in(json, "messages"),
                .errors = number_in(json, "errors")};
  const auto id = ThreadId::parse(text_in(json, "thread"));
  const auto outcome = outcome_from(text_in(json, "result"));
  if (event != "thread" || !id || !outcome) return std::nullopt;
  return Thread{.thread = *id,
                .result = *outcome,
                .messages = number_in(json, "messages"),
                .why = words_in(json, "why")};
}

}  // namespace wasync
