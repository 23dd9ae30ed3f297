// How many files this process may have open: an account that is listened to has about ten, and the
// usual limit of 1024 would end at a hundred accounts.
#pragma once

namespace wasync {

// As many as the administrator allows, within reason. What cannot be had is logged; nothing is
// thrown.
void allow_many_open_files();

}  // namespace wasync
