// One walk over everything of an account that the Inbox does not have yet, in the order in which to
// write it: thread by thread, newest activity first, a thread's messages before the thread itself;
// then contacts, then the account.
//
// No document comes twice in a pass. So two writes of one document are never under way together,
// and the next pass takes up what changes during this one.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "firestore/write.h"
#include "inbox/account.h"
#include "inbox/dirty.h"

namespace wasync::firestore {

struct Upload {
  DocumentWrite write{};
  DirtyMark mark{};
  std::int64_t thread = 0;  // of a message: its thread's row
  // The write to send instead when the document turns out to be there already.
  std::optional<DocumentWrite> if_known{};
};

enum class AccountTurn { kNever, kFirst, kLast };

class UploadPass {
 public:
  struct Scope {
    bool contacts = true;
    AccountTurn account = AccountTurn::kLast;
  };
  // Reads `database` now and at every next(); throws Error(kNotPaired) without an account.
  UploadPass(Database& database, Scope scope);

  // Nothing when there is no more, or when what is left waits for answers.
  std::optional<Upload> next();
  // Call with the answer to an upload. A thread follows once Firestore has the last of its
  // messages; when a message failed, the thread waits for another pass.
  void settle(const Upload& upload, bool written);

 private:
  struct Progress {
    std::size_t under_way = 0;
    bool all_taken = false;
    bool failed = false;
  };

  std::optional<Upload> next_ready();
  std::optional<Upload> next_account();
  std::optional<Upload> next_message();
  std::optional<Upload> next_thread();
  std::optional<Upload> next_contact();
  std::optional<Upload> thread_upload(std::int64_t row);
  void finish_if_settled(std::int64_t thread);

  Database& database_;
  Scope scope_;
  Account account_;
  std::vector<std::int64_t> threads_;  // with dirty messages; the next one last
  std::deque<DirtyMessage> page_;
  MessageCursor cursor_;
  std::int64_t current_ = 0;  // the thread of `page_`
  std::unordered_map<std::int64_t, Progress> progress_;
  std::deque<std::int64_t> ready_;                            // whose messages are all there
  std::optional<std::vector<std::int64_t>> other_threads_{};  // the next one last
  std::deque<DirtyContact> contacts_;
  std::int64_t last_contact_ = 0;
};

}  // namespace wasync::firestore
