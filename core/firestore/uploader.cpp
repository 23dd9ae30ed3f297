#include "firestore/uploader.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "firestore/account_upload.h"

namespace wasync::firestore {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLongestWait = std::chrono::seconds(1);

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
        client_(
            uploader.http_, *uploader.inbox_.credentials, uploader.inbox_.target,
            [&uploader] { return uploader.stopping_.load(); }, milliseconds(0)),
        line_{.client = client_,
              .options = uploader.options_,
              .ramp = TrafficRamp(uploader.options_.ramp, Clock::now())} {}
  // Drop requests under way: their answers would call into this object.
  ~Run() { up_.http_.cancel_all(); }

  void run() {
    while (true) {
      for (const auto& what : up_.told()) what(*this);
      if (up_.stopping_)
        for (Served& each : served_) each.upload->leave();
      if (served_.empty() && (up_.stopping_ || finishing_)) return;
      const auto next = take_turns();
      const auto wait = std::chrono::ceil<milliseconds>(next - Clock::now());
      up_.http_.poll(std::clamp(wait, milliseconds(0), kLongestWait));
    }
  }

  void add(const std::filesystem::path& file, OnState on_state, OnEnd on_end) {
    remove(file);
    Served served{.file = file, .upload = nullptr, .on_end = std::move(on_end)};
    try {
      served.upload = std::make_shared<AccountUpload>(line_, file, std::move(on_state));
    } catch (...) {
      if (served.on_end) served.on_end(std::current_exception());
      return;
    }
    if (finishing_) served.upload->finish();
    served_.push_back(std::move(served));
  }
  template <typename Action>
  void each_of(const std::filesystem::path& file, const Action& action) {
    for (Served& each : served_)
      if (each.file == file) action(*each.upload);
  }
  void remove(const std::filesystem::path& file) {
    each_of(file, [](AccountUpload& upload) { upload.leave(); });
  }
  void finish() {
    finishing_ = true;
    for (Served& each : served_) each.upload->finish();
  }

 private:
  struct Served {
    std::filesystem::path file;
    std::shared_ptr<AccountUpload> upload;
    OnEnd on_end;
  };

  // Returns when the first account wants another turn.
  Clock::time_point take_turns() {
    Clock::time_point next = Clock::now() + kLongestWait;
    // Room for batches is scarce, so the account that was first last time is last now.
    if (served_.size() > 1) std::ranges::rotate(served_, served_.begin() + 1);
    for (std::size_t i = 0; i < served_.size();) {
      std::optional<Clock::time_point> wanted;
      std::exception_ptr failure;
      try {
        wanted = served_[i].upload->turn();
      } catch (...) {
        failure = std::current_exception();
      }
      if (wanted) {
        next = std::min(next, *wanted);
        ++i;
        continue;
      }
      const OnEnd on_end = std::move(served_[i].on_end);
      served_.erase(served_.begin() + static_cast<std::ptrdiff_t>(i));
      if (on_end) on_end(failure);
    }
    return next;
  }

  Uploader& up_;
  Client client_;
  UploadLine line_;
  std::vector<Served> served_;
  bool finishing_ = false;
};

Uploader::Uploader(FirestoreInbox inbox, UploadOptions options)
    : inbox_(std::move(inbox)), options_(std::move(options)) {}
Uploader::~Uploader() = default;

void Uploader::run() {
  Run(*this).run();
}

void Uploader::tell(std::function<void(Run&)> what) {
  {
    const std::lock_guard lock(mutex_);
    told_.push_back(std::move(what));
  }
  http_.wake();
}

std::vector<std::function<void(Uploader::Run&)>> Uploader::told() {
  const std::lock_guard lock(mutex_);
  return std::exchange(told_, {});
}

void Uploader::add(const std::filesystem::path& file, OnState on_state, OnEnd on_end) {
  tell([=](Run& run) { run.add(file, on_state, on_end); });
}

void Uploader::wake(const std::filesystem::path& file) {
  tell([=](Run& run) { run.each_of(file, [](AccountUpload& upload) { upload.wake(); }); });
}

void Uploader::remove(const std::filesystem::path& file) {
  tell([=](Run& run) { run.remove(file); });
}

void Uploader::finish(const std::filesystem::path& file) {
  tell([=](Run& run) { run.each_of(file, [](AccountUpload& upload) { upload.finish(); }); });
}

void Uploader::finish() {
  tell([](Run& run) { run.finish(); });
}

void Uploader::stop() {
  stopping_ = true;
  http_.wake();
}

}  // namespace wasync::firestore
