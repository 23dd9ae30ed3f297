#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/error.h"
#include "base/sqlite.h"
#include "diagnose/probes.h"
#include "session/connection/login_trial.h"

namespace wasync::diagnosis {
namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

using Clock = std::chrono::steady_clock;

// How long to wait for the goodbye of the connection.
constexpr milliseconds kFarewell{500};

std::optional<Device> device_in(const std::filesystem::path& file) {
  Database database(file, Database::Mode::kReadOnly);
  return load_device(database);
}

Live told(LiveAnswer answer, UnixSeconds server_time = {}) {
  return {.answer = std::move(answer), .server_time = server_time, .at = UnixSeconds::of_host()};
}

Live told(const std::exception_ptr& failure, const std::optional<Pong>& pong) {
  if (!failure) return told(Answered{.round_trip = pong->round_trip}, pong->server_time);
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return told(
        Unanswered{.code = error.code(), .message = error.message(), .hint = error.advice()});
  } catch (const std::exception& error) {
    return told(Unanswered{.code = ErrorCode::kInternal, .message = error.what()});
  }
}

}  // namespace

void probe_live_alone(const LiveOptions& options, const StateDir& state, const AccountId& id,
                      milliseconds patience, const std::function<void(Live)>& tell) {
  const auto deadline = Clock::now() + patience;
  const auto lock = AccountLock::try_acquire(state, id);
  if (!lock) return tell(told(NotAsked::kHeldHere));
  auto device = device_in(state.account_file(id));
  if (!device) return tell(told(NotAsked::kNotLinked));
  SessionOptions session = options.session();
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
  if (left < kLeastLivePatience) return tell(told(NotLooked{}));

  asio::io_context context(1);
  std::exception_ptr failure;
  std::optional<Pong> pong;
  bool over = false;
  asio::co_spawn(context, try_login(std::move(session), *std::move(device), left),
                 [&](std::exception_ptr error, Pong answer) {
                   over = true;
                   failure = std::move(error);
                   pong = answer;
                 });
  while (!over && context.run_one() > 0) {
  }
  // Tell the result before the goodbye: a name server that hangs keeps the context from ending.
  tell(told(failure, pong));
  context.run_until(std::min(deadline, Clock::now() + kFarewell));
}

}  // namespace wasync::diagnosis
