#include "firestore/uploader.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "base/backoff.h"
#include "base/error.h"
#include "base/log.h"
#include "base/sqlite.h"
#include "firestore/adoption.h"
#include "firestore/credentials.h"
#include "firestore/traffic_ramp.h"
#include "firestore/upload_pass.h"

namespace wasync::firestore {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kIdleLook = std::chrono::seconds(1);
constexpr milliseconds kReportEvery = std::chrono::milliseconds(250);
// A new pass looks at what has become newest meanwhile.
constexpr milliseconds kLongestPass = std::chrono::seconds(5);
constexpr milliseconds kLastMoment = std::chrono::seconds(3);

struct Batch {
  std::vector<Upload> uploads{};
  std::string body{};  // with its head, without its tail

  explicit Batch(std::size_t expected = 0) : body(Client::kBatchHead) { uploads.reserve(expected); }
  void add(Upload upload, const std::string& root) {
    if (!uploads.empty()) body += ',';
    append_json(body, upload.write, root);
    uploads.push_back(std::move(upload));
  }
};

}  // namespace

UploadOptions upload_options_for(const Target& target) {
  UploadOptions out;
  if (target.emulator.empty()) return out;
  out.ramp = false;
  out.most_bytes = 3 << 20;
  return out;
}

// One run(): everything here belongs to the uploader's thread.
class Uploader::Run {
 public:
  explicit Run(Uploader& uploader)
      : up_(uploader),
        options_(uploader.options_),
        database_(uploader.file_, Database::Mode::kReadWrite),
        client_(
            uploader.http_, *uploader.credentials_, uploader.target_,
            [&uploader] { return uploader.stopping_.load(); }, milliseconds(0)),
        root_(uploader.target_.root()),
        backoff_(options_.first_backoff, options_.most_backoff),
        ramp_(options_.ramp, Clock::now()) {}

  void run() {
    if (!adopt_first()) return;
    while (!up_.stopping_) {
      if (paused()) continue;
      if (!pass_ && !begin_pass()) {
        if (last_look_) break;
        look_later();
        continue;
      }
      while (can_send() && send_next()) {
      }
      report(false);
      if (under_way_ > 0) {
        up_.http_.poll(poll_time());
      } else if (pass_over_) {
        end_pass();
      } else {
        up_.http_.poll(std::chrono::milliseconds(20));  // until the ramp allows more
      }
    }
    wait_for_the_last();
    report(true);
  }

