#include "session/backfill/backfill.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "inbox/account.h"
#include "session/connection/live_connection.h"
#include "session/receive/chat_addresses.h"
#include "session/receive/missing_names.h"

namespace wasync {
namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

// Anchors of one thread that a phone may leave unanswered (Baileys and whatsmeow report ids for
// which it does, for ever).
constexpr int kMostSilences = 3;
// So many threads unanswered in a row are no matter of their anchors: of a phone that has answered
// nothing yet, and of one that has.
constexpr int kMostSilentAtFirst = 3;
constexpr int kMostSilentLater = 8;
// Beyond what the wanted messages take: pages of notices bring none.
constexpr int kPagesToSpare = 10;

Error time_is_up() {
  return {ErrorCode::kTimeout,
          Phrase{"the time for the backfill ended before all conversations had their turn",
                 "timpul pentru backfill s-a terminat înainte să vină rândul tuturor "
                 "conversațiilor"},
          Phrase{"run it again to continue, or allow more time with --timeout",
                 "rulează-l din nou ca să continue sau acordă mai mult timp cu --timeout"}};
}

Error phone_has_been_asked_enough(std::chrono::seconds wait) {
  const std::string minutes = std::to_string(wait.count() / 60 + 1);
  return {ErrorCode::kTimeout,
          Phrase{"the phone has been asked {} times within an hour, and is now left in peace",
                 "telefonul a fost întrebat de {} ori într-o oră și acum este lăsat în pace"}
              .with(std::to_string(kRequestsAnHour)),
          Phrase{"Run it again in {} minutes to continue, or allow more time with --timeout",
                 "Rulează-l din nou peste {} minute ca să continue sau acordă mai mult timp cu "
                 "--timeout"}
              .with(minutes)};
}

Error phone_is_silent() {
  return {ErrorCode::kTimeout,
          Phrase{"the phone does not answer: it is off, or has no network",
                 "telefonul nu răspunde: este oprit sau nu are rețea"},
          Phrase{"switch the phone on, open WhatsApp on it, and run it again",
                 "pornește telefonul, deschide WhatsApp pe el și rulează din nou"}};
}

}  // namespace

std::string_view name(BackfillOutcome outcome) {
  switch (outcome) {
    case BackfillOutcome::kFilled: return "filled";
    case BackfillOutcome::kExhausted: return "exhausted";
    case BackfillOutcome::kNoAnchor: return "no_anchor";
    case BackfillOutcome::kNoAnswer: return "no_answer";
    case BackfillOutcome::kError: break;
  }
  return "error";
}

Backfill::Backfill(asio::any_io_executor executor, Database& database, BackfillPlan plan,
                   BackfillLimits limits, BackfillConnection connection, Report report)
    : executor_(std::move(executor)),
      database_(database),
      plan_(std::move(plan)),
      limits_(limits),
      connection_(std::move(connection)),
      report_(std::move(report)),
      changed_(executor_) {}

