// What time it is by Google's servers.
#pragma once

#include "base/http.h"

namespace wasync {

// Teaches the whole process (base/clock.h) the time of the answer's Date header, when our clock is
// wrong and no server has told the time yet; WhatsApp's word stands. Only for an answer of a server
// that has proved who it is, not of an emulator or of the metadata server.
void learn_googles_time(const HttpHead& answer);

}  // namespace wasync
