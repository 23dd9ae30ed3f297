// How many files this process may have open. `listen` needs about ten for each account, so the
// usual limit of 1024 would do for a hundred accounts.
#pragma once

namespace wasync {

// As many as the administrator allows, within reason. What cannot be had is logged; nothing is
// thrown.
void allow_many_open_files();

}  // namespace wasync
