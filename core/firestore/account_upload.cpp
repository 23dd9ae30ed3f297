#include "firestore/account_upload.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "firestore/adoption.h"
#include "inbox/dirty.h"

namespace wasync::firestore {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kReportEvery{250};
// After this time, begin a new pass: it starts with what has become newest meanwhile.
constexpr milliseconds kLongestPass = std::chrono::seconds(5);
constexpr milliseconds kLastMoment = std::chrono::seconds(3);
// How long to wait until the ramp allows more, or there is room for another batch.
constexpr milliseconds kShortly{20};
constexpr milliseconds kLastLooks{50};

std::string refusal_text(const Failure& failure) {
  return std::string(name(failure.kind)) + ": " + failure.message.in(Language::kEnglish);
}

// Makes a Failure to report from an Error of the credentials, or from an unreadable answer.
Failure failure_from(const Error& error) {
  if (const auto* request = dynamic_cast<const FailedRequest*>(&error)) return request->failure;
  if (error.code() != ErrorCode::kFirestoreRefused &&
      error.code() != ErrorCode::kFirestoreUnreachable && error.code() != ErrorCode::kProtocol)
    throw;
  FailureKind kind = FailureKind::kUnreachable;
  if (error.code() == ErrorCode::kFirestoreRefused) kind = FailureKind::kUnauthenticated;
  if (error.code() == ErrorCode::kProtocol) kind = FailureKind::kMalformed;
  if (error.hint().empty()) return {.kind = kind, .message = error.message()};
  return {.kind = kind,
          .message = Phrase{"{} ({})", "{} ({})"}.with(error.message(), error.advice())};
}

}  // namespace

void UploadBatch::add(Upload upload, const std::string& root) {
  if (!uploads.empty()) body += ',';
  append_json(body, upload.write, root);
  uploads.push_back(std::move(upload));
}

AccountUpload::AccountUpload(UploadLine& line, const std::filesystem::path& file,
                             Uploader::OnState on_state)
    : line_(line),
      options_(line.options),
      on_state_(std::move(on_state)),
      database_(file, Database::Mode::kReadWrite),
      root_(line.client.target().root()),
      backoff_(options_.first_backoff, options_.most_backoff) {}

void AccountUpload::finish() {
  finishing_ = true;
  wake();
}

void AccountUpload::leave() {
  if (!leave_by_) leave_by_ = Clock::now() + kLastMoment;
}

std::optional<AccountUpload::Clock::time_point> AccountUpload::turn() {
  if (failed_) std::rethrow_exception(failed_);
  if (leave_by_) return wait_for_the_last();
  const auto now = Clock::now();
  if (resume_at_ && now < *resume_at_) {
    report(false);
    return std::min(*resume_at_ + milliseconds(1), now + options_.idle_look);
  }
  resume_at_.reset();
  if (!adopted_ && !adopt_now()) return now;
  if (!pass_) {
    if (now < look_at_) return look_at_;
    if (!begin_pass()) {
      report(true);
      if (last_look_) return std::nullopt;
      look_at_ = now + (finishing_ ? kLastLooks : options_.idle_look);
      return look_at_;
    }
  }
  if (!pass_over_ && line_.has_room()) {
    if (auto batch = next_batch()) {
      send(*std::move(batch));
      report(false);
      return now;
    }
  }
  report(false);
  if (under_way_ > 0) return now + kReportEvery;
  if (!pass_over_) return now + kShortly;
  end_pass();
  return resume_at_ ? *resume_at_ : std::max(now, look_at_);
}

// Waits for the answers to what is under way: then the next run need not send it again.
std::optional<AccountUpload::Clock::time_point> AccountUpload::wait_for_the_last() {
  if (under_way_ > 0 && Clock::now() < *leave_by_) return leave_by_;
  report(true);
  return std::nullopt;
}

bool AccountUpload::adopt_now() {
  trouble_in_pass_ = false;
  try {
    state_.adopted = adopt(database_, line_.client);
    state_.trouble.reset();
    adopted_ = true;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInterrupted) return false;
    note_trouble(failure_from(error));
  }
  return adopted_;
}

// Returns false when there is nothing to send.
bool AccountUpload::begin_pass() {
  const auto now = Clock::now();
  const bool gathered = !gathered_at_ || now - *gathered_at_ >= options_.gather;
  const DirtyCount dirty = count_dirty(database_);
  state_.queued = dirty.rows;
  state_.set_aside = dirty.set_aside;
  last_look_ = finishing_ && dirty.rows == 0;
  if (dirty.rows == 0) return false;
  // The first pass begins with the account, so that the app shows its conversations. Contacts, and
  // later changes of the account, wait to gather changes.
  const auto account = !gathered_at_            ? AccountTurn::kFirst
                       : finishing_ || gathered ? AccountTurn::kLast
                                                : AccountTurn::kNever;
  pass_.emplace(database_, UploadPass::Scope{.contacts = finishing_ || (gathered && gathered_at_),
                                             .account = account});
  if (gathered) gathered_at_ = now;
  pass_began_ = now;
  pass_over_ = false;
  trouble_in_pass_ = false;
  pass_written_ = 0;
  return true;
}

