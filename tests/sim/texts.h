// Words for invented people and messages.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "sim/random.h"

namespace wasync::sim {

// Sentences in several languages and scripts until about `length` bytes are reached, always
// whole sentences.
std::string invent_text(Random& random, std::size_t length);
std::string invent_person_name(Random& random);
std::string invent_group_subject(Random& random);

// Texts that break naive programs: control characters, terminal escapes, right-to-left
// overrides, markup, path separators.
std::span<const std::string_view> hostile_texts();

}  // namespace wasync::sim
