#include "service/account_answers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "service/account_repair.h"
#include "service/control_line.h"
#include "session/online/session.h"

namespace wasync {
namespace asio = boost::asio;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::int64_t kShortestPing_ms = 100;
constexpr std::int64_t kLongestPing_ms = 60'000;

std::chrono::milliseconds patience_in(const Json& request) {
  const auto found = request.find("timeout_ms");
  const bool told = found != request.end() && found->is_number_integer();
  return std::chrono::milliseconds(std::clamp(told ? found->get<std::int64_t>() : kLongestPing_ms,
                                              kShortestPing_ms, kLongestPing_ms));
}

Json unanswered(const Error& why) {
  return {
      {"event", "ping"}, {"code", name(why.code())}, {"reason", why.what()}, {"hint", why.hint()}};
}

}  // namespace

AccountAnswers::AccountAnswers(const HeldAccount& held, const AccountRecord& record,
                               const AccountUploads& uploads, AccountBackfills& backfills,
                               std::string instance, std::function<void()> release)
    : held_(held),
      record_(record),
      uploads_(uploads),
      backfills_(backfills),
      instance_(std::move(instance)),
      release_(std::move(release)) {}

asio::awaitable<Json> AccountAnswers::answer(Json request, std::shared_ptr<ControlAsker> asker) {
  const std::string asked = text_in(request, "request");
  if (asked == "status") co_return status();
  if (asked == "ping") co_return co_await ping(std::move(request));
  if (asked == "backfill")
    co_return co_await backfills_.answer(std::move(request), std::move(asker));
  if (asked == "repair") co_return repair(request);
  if (asked == "release") {
    release_();
    co_return Json{{"event", "released"}};
  }
  throw Error(
      ErrorCode::kUsage, Phrase{"there is no such request", "o astfel de cerere nu există"},
      Phrase{"Use a wa-sync of the same version.", "Folosește un wa-sync de aceeași versiune."});
}

Json AccountAnswers::status() const {
  RunningAccount now = record_.view(uploads_.state());
  if (Database* const file = held_.database()) add_stored(*file, now);
  const auto trouble = record_.trouble();
  const auto session = held_.session();
  return {{"event", "status"},
          {"instance", instance_},
          {"status", now.status},
          {"connected_since", now.connected_since.value},
          {"received", now.counters.received},
          {"reconnects", now.counters.reconnects},
          {"last_message", now.last_message.value},
          {"last_server_traffic", now.last_server_traffic.value},
          {"last_stanza", now.last_stanza.value},
          {"trouble", trouble ? trouble->what() : ""},
          {"uploads", uploads_.running()},
          {"queued", now.upload.queued},
          {"upload_trouble", now.upload.trouble},
          {"clock_ahead", UnixSeconds::of_host().value - UnixSeconds::now().value},
          {"phone_heard_at", session ? session->phone_heard_at().value : 0}};
}

asio::awaitable<Json> AccountAnswers::ping(Json request) const {
  const auto session = held_.is_online() ? held_.session() : nullptr;
  if (!session || !session->is_open())
    co_return unanswered(record_.trouble().value_or(
        Error(ErrorCode::kNetwork, Phrase{"it is only just connecting", "abia se conectează"})));
  try {
    const Pong pong = co_await session->ping(patience_in(request));
    co_return Json{{"event", "ping"},
                   {"round_trip_ms", pong.round_trip.count()},
                   {"server_time", pong.server_time.value}};
  } catch (const Error& error) {
    co_return unanswered(error);
  }
}

// What is now to be sent goes out at once.
Json AccountAnswers::repair(const Json& request) {
  const diagnosis::StoredRepair repair = stored_repair_from(request);
  Database* const database = held_.database();
  if (database == nullptr)
    throw Error(ErrorCode::kHeldElsewhere,
                Phrase{"wa-sync listen is just letting the account go",
                       "wa-sync listen tocmai eliberează contul"},
                Phrase{"Run the command again.", "Rulează din nou comanda."});
  const std::int64_t changed = diagnosis::repair_stored(*database, repair);
  held_.wake_uploads();
  return {{"event", "repaired"}, {"changed", changed}};
}

}  // namespace wasync
