#include "service/held_anchors.h"

#include "base/error.h"
#include "base/log.h"
#include "firestore/held_messages.h"

namespace wasync {
namespace {

constexpr std::int64_t kAnchorsEach = 3;  // the phone may not know the first

}  // namespace

void add_held_anchors(BackfillPlan& plan, firestore::Client& client) {
  try {
    for (PlannedThread& thread : plan.threads) {
      if (!thread.adopted || thread.exhausted) continue;
      thread.held_elsewhere = firestore::oldest_held(client, thread.thread, kAnchorsEach);
      thread.has_anchor = thread.has_anchor || !thread.held_elsewhere.empty();
    }
  } catch (const Error& error) {
    log::warn("older messages are asked for from what is stored here alone: {}", error.what());
  }
}

}  // namespace wasync
