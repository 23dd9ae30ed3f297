// A sign of life from WhatsApp over the account's connection, for `diagnose --live`:
//
//   {"request":"ping","timeout_ms":6000}
//   {"event":"ping","round_trip_ms":48,"server_time":1790000000,"end":true}
//   {"event":"ping","code":"network","reason":"Connection refused","hint":"","end":true}
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "service/account_run.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr std::int64_t kShortestPing_ms = 100;
constexpr std::int64_t kLongestPing_ms = 60'000;

milliseconds patience_in(const Json& request) {
  const auto found = request.find("timeout_ms");
  const bool told = found != request.end() && found->is_number_integer();
  return milliseconds(std::clamp(told ? found->get<std::int64_t>() : kLongestPing_ms,
                                 kShortestPing_ms, kLongestPing_ms));
}

Json unanswered(const Error& why) {
  return {
      {"event", "ping"}, {"code", name(why.code())}, {"reason", why.what()}, {"hint", why.hint()}};
}

}  // namespace

asio::awaitable<Json> AccountRun::answer_ping(Json request) {
  const auto session = online_ && online_->is_online() ? online_->session() : nullptr;
  if (!session || !session->is_open()) {
    if (last_trouble_ && !last_halt_.empty()) co_return unanswered(*last_trouble_);
    const std::string why = trouble();
    co_return unanswered(
        Error(ErrorCode::kNetwork, why.empty() ? "it is only just connecting" : why));
  }
  try {
    const Pong pong = co_await session->ping(patience_in(request));
    co_return Json{{"event", "ping"},
                   {"round_trip_ms", pong.round_trip.count()},
                   {"server_time", pong.server_time.value}};
  } catch (const Error& error) {
    co_return unanswered(error);
  }
}

}  // namespace wasync
