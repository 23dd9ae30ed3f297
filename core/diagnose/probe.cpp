#include "diagnose/probe.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include "base/error.h"
#include "base/http.h"
#include "diagnose/probes.h"
#include "firestore/adoption.h"

namespace wasync::diagnosis {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// So many probes may hang before they delay the others.
constexpr int kThreads = 16;
constexpr std::uintmax_t kCheckedUnasked = 64 << 20;  // bytes of a file; reading them takes moments
constexpr std::size_t kLeastReads = 100;              // conversations of each account
// Give a service that is unwell for a moment another chance.
constexpr milliseconds kKeepTrying{1500};

NotLooked why_not(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    // We ended it ourselves, when the time was up.
    if (error.code() == ErrorCode::kInterrupted) return {};
    return {.why = error.message(), .hint = error.advice()};
  } catch (const std::exception& error) {
    return {.why = error.what()};
  }
}

// What the probes share. It outlives observe() while one of them hangs.
class Survey : public std::enable_shared_from_this<Survey> {
 public:
  explicit Survey(ProbeOptions options)
      : options_(std::move(options)), deadline_(Clock::now() + options_.timeout) {
    seen_.now = UnixSeconds::now();
    seen_.hostname = options_.hostname;
    seen_.instance_id = options_.instance_id;
    seen_.scheduled_backfill = options_.scheduled_backfill;
  }