asio::awaitable<void> Backfill::run() {
  const auto self = shared_from_this();
  deadline_ = Clock::now() + limits_.deadline;
  std::exception_ptr failure;
  try {
    if (connection_.look_up_anchors) {
      plan_ = co_await connection_.look_up_anchors(plan_);
    }
    for (const PlannedThread& planned : plan_.threads) {
      auto work = std::make_shared<Work>(Work{.planned = planned});
      all_.push_back(work);
      queue_.push_back(std::move(work));
    }
    report_(backfill_event::Start{.threads = static_cast<std::int64_t>(plan_.threads.size()),
                                  .skipped = plan_.skipped});
    co_await work_off();
  } catch (...) {
    failure = std::current_exception();
  }
  close_what_was_begun();
  if (!plan_.scheduled) store_result();
  report_(backfill_event::Done{
      .threads = result_.threads, .messages = result_.messages, .errors = result_.errors});
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> Backfill::work_off() {
  workers_ = std::clamp(limits_.in_flight, 1, kMostInFlight);
  for (int i = workers_; i > 0; --i) {
    asio::co_spawn(executor_, work_on_queue(),
                   [self = shared_from_this()](const std::exception_ptr& failure) {
                     --self->workers_;
                     if (failure && !self->failure_) self->failure_ = failure;
                     if (failure) self->end(failure);
                     self->changed_.notify();
                   });
  }
  while (workers_ > 0) co_await changed_.wait();
  if (failure_) std::rethrow_exception(failure_);
  const bool asked =
      std::ranges::any_of(all_, [](const auto& work) { return work->asked && !work->failure; });
  if (asked && !phone_answers_) throw phone_is_silent();
}

// A thread whose request goes unanswered lets the others go first: one of them will tell whether
// it is the phone that is silent.
asio::awaitable<void> Backfill::work_on_queue() {
  while (!queue_.empty()) {
    auto work = queue_.front();
    queue_.pop_front();
    const Turn turn = co_await look_after(work);
    if (turn == Turn::kSilent) queue_.push_back(work);
  }
}

asio::awaitable<Backfill::Turn> Backfill::look_after(std::shared_ptr<Work> work) {
  const auto most_pages = limits_.per_thread / kMostOlderMessages + kPagesToSpare;
  while (!work->over) {
    throw_if_over();
    if (work->planned.exhausted || work->exhausted) {
      close(*work, BackfillOutcome::kExhausted);
    } else if (work->failure) {
      close(*work, BackfillOutcome::kError);
    } else if (work->messages >= limits_.per_thread || work->pages > most_pages) {
      close(*work, BackfillOutcome::kFilled);
    } else {
      co_await look_up_lid(work);
      std::optional<AnchorChoice> from = next_anchor(*work);
      if (!from || work->silences >= kMostSilences) {
        const bool filled = work->messages > 0 || work->pages > 0;
        close(*work, !work->asked ? BackfillOutcome::kNoAnchor
                     : filled     ? BackfillOutcome::kFilled
                                  : BackfillOutcome::kNoAnswer);
        break;
      }
      const Jid chat = from->chat;
      const bool answered = co_await ask(work, *std::move(from));
      if (!answered) {
        note_silence(*work, chat);
        co_return Turn::kSilent;
      }
    }
  }
  co_return Turn::kOver;
}

// As long as the phone has answered nothing, the next request names its chat by the other kind of
// address: that may be all that is wrong.
void Backfill::note_silence(Work& work, const Jid& chat) {
  log::info("the phone leaves a request for older messages unanswered");
  if (!phone_answers_ && chat_addresses(database_, chat).size() > 1)
    by_phone_number_ = chat.is_lid();
  if (work.silences++ > 0) return;
  if (++silent_threads_ >= (phone_answers_ ? kMostSilentLater : kMostSilentAtFirst))
    throw phone_is_silent();
}

// The last answer may have gone further back than what was stored of it: notices leave nothing.
std::optional<AnchorChoice> Backfill::next_anchor(const Work& work) const {
  if (work.cursor) {
    const Jid chat = Jid::parse(work.cursor->key.remote_jid).value_or(work.planned.thread.jid());
    AnchorChoice next{.anchor = *work.cursor,
                      .chat = chat_to_ask(database_, chat, by_phone_number_)};
    if (!work.tried.contains(next.key())) return next;
  }
  for (AnchorChoice& choice : anchor_choices(database_, work.planned.thread,
                                             work.planned.held_elsewhere, by_phone_number_))
    if (!work.tried.contains(choice.key())) return std::move(choice);
  return std::nullopt;
}

// Whether the chat can only be named by a number as yet, and nobody was asked for better.
bool Backfill::needs_lid(Work& work) {
  if (work.over || std::exchange(work.looked_up, true)) return false;
  const Jid& chat = work.planned.thread.jid();
  return chat.is(jid_server::kUser) && chat_addresses(database_, chat).size() == 1 &&
         !was_asked_about(database_, chat, UnixSeconds::now());
}

// A phone that has moved to LIDs finds no chat by a number whose LID it knows. The server tells the
// LID; it is asked for those whose turn comes soon as well.
asio::awaitable<void> Backfill::look_up_lid(std::shared_ptr<Work> work) {
  if ((phone_answers_ && by_phone_number_) || !needs_lid(*work)) co_return;
  std::vector<Jid> people{work->planned.thread.jid()};
  for (const auto& next : queue_) {
    if (people.size() == kMostPeople) break;
    if (needs_lid(*next)) people.push_back(next->planned.thread.jid());
  }
  const auto live = co_await online();
  try {
    co_await live->look_up_people(std::move(people));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNetwork) throw;
  }
}

