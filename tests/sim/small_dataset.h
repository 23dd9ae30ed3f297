// The dataset "small": one of every kind of chat and message, and what strangers do on
// purpose.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wasync::sim {

struct Dataset;

// Adds people and chats; `newest` is the time of the newest message, Unix seconds.
void fill_small_dataset(Dataset& dataset, std::int64_t newest, std::size_t older);

}  // namespace wasync::sim
