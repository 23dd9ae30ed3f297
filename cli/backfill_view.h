// How `backfill` shows what happens: for a script, a pipe, or a person.
#pragma once

#include <memory>

#include "cli/console.h"
#include "session/backfill/backfill_event.h"

namespace wasync {

class BackfillView {
 public:
  virtual ~BackfillView() = default;
  virtual void show(const BackfillEvent& event) = 0;
  // Nothing was asked: what would be. `thread`'s result is of no account where it would.
  virtual void show_plan(const backfill_event::Thread& thread, bool would_ask) = 0;
  // Whatever was drawn stays or goes; called before anything else is written.
  virtual void release() {}
};

std::unique_ptr<BackfillView> make_backfill_view(const Console& console);

}  // namespace wasync
