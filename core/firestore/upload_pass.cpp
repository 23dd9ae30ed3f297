#include "firestore/upload_pass.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "firestore/documents.h"

namespace wasync::firestore {
namespace {

constexpr std::size_t kRowsAtOnce = 500;

Account account_in(Database& database) {
  auto account = read_account(database);
  if (!account)
    throw Error(ErrorCode::kNotPaired,
                Phrase{"this account file has no account", "fișierul nu conține niciun cont"});
  return *std::move(account);
}

}  // namespace

UploadPass::UploadPass(Database& database, Scope scope)
    : database_(database),
      scope_(scope),
      account_(account_in(database)),
      threads_(threads_with_dirty_messages(database)) {
  std::ranges::reverse(threads_);
}

std::optional<Upload> UploadPass::next() {
  if (scope_.account == AccountTurn::kFirst)
    if (auto upload = next_account()) return upload;
  if (auto upload = next_ready()) return upload;
  if (auto upload = next_message()) return upload;
  // Looking for a message may have shown that a thread has none left: then the thread is ready.
  if (auto upload = next_ready()) return upload;
  if (auto upload = next_thread()) return upload;
  if (auto upload = next_contact()) return upload;
  return next_account();
}

std::optional<Upload> UploadPass::next_ready() {
  while (!ready_.empty()) {
    const std::int64_t row = ready_.front();
    ready_.pop_front();
    if (auto upload = thread_upload(row)) return upload;
  }
  return std::nullopt;
}

std::optional<Upload> UploadPass::next_account() {
  if (std::exchange(scope_.account, AccountTurn::kNever) == AccountTurn::kNever)
    return std::nullopt;
  const auto mark = dirty_account(database_);
  if (!mark) return std::nullopt;
  return Upload{.write = account_document(account_in(database_), mark->first_upload),
                .mark = *mark};
}

std::optional<Upload> UploadPass::next_contact() {
  if (!scope_.contacts) return std::nullopt;
  if (contacts_.empty()) {
    for (DirtyContact& each : dirty_contacts(database_, kRowsAtOnce, last_contact_))
      contacts_.push_back(std::move(each));
    scope_.contacts = !contacts_.empty();
    if (contacts_.empty()) return std::nullopt;
    last_contact_ = contacts_.back().mark.row;
  }
  const DirtyContact contact = std::move(contacts_.front());
  contacts_.pop_front();
  return Upload{.write = contact_document(account_.id, contact), .mark = contact.mark};
}

std::optional<Upload> UploadPass::next_message() {
  while (page_.empty()) {
    if (current_ == 0) {
      if (threads_.empty()) return std::nullopt;
      current_ = threads_.back();
      threads_.pop_back();
      cursor_ = {};
    }
    for (DirtyMessage& each : dirty_messages(database_, current_, kRowsAtOnce, cursor_))
      page_.push_back(std::move(each));
    if (!page_.empty()) {
      cursor_ = {.sent_at = page_.back().message.message.sent_at, .row = page_.back().mark.row};
      continue;
    }
    progress_[current_].all_taken = true;
    finish_if_settled(std::exchange(current_, 0));
  }
  const DirtyMessage message = std::move(page_.front());
  page_.pop_front();
  ++progress_[current_].under_way;
  Upload out{
      .write = message_document(account_, message), .mark = message.mark, .thread = current_};
  if (out.write.only_if_missing) out.if_known = message_document(account_, message, true);
  return out;
}

std::optional<Upload> UploadPass::next_thread() {
  if (!other_threads_) {
    other_threads_ = dirty_threads(database_);
    std::ranges::reverse(*other_threads_);
  }
  while (!other_threads_->empty()) {
    const std::int64_t row = other_threads_->back();
    other_threads_->pop_back();
    if (progress_.contains(row)) continue;  // written already, or waits for its messages
    if (auto upload = thread_upload(row)) return upload;
  }
  return std::nullopt;
}

std::optional<Upload> UploadPass::thread_upload(std::int64_t row) {
  const auto thread = dirty_thread(database_, row);
  if (!thread) return std::nullopt;
  return Upload{.write = thread_document(account_.id, *thread), .mark = thread->mark};
}

void UploadPass::settle(const Upload& upload, bool written) {
  if (upload.thread == 0) return;
  Progress& progress = progress_[upload.thread];
  --progress.under_way;
  if (!written) progress.failed = true;
  finish_if_settled(upload.thread);
}

void UploadPass::finish_if_settled(std::int64_t thread) {
  const Progress& progress = progress_[thread];
  if (progress.all_taken && progress.under_way == 0 && !progress.failed) ready_.push_back(thread);
}

}  // namespace wasync::firestore
