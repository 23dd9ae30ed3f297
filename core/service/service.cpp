#include "service/service.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <map>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/wake.h"
#include "firestore/client_thread.h"
#include "firestore/upload_thread.h"
#include "service/account_run.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

// An account of which nothing is told is looked at seldom: hundreds of them cost next to nothing.
constexpr std::chrono::seconds kIdleLook{30};

std::unique_ptr<firestore::UploadThread> upload_thread(const std::optional<FirestoreInbox>& inbox) {
  if (!inbox) return nullptr;
  firestore::UploadOptions options = firestore::upload_options_for(inbox->target);
  options.idle_look = kIdleLook;
  return std::make_unique<firestore::UploadThread>(*inbox, std::move(options));
}

}  // namespace

struct Service::State {
  State(asio::any_io_executor on, asio::any_io_executor threads, StateDir directory,
        ServiceOptions chosen, Report tell)
      : executor(std::move(on)),
        workers(std::move(threads)),
        state_dir(std::move(directory)),
        options(std::move(chosen)),
        report(std::move(tell)),
        uploads(upload_thread(options.inbox)),
        leases(options.leases ? std::make_unique<firestore::ClientThread>(*options.leases)
                              : nullptr),
        changed(executor),
        schedule(options.auto_backfill, std::chrono::steady_clock::now()),
        schedule_changed(executor) {}

  asio::any_io_executor executor;
  asio::any_io_executor workers;
  StateDir state_dir;
  ServiceOptions options;
  Report report;
  std::unique_ptr<firestore::UploadThread> uploads;
  std::unique_ptr<firestore::ClientThread> leases;
  Wake changed;
  BackfillSchedule schedule;
  Wake schedule_changed;
  std::map<std::string, std::shared_ptr<AccountRun>> runs{};  // by account id
  std::size_t running = 0;
  bool stopping = false;
  UnixSeconds started_at = UnixSeconds::now();

  bool is_wanted(const AccountId& id) const {
    return options.only.empty() || std::ranges::find(options.only, id) != options.only.end();
  }

  void start_new(const std::shared_ptr<State>& self) {
    for (const AccountId& id : state_dir.accounts()) {
      if (!is_wanted(id) || runs.contains(id.str())) continue;
      const auto run = std::make_shared<AccountRun>(
          executor, workers, state_dir, id, options, uploads ? &**uploads : nullptr, leases.get(),
          [this](const ServiceEvent& event) { told(event); });
      runs.emplace(id.str(), run);
      ++running;
      asio::co_spawn(executor, run->run(), [self, run, id](const std::exception_ptr& error) {
        --self->running;
        self->runs.erase(id.str());
        if (self->stopping) self->changed.notify();
        if (error) std::rethrow_exception(error);
      });
    }
  }

  void told(const ServiceEvent& event) {
    if (const auto* connected = std::get_if<service_event::Connected>(&event)) {
      schedule.came_online(connected->account, std::chrono::steady_clock::now());
      schedule_changed.notify();
    }
    report(event);
  }

  void start_scheduled(const std::shared_ptr<State>& self, const DueBackfill& due) {
    const auto over = [self, id = due.account](const std::exception_ptr& error) {
      self->schedule.ended(id);
      self->schedule_changed.notify();
      if (error) std::rethrow_exception(error);
    };
    const auto run = runs.find(due.account.str());
    if (run == runs.end()) return over(nullptr);
    asio::co_spawn(executor, run->second->scheduled_backfill(due.trigger), over);
  }

  static asio::awaitable<void> backfill_by_schedule(std::shared_ptr<State> self) {
    while (!self->stopping) {
      const auto now = std::chrono::steady_clock::now();
      if (now >= self->schedule.next_tick()) {
        std::vector<BackfillStanding> accounts;
        for (const auto& [id, run] : self->runs) accounts.push_back(run->backfill_standing());
        self->schedule.tick(now, UnixSeconds::now(), std::move(accounts));
      }
      while (const auto due = self->schedule.next()) self->start_scheduled(self, *due);
      co_await self->schedule_changed.wait_until(self->schedule.next_tick());
    }
  }
};

Service::Service(asio::any_io_executor executor, asio::any_io_executor workers, StateDir state,
                 ServiceOptions options, Report report)
    : state_(std::make_shared<State>(std::move(executor), std::move(workers), std::move(state),
                                     std::move(options), std::move(report))) {}
Service::~Service() = default;

asio::awaitable<void> Service::run() {
  const auto self = shared_from_this();
  const auto state = state_;
  if (state->options.auto_backfill.enabled)
    asio::co_spawn(state->executor, State::backfill_by_schedule(state), asio::detached);
  std::string told;  // once, however long it lasts
  while (!state->stopping) {
    std::string trouble;
    try {
      state->start_new(state);
    } catch (const Error& error) {
      trouble = error.what();
    }
    if (!trouble.empty() && trouble != told)
      log::error("the state directory cannot be read: {}", trouble);
    told = std::move(trouble);
    co_await state->changed.wait_for(state->options.look_every);
  }
  const auto runs = state->runs;
  for (const auto& [id, run] : runs) run->stop();
  while (state->running > 0) co_await state->changed.wait();
  state->uploads.reset();
  state->leases.reset();
}

void Service::stop() {
  state_->stopping = true;
  state_->changed.notify();
  state_->schedule_changed.notify();
}

void Service::retry() {
  for (const auto& [id, run] : state_->runs) run->retry();
}

ServiceState Service::state() const {
  ServiceState out{.instance_id = state_->options.instance_id, .started_at = state_->started_at};
  bool trouble = false;
  for (const auto& [id, run] : state_->runs) {
    out.accounts.push_back(run->view());
    trouble |= !out.accounts.back().upload.trouble.empty();
  }
  out.active = out.accounts.empty() ||
               std::ranges::any_of(out.accounts, [](const auto& each) { return each.holds; });
  out.ready = !state_->stopping;
  out.firestore_connected = state_->uploads != nullptr && !trouble;
  return out;
}

BackfillStart Service::start_backfill(const AccountId& account) {
  const auto run = state_->runs.find(account.str());
  if (run == state_->runs.end()) return {.result = BackfillStart::Result::kUnknownAccount};
  return run->second->start_backfill();
}

}  // namespace wasync
