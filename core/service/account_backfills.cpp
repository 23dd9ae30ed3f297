#include "service/account_backfills.h"

#include <boost/asio/co_spawn.hpp>
#include <deque>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/log.h"
#include "service/ask_firestore.h"
#include "service/held_anchors.h"
#include "session/online/session.h"

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
  Wake news;

  void add(Json line) {
    waiting.push_back(std::move(line));
    news.notify();
  }
  void end(const std::exception_ptr& error) {
    over = true;
    failure = error;
    news.notify();
  }
};

asio::awaitable<void> pass_on(std::shared_ptr<Lines> lines, std::shared_ptr<ControlAsker> asker) {
  while (!lines->over || !lines->waiting.empty()) {
    if (lines->waiting.empty()) {
      co_await lines->news.wait();
      continue;
    }
    Json line = std::move(lines->waiting.front());
    lines->waiting.pop_front();
    co_await asker->tell(std::move(line));
  }
}

}  // namespace

AccountBackfills::AccountBackfills(asio::any_io_executor executor, const HeldAccount& held,
                                   firestore::ClientThread* firestore)
    : executor_(std::move(executor)), held_(held), firestore_(firestore), over_(executor_) {}

std::shared_ptr<Backfill> AccountBackfills::make(const BackfillRequest& request,
                                                 Backfill::Report report, bool scheduled) {
  if (job_)
    throw Error(ErrorCode::kHeldElsewhere,
                Phrase{"a backfill of this account is running already",
                       "un backfill al acestui cont rulează deja"},
                Phrase{"Wait until it ends.", "Așteaptă până se termină."});
  Database* const database = held_.database();
  if (database == nullptr || !is_kept(held_.state()))
    throw Error(ErrorCode::kNetwork,
                Phrase{"the account is not connected at present", "contul nu este conectat acum"},
                Phrase{"See `wa-sync accounts list`, and try again.",
                       "Vezi `wa-sync accounts list` și încearcă din nou."});
  BackfillPlan plan = plan_backfill(*database, request.choice);
  plan.scheduled = scheduled;
  BackfillConnection connection{.session = [this]() -> std::shared_ptr<Session> {
                                  return held_.is_online() ? held_.session() : nullptr;
                                },
                                .history_busy = held_.history_busy};
  if (firestore_ != nullptr)
    connection.look_up_anchors = [this](BackfillPlan found) {
      return with_held_anchors(std::move(found));
    };
  job_ = std::make_shared<Backfill>(executor_, *database, std::move(plan), request.limits,
                                    std::move(connection), std::move(report));
  return job_;
}

asio::awaitable<BackfillPlan> AccountBackfills::with_held_anchors(BackfillPlan plan) {
  std::function<BackfillPlan(firestore::Client&)> job = [plan](firestore::Client& client) {
    BackfillPlan found = plan;
    add_held_anchors(found, client);
    return found;
  };
  co_return co_await ask_firestore(executor_, *firestore_, std::move(job));
}

// What end() waits for goes on after whoever waits for this coroutine has been told: both happen
// before the event loop has its next turn.
asio::awaitable<void> AccountBackfills::work_off(std::shared_ptr<Backfill> job) {
  std::exception_ptr failure;
  try {
    co_await job->run();
  } catch (...) {
    failure = std::current_exception();
  }
  job_.reset();
  over_.notify();
  held_.wake_uploads();
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<Json> AccountBackfills::answer(Json request, std::shared_ptr<ControlAsker> asker) {
  const BackfillRequest asked = backfill_request_from(request);
  const auto lines = std::make_shared<Lines>(executor_);
  const auto job = make(
      asked, [lines](const BackfillEvent& event) { lines->add(to_json(event)); }, false);
  asio::co_spawn(executor_, work_off(job),
                 [lines](const std::exception_ptr& failure) { lines->end(failure); });
  // Nobody wants it any more.
  asker->on_gone = [job] {
    job->end(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "who asked has gone")));
  };
  try {
    co_await pass_on(lines, asker);
  } catch (const std::exception&) {  // it did not take what it was told
    if (asker->on_gone) asker->on_gone();
    throw;
  }
  if (lines->failure) std::rethrow_exception(lines->failure);
  Json last = Json::object();
  last["event"] = "ended";
  co_return last;
}

BackfillStart AccountBackfills::start(const BackfillRequest& request) {
  if (job_) return {.message = "Backfill is running already"};
  const auto report = [id = held_.id](const BackfillEvent& event) {
    if (const auto* done = std::get_if<backfill_event::Done>(&event))
      log::info("{}: backfill of {} threads: {} messages, {} errors", id.str(), done->threads,
                done->messages, done->errors);
  };
  const auto over = [id = held_.id](const std::exception_ptr& why) {
    try {
      if (why) std::rethrow_exception(why);
    } catch (const std::exception& error) {
      log::warn("{}: backfill: {}", id.str(), error.what());
    }
  };
  asio::co_spawn(executor_, work_off(make(request, report, false)), over);
  return {};
}

asio::awaitable<void> AccountBackfills::run(BackfillRequest request, Backfill::Report report,
                                            bool scheduled) {
  co_await work_off(make(request, std::move(report), scheduled));
}

void AccountBackfills::connection_changed() {
  if (job_) job_->connection_changed();
}

void AccountBackfills::chunk_done(const ChunkStatus& chunk) {
  if (job_) job_->chunk_done(chunk);
}

void AccountBackfills::chunk_failed(const ChunkStatus& chunk, const Error& error) {
  if (job_) job_->chunk_failed(chunk, error);
}

void AccountBackfills::request_failed(const FailedRequest& failed) {
  if (job_) job_->request_failed(failed);
}

asio::awaitable<void> AccountBackfills::end(const Error& reason) {
  if (job_) job_->end(std::make_exception_ptr(reason));
  while (job_) co_await over_.wait();
}

}  // namespace wasync