// Waits until the phone may be asked once more.
asio::awaitable<void> Backfill::within_budget() {
  for (bool waits = false;; waits = true) {
    throw_if_over();
    const auto now = UnixSeconds::now();
    const auto wait = until_phone_may_be_asked(database_, now);
    if (wait.count() <= 0) co_return;
    if (!waits) {
      log::info("the phone was asked {} times within an hour: the next request waits {} seconds",
                kRequestsAnHour, wait.count());
      count_delayed_request(database_);
    }
    const auto until = Clock::now() + wait;
    if (until >= deadline_) throw phone_has_been_asked_enough(wait);
    co_await changed_.wait_until(until);
  }
}

// Whether an answer came. When the connection breaks, request or answer may be lost: it is asked
// again over the next one.
asio::awaitable<bool> Backfill::ask(std::shared_ptr<Work> work, AnchorChoice from) {
  work->tried.insert(from.key());
  work->awaited = from.anchor.key.id;
  work->asked = true;
  while (true) {
    co_await online();
    co_await within_budget();
    const auto live = co_await online();
    if (work->awaited.empty()) co_return true;  // it came while we were away
    send_request(*live, work, from);
    const bool connected = co_await await_answer(work, live);
    if (work->awaited.empty()) co_return true;
    if (!connected) continue;
    work->awaited.clear();
    co_return false;
  }
}

void Backfill::send_request(LiveConnection& live, const std::shared_ptr<Work>& work,
                            const AnchorChoice& from) {
  const auto wanted = std::max<std::int64_t>(1, limits_.per_thread - work->messages);
  const auto count = std::min<std::int64_t>(wanted + from.older_known, kMostOlderMessages);
  Transaction transaction(database_, "older messages asked for");
  const auto request =
      older_messages_request(live, database_, from, static_cast<int>(count), UnixSeconds::now());
  transaction.commit();
  if (!request) {
    throw Error(ErrorCode::kCrypto,
                Phrase{"there is no Signal session with the phone",
                       "nu există o sesiune Signal cu telefonul"},
                Phrase{"Send a message from the phone, or link again: wa-sync pair --again",
                       "Trimite un mesaj de pe telefon sau conectează din nou: wa-sync pair "
                       "--again"});
  }
  requests_[request->text("id")] = {
      .work = work,
      .anchor = from.anchor.key.id,
      .chat = from.chat,
      .other_address_known = chat_addresses(database_, from.chat).size() > 1};
  live.send(*request);
}

// False when the connection has ended. What is being taken in may be the answer.
asio::awaitable<bool> Backfill::await_answer(std::shared_ptr<Work> work,
                                             std::shared_ptr<LiveConnection> live) {
  const auto until = Clock::now() + limits_.answer_patience;
  while (!work->awaited.empty()) {
    throw_if_over();
    if (connection_.session() != live || !live->is_open()) co_return false;
    const auto now = Clock::now();
    const bool busy = connection_.history_busy();
    if (now >= until && !busy) break;
    const auto next = now >= until ? now + std::chrono::milliseconds(200) : until;
    co_await changed_.wait_until(std::min(next, deadline_));
  }
  co_return true;
}

asio::awaitable<std::shared_ptr<LiveConnection>> Backfill::online() {
  bool told = false;
  while (true) {
    throw_if_over();
    auto live = connection_.session();
    if (live && live->is_open()) co_return live;
    if (!std::exchange(told, true)) report_(backfill_event::Reconnecting{});
    co_await changed_.wait_until(deadline_);
  }
}

