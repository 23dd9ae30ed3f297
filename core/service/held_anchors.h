// Anchors for a backfill that Firestore has and this host does not.
#pragma once

#include "firestore/client.h"
#include "session/backfill/backfill_plan.h"

namespace wasync {

// Looks up the oldest messages of the plan's threads that Firestore held before we did: one small
// query for each. Where Firestore does not answer, the plan stays as it is, and the log says so.
void add_held_anchors(BackfillPlan& plan, firestore::Client& client);

}  // namespace wasync
