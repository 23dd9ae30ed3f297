#include "session/connection/offline_queue.h"

#include <utility>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "session/connection/stream.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

constexpr int kMostUnanswered = 3;
constexpr std::chrono::milliseconds kBetweenBatches{100};

Node batch_request() {
  return Node("ib", {}, std::vector<Node>{Node("offline_batch", {{"count", "100"}})});
}

}  // namespace

bool OfflineQueue::hear(const Node& about) {
  if (about.tag == "offline") {
    if (announced_ > 0) log::info("all {} stanzas that waited have come", announced_);
    end();
  }
  if (about.tag != "offline_preview" || pulling_ || over_) return false;
  announced_ = about.number("count").value_or(0);
  pulling_ = announced_ > 0;
  return pulling_;
}

void OfflineQueue::stored(const Node& stanza) {
  if (!stanza.has("offline")) return;
  ++arrived_;
  news_.notify();
}

void OfflineQueue::end() {
  over_ = true;
  news_.notify();
}

asio::awaitable<void> OfflineQueue::pull(std::shared_ptr<Stream> stream) {
  int unanswered = 0;
  while (!over_ && stream->is_open() && unanswered < kMostUnanswered) {
    const std::uint64_t before = arrived_;
    stream->send(batch_request());
    co_await news_.wait_for(patience_);
    if (over_) co_return;
    if (arrived_ > before) {
      unanswered = 0;
      const auto next = Wake::Clock::now() + kBetweenBatches;
      while (!over_ && Wake::Clock::now() < next) co_await news_.wait_until(next);
    } else if (refused_) {
      throw Error(ErrorCode::kNetwork,
                  Phrase{"WhatsApp holds back what waited behind a message that it was refused; "
                         "connecting again",
                         "WhatsApp reține ce aștepta în urma unui mesaj refuzat; se reconectează"});
    } else {
      ++unanswered;
    }
  }
  if (!over_) log::warn("WhatsApp announced {} stanzas and gave {}", announced_, arrived_);
}

}  // namespace wasync
