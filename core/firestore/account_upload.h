// One account's part in the uploader's work: sends what its file holds, and notes the answers.
// Belongs to the uploader's thread, as everything here does.
#pragma once

#include <chrono>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/backoff.h"
#include "base/error.h"
#include "base/sqlite.h"
#include "firestore/client.h"
#include "firestore/traffic_ramp.h"
#include "firestore/upload_pass.h"
#include "firestore/uploader.h"

namespace wasync::firestore {

// What all accounts of one uploader share.
struct UploadLine {
  Client& client;
  const UploadOptions& options;
  TrafficRamp ramp;
  std::size_t under_way = 0;  // batches
  std::size_t bytes_under_way = 0;

  bool has_room() const {
    return under_way < options.most_under_way && bytes_under_way < 2 * options.most_bytes;
  }
};

// Writes that go out as one request; `body` grows with them.
struct UploadBatch {
  std::vector<Upload> uploads{};
  std::string body{};  // with its head, without its tail

  explicit UploadBatch(std::size_t expected = 0) : body(Client::kBatchHead) {
    uploads.reserve(expected);
  }
  void add(Upload upload, const std::string& root);
};

// Held by shared_ptr: an answer may come after the uploader has dropped the account.
class AccountUpload : public std::enable_shared_from_this<AccountUpload> {
 public:
  using Clock = std::chrono::steady_clock;

  // `line` outlives every answer; `file` is a migrated account file with an account.
  AccountUpload(UploadLine& line, const std::filesystem::path& file, Uploader::OnState on_state);

  // Does what it can do now, little at a time so that other accounts have their turn. Returns when
  // to call it again, unless an answer or wake() comes first; nothing when it is over. Throws
  // Error(kStore) and the like; trouble with Firestore goes into the state instead.
  std::optional<Clock::time_point> turn();

  void wake() { look_at_ = {}; }
  void finish();  // nothing new will come: over once all is sent
  void leave();   // over soon: waits a moment for what is under way

 private:
  bool adopt_now();
  std::optional<Clock::time_point> wait_for_the_last();
  bool begin_pass();
  void end_pass();
  std::optional<UploadBatch> next_batch();
  UploadBatch filled(std::size_t most_writes);
  void send(UploadBatch batch);
  void send_again(std::vector<Upload> uploads);
  void take(std::vector<Upload> uploads, std::variant<WriteResults, Failure> result);
  void take_results(std::vector<Upload>& uploads, const WriteResults& results);
  void take_refusal(std::vector<Upload> uploads, const Failure& failure);
  void commit(std::span<const DirtyMark> marks,
              const std::vector<std::pair<DirtyMark, std::string>>& refused);
  void note_success();
  void note_trouble(const Failure& failure);
  void report(bool now);

  UploadLine& line_;
  const UploadOptions& options_;
  Uploader::OnState on_state_;
  Database database_;
  std::string root_;
  Backoff backoff_;
  UploadState state_;
  std::optional<UploadPass> pass_;
  std::optional<Upload> held_;
  std::deque<UploadBatch> again_;  // halves of refused batches, and writes by Upload::if_known
  Clock::time_point pass_began_;
  Clock::time_point look_at_{};
  std::optional<Clock::time_point> gathered_at_;
  std::optional<Clock::time_point> resume_at_;
  std::optional<Clock::time_point> leave_by_;
  Clock::time_point reported_at_;
  std::size_t under_way_ = 0;  // batches of this account
  std::int64_t pass_written_ = 0;
  bool adopted_ = false;
  bool finishing_ = false;
  bool pass_over_ = false;
  bool trouble_in_pass_ = false;
  bool last_look_ = false;
  bool token_refused_ = false;
  std::exception_ptr failed_;
};

}  // namespace wasync::firestore