 private:
  // False when it was stopped.
  bool adopt_first() {
    while (!up_.stopping_) {
      trouble_in_pass_ = false;
      try {
        state_.adopted = adopt(database_, client_);
        state_.trouble.reset();
        return true;
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kInterrupted) return false;
        note_trouble(failure_from(error));
      }
      while (!up_.stopping_ && paused()) {
      }
    }
    return false;
  }

  // An Error of the credentials, or an answer that cannot be read, as what is reported.
  static Failure failure_from(const Error& error) {
    if (const auto* request = dynamic_cast<const FailedRequest*>(&error)) return request->failure;
    if (error.code() != ErrorCode::kFirestoreRefused &&
        error.code() != ErrorCode::kFirestoreUnreachable && error.code() != ErrorCode::kProtocol)
      throw;
    FailureKind kind = FailureKind::kUnreachable;
    if (error.code() == ErrorCode::kFirestoreRefused) kind = FailureKind::kUnauthenticated;
    if (error.code() == ErrorCode::kProtocol) kind = FailureKind::kMalformed;
    std::string said = error.what();
    if (!error.hint().empty()) said += " (" + error.hint() + ")";
    return {.kind = kind, .message = std::move(said)};
  }

  // Waits a part of a backoff; false when there is none.
  bool paused() {
    if (!resume_at_) return false;
    const auto now = Clock::now();
    if (now >= *resume_at_) {
      resume_at_.reset();
      return false;
    }
    report(false);
    up_.http_.poll(std::min(
        std::chrono::duration_cast<milliseconds>(*resume_at_ - now) + milliseconds(1), kIdleLook));
    return true;
  }

  // False when there is nothing to send.
  bool begin_pass() {
    // Read before looking: what is committed before finish() is seen by this look.
    const bool finishing = up_.finishing_;
    const auto now = Clock::now();
    const bool gathered = !gathered_at_ || now - *gathered_at_ >= options_.gather;
    const DirtyCount dirty = count_dirty(database_);
    state_.queued = dirty.rows;
    state_.set_aside = dirty.set_aside;
    last_look_ = finishing && dirty.rows == 0;
    if (dirty.rows == 0) return false;
    // The account comes first of all, so that its status shows; contacts come at leisure.
    const auto account = !gathered_at_           ? AccountTurn::kFirst
                         : finishing || gathered ? AccountTurn::kLast
                                                 : AccountTurn::kNever;
    pass_.emplace(database_, UploadPass::Scope{.contacts = finishing || (gathered && gathered_at_),
                                               .account = account});
    if (gathered) gathered_at_ = now;
    pass_began_ = now;
    pass_over_ = false;
    trouble_in_pass_ = false;
    pass_written_ = 0;
    return true;
  }

  void end_pass() {
    pass_.reset();
    held_.reset();
    again_.clear();
    // Nothing of it could be sent yet: contacts that still gather changes, say.
    if (pass_written_ == 0 && !resume_at_) look_later();
  }

  void look_later() {
    report(true);
    up_.http_.poll(up_.finishing_ ? milliseconds(50) : kIdleLook);
  }

  bool can_send() const {
    return !up_.stopping_ && !resume_at_ && !pass_over_ && under_way_ < options_.most_under_way &&
           bytes_under_way_ < 2 * options_.most_bytes;
  }

  milliseconds poll_time() const { return std::min(kIdleLook, kReportEvery); }

  // False when there is nothing to send just now.
  bool send_next() {
    Batch batch;
    if (!again_.empty()) {
      batch = std::move(again_.front());
      again_.pop_front();
    } else {
      batch = filled(std::min(ramp_.allowance(Clock::now()), options_.most_writes));
    }
    if (batch.uploads.empty()) return false;
    send(std::move(batch));
    return true;
  }

  Batch filled(std::size_t most_writes) {
    Batch batch(most_writes);
    if (most_writes == 0) return batch;
    const bool late = Clock::now() - pass_began_ >= kLongestPass;
    while (!late && batch.uploads.size() < most_writes && batch.body.size() < options_.most_bytes) {
      if (held_) {
        batch.add(*std::exchange(held_, std::nullopt), root_);
        continue;
      }
      auto upload = pass_->next();
      if (!upload) break;
      const std::size_t before = batch.body.size();
      batch.add(*std::move(upload), root_);
      // One too many for this batch: it begins the next one.
      if (batch.body.size() > options_.most_bytes && batch.uploads.size() > 1) {
        held_ = std::move(batch.uploads.back());
        batch.uploads.pop_back();
        batch.body.resize(before);
        break;
      }
    }
    if (batch.uploads.empty() && under_way_ == 0) pass_over_ = true;
    return batch;
  }

  void send(Batch batch) {
    const std::size_t count = batch.uploads.size();
    const std::size_t bytes = batch.body.size();
    batch.body += Client::kBatchTail;
    ramp_.sent(count);
    try {
      client_.batch_write(std::move(batch.body), count,
                          [this, bytes, sent_at = Clock::now(),
                           uploads = std::move(batch.uploads)](auto result) mutable {
                            log::debug("Firestore answered to {} writes after {} ms",
                                       uploads.size(), (Clock::now() - sent_at) / milliseconds(1));
                            --under_way_;
                            bytes_under_way_ -= bytes;
                            if (const auto* failure = std::get_if<Failure>(&result))
                              take_refusal(std::move(uploads), *failure);
                            else
                              take_results(uploads, std::get<WriteResults>(result));
                          });
    } catch (const Error& error) {
      note_trouble(failure_from(error));
      return;
    }
    ++under_way_;
    bytes_under_way_ += bytes;
  }

  void take_results(std::vector<Upload>& uploads, const WriteResults& results) {
    std::vector<DirtyMark> marks;
    std::vector<std::pair<DirtyMark, std::string>> refused;
    std::vector<Upload> known;
    std::optional<Failure> passing;
    for (std::size_t i = 0; i < uploads.size(); ++i) {
      Upload& upload = uploads[i];
      if (!results[i]) {
        marks.push_back(upload.mark);
      } else if (results[i]->kind == FailureKind::kAlreadyExists && upload.if_known) {
        upload.write = *std::exchange(upload.if_known, std::nullopt);
        known.push_back(std::move(upload));
        continue;
      } else if (results[i]->worth_retrying()) {
        passing = results[i];
        pass_->settle(upload, false);
        continue;
      } else {
        refused.emplace_back(upload.mark, refusal_text(*results[i]));
      }
      pass_->settle(upload, true);
    }
    if (!known.empty()) send_again(std::move(known));
    commit(marks, refused);
    if (passing)
      note_trouble(*passing);
    else
      note_success();
  }

  static std::string refusal_text(const Failure& failure) {
    return std::string(name(failure.kind)) + ": " + failure.message;
  }

  void take_refusal(std::vector<Upload> uploads, const Failure& failure) {
    const bool about_content =
        failure.kind == FailureKind::kInvalid || failure.kind == FailureKind::kTooLarge;
    if (!about_content) {
      for (const Upload& upload : uploads) pass_->settle(upload, false);
      note_trouble(failure);
      return;
    }
    if (uploads.size() == 1) {
      commit({}, {{uploads.front().mark, refusal_text(failure)}});
      pass_->settle(uploads.front(), true);
      return;
    }
    const auto middle = uploads.begin() + static_cast<std::ptrdiff_t>(uploads.size() / 2);
    send_again({std::make_move_iterator(uploads.begin()), std::make_move_iterator(middle)});
    send_again({std::make_move_iterator(middle), std::make_move_iterator(uploads.end())});
  }

  void send_again(std::vector<Upload> uploads) {
    Batch batch(uploads.size());
    for (Upload& upload : uploads) batch.add(std::move(upload), root_);
    again_.push_back(std::move(batch));
  }

  void commit(std::span<const DirtyMark> marks,
              const std::vector<std::pair<DirtyMark, std::string>>& refused) {
    Transaction transaction(database_, "uploaded");
    mark_uploaded(database_, marks);
    for (const auto& [mark, why] : refused) {
      log::warn("Firestore refuses a document: {}", why);
      set_aside(database_, mark, why);
    }
    transaction.commit();
    const auto done = static_cast<std::int64_t>(marks.size() + refused.size());
    pass_written_ += done;
    state_.written += static_cast<std::int64_t>(marks.size());
    state_.set_aside += static_cast<std::int64_t>(refused.size());
    state_.queued = std::max<std::int64_t>(0, state_.queued - done);
  }

  void note_success() {
    backoff_.reset();
    token_refused_ = false;
    if (!resume_at_) state_.trouble.reset();
  }

  // Nothing more is sent until the wait is over; a new pass finds what is still dirty.
  void note_trouble(const Failure& failure) {
    pass_over_ = true;
    if (failure.kind == FailureKind::kExhausted) ramp_.slow_down(Clock::now());
    // What was under way beside the first that failed says nothing more, but how long to wait.
    if (std::exchange(trouble_in_pass_, true)) {
      const auto asked = Clock::now() + std::min(failure.retry_after.value_or(milliseconds(0)),
                                                 Backoff::kMostAsked);
      if (resume_at_) resume_at_ = std::max(*resume_at_, asked);
      return;
    }
    // The first time, the token may only have been revoked: it is asked for anew.
    const bool at_once =
        failure.kind == FailureKind::kUnauthenticated && !std::exchange(token_refused_, true);
    const milliseconds wait = at_once ? milliseconds(0) : backoff_.wait(failure.retry_after);
    const auto until = Clock::now() + wait;
    if (!resume_at_ || until > *resume_at_) resume_at_ = until;
    if (at_once) return;
    if (!state_.trouble || state_.trouble->kind != failure.kind)
      log::warn("Firestore: {}: {}", name(failure.kind), failure.message);
    state_.trouble = failure;
    state_.retry_in = wait;
    report(true);
  }

  // Their answers, if they come soon, save sending them again.
  void wait_for_the_last() {
    const auto until = Clock::now() + kLastMoment;
    while (under_way_ > 0 && Clock::now() < until) up_.http_.poll(milliseconds(100));
    up_.http_.cancel_all();
  }

  void report(bool now) {
    if (!options_.report) return;
    const auto at = Clock::now();
    if (!now && at - reported_at_ < kReportEvery) return;
    reported_at_ = at;
    const DirtyCount dirty = count_dirty(database_);
    state_.queued = dirty.rows;
    state_.set_aside = dirty.set_aside;
    options_.report(state_);
  }

  Uploader& up_;
  const UploadOptions& options_;
  Database database_;
  Client client_;
  std::string root_;
  Backoff backoff_;
  TrafficRamp ramp_;
  UploadState state_;
  std::optional<UploadPass> pass_;
  std::optional<Upload> held_;
  std::deque<Batch> again_;  // halves of refused batches, and writes in their other form
  Clock::time_point pass_began_;
  std::optional<Clock::time_point> gathered_at_;
  std::optional<Clock::time_point> resume_at_;
  Clock::time_point reported_at_;
  std::size_t under_way_ = 0;
  std::size_t bytes_under_way_ = 0;
  std::int64_t pass_written_ = 0;
  bool pass_over_ = false;
  bool trouble_in_pass_ = false;
  bool last_look_ = false;
  bool token_refused_ = false;
};

Uploader::Uploader(std::filesystem::path file, std::shared_ptr<Credentials> credentials,
                   Target target, UploadOptions options)
    : file_(std::move(file)),
      credentials_(std::move(credentials)),
      target_(std::move(target)),
      options_(std::move(options)) {}
Uploader::~Uploader() = default;

void Uploader::run() {
  Run(*this).run();
}

void Uploader::wake() {
  http_.wake();
}

void Uploader::finish() {
  finishing_ = true;
  wake();
}

void Uploader::stop() {
  stopping_ = true;
  wake();
}

}  // namespace wasync::firestore
