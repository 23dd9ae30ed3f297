#include "cli/held_log.h"

#include <spdlog/details/log_msg_buffer.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <mutex>
#include <utility>
#include <vector>

namespace wasync {
namespace {

using Held = std::vector<spdlog::details::log_msg_buffer>;

class HoldingSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  Held take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(held_, {});
  }
  bool any() {
    const std::lock_guard lock(mutex_);
    return !held_.empty();
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override { held_.emplace_back(message); }
  void flush_() override {}

  Held held_;
};

}  // namespace

struct HeldLog::State {
  std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
  std::shared_ptr<HoldingSink> sink = std::make_shared<HoldingSink>();
};

HeldLog::HeldLog() : state_(std::make_unique<State>()) {
  auto holding = std::make_shared<spdlog::logger>(state_->before->name(), state_->sink);
  holding->set_level(state_->before->level());
  spdlog::set_default_logger(std::move(holding));
}

HeldLog::~HeldLog() {
  spdlog::set_default_logger(state_->before);
  release();
}

bool HeldLog::any() const {
  return state_->sink->any();
}

void HeldLog::release() {
  for (const auto& message : state_->sink->take())
    for (const auto& sink : state_->before->sinks()) sink->log(message);
  state_->before->flush();
}

}  // namespace wasync