void Backfill::throw_if_over() const {
  if (end_) std::rethrow_exception(end_);
  if (Clock::now() >= deadline_) throw time_is_up();
}

void Backfill::end(const std::exception_ptr& reason) {
  if (!end_) end_ = reason;
  changed_.notify();
}

void Backfill::connection_changed() {
  changed_.notify();
}

// `awaited`: whether it answers what is waited for at present, and not something earlier.
std::shared_ptr<Backfill::Work> Backfill::work_of(const ChunkStatus& chunk, bool& awaited) {
  const auto found = requests_.find(chunk.request_id);
  if (chunk.request_id.empty() || found == requests_.end()) return nullptr;
  const auto& [work, anchor, chat, other_address_known] = found->second;
  awaited = !work->over && !anchor.empty() && work->awaited == anchor;
  // A chat that could be named one way only says nothing about the others.
  if (other_address_known) by_phone_number_ = !chat.is_lid();
  phone_answers_ = true;
  silent_threads_ = 0;
  return work;
}

void Backfill::chunk_done(const ChunkStatus& chunk) {
  bool awaited = false;
  const auto work = work_of(chunk, awaited);
  if (!work) return;
  work->messages += chunk.messages;
  if (work->over) result_.messages += chunk.messages;
  std::int64_t held = 0;
  for (const AnsweredChat& chat : chunk.answered) {
    held += chat.messages;
    if (chat.exhausted || chat.no_access) work->exhausted = true;
    const bool further = !work->cursor || chat.oldest_at <= work->cursor->sent_at;
    if (!chat.oldest.id.empty() && chat.known && further)
      work->cursor = Anchor{.key = chat.oldest, .sent_at = chat.oldest_at};
  }
  if (held > 0) {
    ++work->pages;
    work->silences = 0;
  }
  if (awaited) {
    // An answer with nothing in it is no better than none.
    if (held == 0) ++work->silences;
    work->awaited.clear();
    changed_.notify();
  }
}

void Backfill::chunk_failed(const ChunkStatus& chunk, const Error& error) {
  bool awaited = false;
  const auto work = work_of(chunk, awaited);
  if (!work || work->over) return;
  work->failure = error;
  if (!awaited) return;
  work->awaited.clear();
  changed_.notify();
}

// A phone that cannot read one request can read none.
void Backfill::request_failed(const FailedRequest& failed) {
  const auto found = requests_.find(failed.id);
  if (found == requests_.end()) return;
  const Error error = error_of(failed);
  if (failed.why == FailedRequest::Why::kUnreadable) {
    end(std::make_exception_ptr(error));
    return;
  }
  const auto& [work, anchor, chat, other_address_known] = found->second;
  if (work->over || work->awaited != anchor) return;
  work->failure = error;
  work->awaited.clear();
  changed_.notify();
}

void Backfill::close(Work& work, BackfillOutcome outcome) {
  work.over = true;
  ++result_.threads;
  result_.messages += work.messages;
  if (outcome == BackfillOutcome::kError) ++result_.errors;
  if (result_.first_threads.size() < kBackfilledThreadsKept)
    result_.first_threads.push_back({.thread = work.planned.thread.str(),
                                     .result = std::string(name(outcome)),
                                     .messages = work.messages});
  report_(backfill_event::Thread{.thread = work.planned.thread,
                                 .result = outcome,
                                 .messages = work.messages,
                                 .why = work.failure ? work.failure->message() : Words()});
}

// The job ends early: what a thread has got so far is told, and that it was asked in vain.
void Backfill::close_what_was_begun() {
  for (const auto& work : all_) {
    if (work->over || !work->asked) continue;
    if (work->pages > 0)
      close(*work, work->exhausted ? BackfillOutcome::kExhausted : BackfillOutcome::kFilled);
    else if (work->silences > 0)
      close(*work, BackfillOutcome::kNoAnswer);
  }
}

void Backfill::store_result() {
  update_account(database_, [this](Account& account) {
    account.last_backfill_at = UnixSeconds::now();
    account.last_backfill_result = result_;
  });
}

}  // namespace wasync