  Observed run() {
    add([this] { look_at_configuration(); });
    add([this] { look_at_state_dir(); });
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([self = shared_from_this()] { self->work(); });
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline_, [this] { return unfinished_ == 0; });
    over_ = true;
    changed_.notify_all();
    // Wait for threads that are about to end: only one that hangs is a reason for _Exit.
    changed_.wait_until(lock, deadline_, [this] { return ended_.size() == kThreads; });
    Observed out{.seen = seen_, .threads_left = ended_.size() < kThreads};
    const std::set<std::thread::id> ended = ended_;
    lock.unlock();
    for (std::thread& each : threads) {
      // Libraries free what they keep for a thread after the thread's last line, so join it.
      if (ended.contains(each.get_id()))
        each.join();
      else
        each.detach();
    }
    return out;
  }

 private:
  using Task = std::function<void()>;

  void add(Task task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    ++unfinished_;
    changed_.notify_all();
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return over_ || !tasks_.empty(); });
      if (over_) break;
      const Task task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
      --unfinished_;
      changed_.notify_all();
    }
    ended_.insert(std::this_thread::get_id());
    changed_.notify_all();
  }

  // Writes nothing any more after observe() has returned the observations.
  void write(const std::function<void(Observations&)>& change) {
    const std::lock_guard lock(mutex_);
    if (!over_) change(seen_);
  }

  template <typename T>
  void look(Seen<T> Observations::*where, const std::function<T()>& probe) {
    put([where](Observations& seen) -> Seen<T>& { return seen.*where; }, probe);
  }
  template <typename T>
  void look(std::size_t account, Seen<T> AccountObservation::*where,
            const std::function<T()>& probe) {
    put([account, where](Observations& seen) -> Seen<T>& { return seen.accounts[account].*where; },
        probe);
  }
  template <typename Where, typename T>
  void put(const Where& where, const std::function<T()>& probe) {
    Seen<T> found;
    try {
      found = probe();
    } catch (...) {
      found = why_not(std::current_exception());
    }
    write([&](Observations& seen) { where(seen) = std::move(found); });
  }

  milliseconds left() const {
    return std::max(milliseconds(0),
                    std::chrono::duration_cast<milliseconds>(deadline_ - Clock::now()));
  }

  void look_at_configuration() {
    using Found = std::variant<Configuration, Unusable>;
    bool firestore = false;
    look<Found>(&Observations::configuration, [&]() -> Found {
      Configuration out{.sqlite_chosen = options_.sqlite_chosen};
      try {
        const auto inbox = options_.inbox();
        if (!inbox) return out;
        firestore = true;
        out.target = firestore::name_of(inbox->target);
        out.project = inbox->target.project;
        if (!inbox->target.emulator.empty()) out.beside_emulator = options_.beside_emulator;
        return out;
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kConfig) throw;
        return Unusable{.what = error.message(), .hint = error.advice()};
      }
    });
    write([&](Observations&) { firestore_ = firestore; });
    both_known();
  }

  void look_at_state_dir() {
    std::vector<AccountId> accounts;
    std::optional<StateDir> state;
    look<StateDirectory>(&Observations::state_dir, [&] {
      state = StateDir::open_existing(options_.state_dir);
      StateDirectory out = probe_state_dir(options_.state_dir, state.has_value());
      if (state) accounts = state->accounts();
      return out;
    });
    if (options_.only)
      std::erase_if(accounts, [this](const AccountId& each) { return each != *options_.only; });
    if (!state || accounts.empty()) return;
    write([&](Observations& seen) {
      for (const AccountId& id : accounts) seen.accounts.push_back({.id = id});
      if (!options_.live) return;
      for (AccountObservation& each : seen.accounts) each.live.emplace();
      turns_.resize(accounts.size());
      state_ = state;
    });
    for (std::size_t i = 0; i < accounts.size(); ++i) look_at_account(*state, accounts[i], i);
    // Last, because these are the slowest.
    for (std::size_t i = 0; i < accounts.size(); ++i)
      add([this, i, file = state->account_file(accounts[i])] {
        std::error_code error;
        const auto size = std::filesystem::file_size(file, error);
        if (!options_.check_file && !error && size > kCheckedUnasked) return;
        look<FileHealth>(i, &AccountObservation::file, [&] { return probe_file(file); });
      });
    both_known();
  }

  void look_at_account(const StateDir& state, const AccountId& id, std::size_t at) {
    add([this, at, file = state.account_file(id)] {
      look<StoredAccount>(at, &AccountObservation::stored,
                          [&] { return probe_account(file, seen_.now); });
      known_for_live(at, &LiveTurn::stored);
    });
    add([this, at, state, id] {
      // Before the holder: with that, the lease may be judged.
      if (options_.lease_life)
        write([&, life = options_.lease_life(state, id)](Observations& seen) {
          seen.accounts[at].lease_life = life;
        });
      look<Holder>(at, &AccountObservation::holder, [&] { return ask_holder(state, id); });
      known_for_live(at, &LiveTurn::holder);
    });
  }

  Holder ask_holder(const StateDir& state, const AccountId& id) {
    Holder out{.pid = AccountLock::holder(state, id)};
    if (!out.pid) return out;
    try {
      // Half of the time, so that there is time left to report that it did not answer.
      out.listening = options_.ask_holder(state, id, left() / 2);
    } catch (const Error& error) {
      out.silent = error.what();
    }
    return out;
  }

  // Asks Firestore once both are known: which Firestore, and which accounts.
  void both_known() {
    std::vector<AccountId> accounts;
    {
      const std::lock_guard lock(mutex_);
      if (++known_ < 2) return;
      for (const AccountObservation& each : seen_.accounts) accounts.push_back(each.id);
    }
    const std::size_t most =
        std::clamp(options_.most_reads / accounts.size(), kLeastReads, kInboxQueryLimit);
    for (std::size_t i = 0; i < accounts.size(); ++i) {
      if (firestore_)
        add([this, i, id = accounts[i], most] { look_at_firestore(id, i, most); });
      else
        known_for_live(i, &LiveTurn::document);
    }
  }

  void look_at_firestore(const AccountId& id, std::size_t at, std::size_t most) {
    HttpClient http;
    try {
      const auto inbox = options_.inbox();
      if (!inbox) return;
      firestore::Client client(
          http, *inbox->credentials, inbox->target, [this] { return left() == milliseconds(0); },
          std::min(kKeepTrying, left() / 4));
      probe_firestore(client, id, most, [&](const std::function<void(InFirestore&)>& change) {
        write([&](Observations& seen) { change(seen.accounts[at].firestore); });
        known_for_live(at, &LiveTurn::document);  // the probe tells this first
      });
    } catch (...) {
      // What the probe has not told by now counts as not looked.
      const NotLooked why = why_not(std::current_exception());
      write([&](Observations& seen) { fill_in(seen.accounts[at].firestore, why); });
      known_for_live(at, &LiveTurn::document);
    }
    write([&](Observations& seen) { seen.accounts[at].firestore.clock_skew = http.clock_skew(); });
  }

  // What we must know of an account before we ask WhatsApp with it. A listener asks for us; we log
  // in only if no process is connected as this account.
  struct LiveTurn {
    bool stored = false;
    bool holder = false;
    bool document = false;  // known, or known to be out of reach
    bool begun = false;
  };

  void known_for_live(std::size_t at, bool LiveTurn::*what) {
    if (!options_.live) return;
    std::variant<NotLooked, NotAsked, LiveWay> way;
    std::optional<AccountId> id;
    {
      const std::lock_guard lock(mutex_);
      if (over_) return;
      LiveTurn& turn = turns_[at];
      turn.*what = true;
      const AccountObservation& account = seen_.accounts[at];
      const Holder* holder = seen(account.holder);
      const bool listens = holder != nullptr && holder->listening;
      if (turn.begun || !turn.holder || !(listens || (turn.stored && turn.document))) return;
      turn.begun = true;
      id = account.id;
      way = way_to_live(seen_, account);
      if (const auto* why = std::get_if<NotAsked>(&way)) seen_.accounts[at].live->answer = *why;
      if (const auto* why = std::get_if<NotLooked>(&way)) seen_.accounts[at].live->answer = *why;
    }
    if (const auto* open = std::get_if<LiveWay>(&way))
      add([this, at, id, way = *open] { look_live(*id, at, way); });
  }

  void look_live(const AccountId& id, std::size_t at, LiveWay way) {
    const auto tell = [&](Live live) {
      write([&](Observations& seen) { seen.accounts[at].live = std::move(live); });
    };
    // Not all of the time, so that there is time left to report that WhatsApp did not answer.
    const milliseconds patience = left() * 3 / 4;
    if (patience < kLeastLivePatience) return;
    try {
      if (way == LiveWay::kListener)
        tell(options_.live->ask_listener(*state_, id, patience));
      else
        probe_live_alone(*options_.live, *state_, id, patience, tell);
    } catch (...) {
      tell({.answer = why_not(std::current_exception())});
    }
  }

  static void fill_in(InFirestore& found, const NotLooked& why) {
    if (seen(found.document) == nullptr) found.document = why;
    if (seen(found.query) == nullptr) found.query = why;
  }

  const ProbeOptions options_;
  const Clock::time_point deadline_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  int unfinished_ = 0;
  std::set<std::thread::id> ended_;
  int known_ = 0;
  bool firestore_ = false;         // it is configured
  std::optional<StateDir> state_;  // with --live
  std::vector<LiveTurn> turns_;    // likewise, of each account
  bool over_ = false;
  Observations seen_{};
};

}  // namespace

Observed observe(ProbeOptions options) {
  return std::make_shared<Survey>(std::move(options))->run();
}

}  // namespace wasync::diagnosis
