// Backfills of an account that is online anyway: for who asks over the control socket, and for the
// HTTP API.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/log.h"
#include "service/account_run.h"
#include "service/ask_firestore.h"
#include "service/held_anchors.h"
#include "session/backfill/backfill.h"

namespace wasync {
namespace asio = boost::asio;
using Json = nlohmann::ordered_json;

namespace {

// From the job, which does not wait, to who asked, who may be slow.
struct Lines {
  explicit Lines(const asio::any_io_executor& executor) : news(executor) {}

  std::deque<Json> waiting{};
  bool over = false;
  std::exception_ptr failure{};
  asio::steady_timer news;

  void add(Json line) {
    waiting.push_back(std::move(line));
    news.cancel();
  }
  void end(const std::exception_ptr& error) {
    over = true;
    failure = error;
    news.cancel();
  }
};

Error runs_already() {
  return {ErrorCode::kHeldElsewhere,
          Phrase{"a backfill of this account is running already",
                 "un backfill al acestui cont rulează deja"},
          Phrase{"wait until it ends", "așteaptă până se termină"}};
}

asio::awaitable<void> pass_on(std::shared_ptr<Lines> lines, std::shared_ptr<ControlAsker> asker) {
  while (!lines->over || !lines->waiting.empty()) {
    if (lines->waiting.empty()) {
      lines->news.expires_at(asio::steady_timer::time_point::max());
      boost::system::error_code woken;
      co_await lines->news.async_wait(asio::redirect_error(asio::use_awaitable, woken));
      continue;
    }
    Json line = std::move(lines->waiting.front());
    lines->waiting.pop_front();
    auto telling = asker->tell(std::move(line));
    co_await std::move(telling);
  }
}

}  // namespace

asio::awaitable<BackfillPlan> AccountRun::with_held_anchors(BackfillPlan plan) {
  std::function<BackfillPlan(firestore::Client&)> job = [plan](firestore::Client& client) {
    BackfillPlan found = plan;
    add_held_anchors(found, client);
    return found;
  };
  auto asking = ask_firestore(executor_, *leases_, std::move(job));
  co_return co_await std::move(asking);
}

std::shared_ptr<Backfill> AccountRun::make_backfill(const BackfillRequest& request,
                                                    Backfill::Report report, bool scheduled) {
  if (backfill_) throw runs_already();
  if (!file_ || !online_ || !wanted())
    throw Error(ErrorCode::kNetwork,
                Phrase{"the account is not connected at present", "contul nu este conectat acum"},
                Phrase{"see `wa-sync accounts list`, and try again",
                       "vezi `wa-sync accounts list` și încearcă din nou"});
  BackfillPlan plan = plan_backfill(*file_->database, request.choice);
  plan.scheduled = scheduled;
  BackfillConnection connection{
      .session = [this]() -> std::shared_ptr<Session> {
        return online_ && online_->is_online() ? online_->session() : nullptr;
      },
      .history_busy = [this] { return online_ && online_->history_busy(); }};
  if (leases_ != nullptr)
    connection.look_up_anchors = [this](BackfillPlan found) {
      return with_held_anchors(std::move(found));
    };
  backfill_ = std::make_shared<Backfill>(executor_, *file_->database, std::move(plan),
                                         request.limits, std::move(connection), std::move(report));
  return backfill_;
}

// Until it is over; throws why it ended early.
asio::awaitable<void> AccountRun::work_off(std::shared_ptr<Backfill> job) {
  const auto self = shared_from_this();
  std::exception_ptr failure;
  try {
    auto running = job->run();
    co_await std::move(running);
  } catch (...) {
    failure = std::current_exception();
  }
  backfill_.reset();
  backfill_timer_.cancel();
  if (uploading_) uploader_->wake(path_);
  if (failure) std::rethrow_exception(failure);
}

void AccountRun::run_backfill(const std::shared_ptr<Backfill>& job,
                              std::function<void(const std::exception_ptr&)> over) {
  asio::co_spawn(executor_, work_off(job), std::move(over));
}

asio::awaitable<Json> AccountRun::answer_backfill(Json request,
                                                  std::shared_ptr<ControlAsker> asker) {
  const auto self = shared_from_this();
  const BackfillRequest asked = backfill_request_from(request);
  const auto lines = std::make_shared<Lines>(executor_);
  Backfill::Report report = [lines](const BackfillEvent& event) { lines->add(to_json(event)); };
  const auto job = make_backfill(asked, std::move(report), false);
  run_backfill(job, [lines](const std::exception_ptr& failure) { lines->end(failure); });
  // Nobody wants it any more.
  asker->on_gone = [job] {
    job->end(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "who asked has gone")));
  };
  try {
    auto passing = pass_on(lines, asker);
    co_await std::move(passing);
  } catch (const std::exception&) {  // it did not take what it was told
    if (asker->on_gone) asker->on_gone();
    throw;
  }
  if (lines->failure) std::rethrow_exception(lines->failure);
  Json last = Json::object();
  last["event"] = "ended";
  co_return last;
}

BackfillStart AccountRun::start_backfill() {
  if (backfill_) return {.message = "Backfill is running already"};
  const auto report = [id = id_](const BackfillEvent& event) {
    if (const auto* done = std::get_if<backfill_event::Done>(&event))
      log::info("{}: backfill of {} threads: {} messages, {} errors", id.str(), done->threads,
                done->messages, done->errors);
  };
  const auto over = [id = id_](const std::exception_ptr& why) {
    try {
      if (why) std::rethrow_exception(why);
    } catch (const std::exception& error) {
      log::warn("{}: backfill: {}", id.str(), error.what());
    }
  };
  run_backfill(make_backfill(options_.backfill, report, false), over);
  return {};
}

asio::awaitable<void> AccountRun::end_backfill(const Error& reason) {
  if (backfill_) backfill_->end(std::make_exception_ptr(reason));
  while (backfill_ || filling_) {
    backfill_timer_.expires_at(asio::steady_timer::time_point::max());
    boost::system::error_code ended;
    co_await backfill_timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  }
}

}  // namespace wasync