void AccountUpload::end_pass() {
  pass_.reset();
  held_.reset();
  again_.clear();
  if (pass_written_ > 0 || resume_at_) return;
  // Nothing was ready: what is dirty still gathers changes.
  report(true);
  const auto now = Clock::now();
  look_at_ = now + (finishing_ ? kLastLooks : options_.idle_look);
  if (gathered_at_)
    look_at_ = std::clamp(*gathered_at_ + options_.gather, now + kLastLooks, look_at_);
}

std::optional<UploadBatch> AccountUpload::next_batch() {
  if (!again_.empty()) {
    UploadBatch batch = std::move(again_.front());
    again_.pop_front();
    return batch;
  }
  UploadBatch batch = filled(std::min(line_.ramp.allowance(Clock::now()), options_.most_writes));
  if (batch.uploads.empty()) return std::nullopt;
  return batch;
}

UploadBatch AccountUpload::filled(std::size_t most_writes) {
  UploadBatch batch(most_writes);
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
    // This one does not fit: it begins the next batch.
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

void AccountUpload::send(UploadBatch batch) {
  const std::size_t count = batch.uploads.size();
  const std::size_t bytes = batch.body.size();
  batch.body += Client::kBatchTail;
  line_.ramp.sent(count);
  auto take = [weak = weak_from_this(), &line = line_, bytes, sent_at = Clock::now(),
               uploads = std::move(batch.uploads)](auto result) mutable {
    log::debug("Firestore answered to {} writes after {} ms", uploads.size(),
               (Clock::now() - sent_at) / milliseconds(1));
    --line.under_way;
    line.bytes_under_way -= bytes;
    const auto self = weak.lock();
    if (self) self->take(std::move(uploads), std::move(result));
  };
  try {
    line_.client.batch_write(std::move(batch.body), count, std::move(take));
  } catch (const Error& error) {
    note_trouble(failure_from(error));
    return;
  }
  ++under_way_;
  ++line_.under_way;
  line_.bytes_under_way += bytes;
}

void AccountUpload::take(std::vector<Upload> uploads, std::variant<WriteResults, Failure> result) {
  --under_way_;
  if (failed_) return;
  try {
    if (const auto* failure = std::get_if<Failure>(&result))
      take_refusal(std::move(uploads), *failure);
    else
      take_results(uploads, std::get<WriteResults>(result));
  } catch (...) {
    failed_ = std::current_exception();  // for this account's next turn to throw
  }
}

void AccountUpload::take_results(std::vector<Upload>& uploads, const WriteResults& results) {
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

void AccountUpload::take_refusal(std::vector<Upload> uploads, const Failure& failure) {
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

void AccountUpload::send_again(std::vector<Upload> uploads) {
  UploadBatch batch(uploads.size());
  for (Upload& upload : uploads) batch.add(std::move(upload), root_);
  again_.push_back(std::move(batch));
}

void AccountUpload::commit(std::span<const DirtyMark> marks,
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

void AccountUpload::note_success() {
  backoff_.reset();
  token_refused_ = false;
  if (!resume_at_) state_.trouble.reset();
}

// Sends nothing more until the wait is over. A new pass then finds what is still dirty.
void AccountUpload::note_trouble(const Failure& failure) {
  pass_over_ = true;
  if (failure.kind == FailureKind::kExhausted) line_.ramp.slow_down(Clock::now());
  // Several batches fail for the same reason. The later ones only say how long to wait.
  if (std::exchange(trouble_in_pass_, true)) {
    const auto asked =
        Clock::now() + std::min(failure.retry_after.value_or(milliseconds(0)), Backoff::kMostAsked);
    if (resume_at_) resume_at_ = std::max(*resume_at_, asked);
    return;
  }
  // The first time, the token may only have expired or been revoked: try at once with a new one.
  const bool at_once =
      failure.kind == FailureKind::kUnauthenticated && !std::exchange(token_refused_, true);
  const milliseconds wait = at_once ? milliseconds(0) : backoff_.wait(failure.retry_after);
  const auto until = Clock::now() + wait;
  if (!resume_at_ || until > *resume_at_) resume_at_ = until;
  if (at_once) return;
  if (!state_.trouble || state_.trouble->kind != failure.kind)
    log::warn("Firestore: {}", refusal_text(failure));
  state_.trouble = failure;
  state_.retry_in = wait;
  report(true);
}

void AccountUpload::report(bool now) {
  if (!on_state_) return;
  const auto at = Clock::now();
  if (!now && at - reported_at_ < kReportEvery) return;
  reported_at_ = at;
  const DirtyCount dirty = count_dirty(database_);
  state_.queued = dirty.rows;
  state_.set_aside = dirty.set_aside;
  on_state_(state_);
}

}  // namespace wasync::firestore
