// How a poll stands, and who comes to an event: what the answers to a message add up to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inbox/message.h"

namespace wasync {

// Answers to an invitation.
namespace event_answer {
inline constexpr std::string_view kGoing = "going";
inline constexpr std::string_view kNotGoing = "not_going";
inline constexpr std::string_view kMaybe = "maybe";
}  // namespace event_answer

// Ids of at most so many options of a vote count; WhatsApp's polls have twelve.
inline constexpr std::size_t kMaxPicks = 50;

// The id of a poll's option, from its name or from the hash that a vote has of it.
std::string poll_option_id(std::string_view name);
std::string poll_option_id_of_hash(BytesView sha256);
// The option with its name as it is stored: on one line, bounded.
PollOption poll_option(std::string_view name);

// What somebody picked, in words: names of options, or "going" and so on. An option that the poll
// is not known to have is "another option".
std::vector<std::string> picked(const Message& message, const Answer& answer);

struct AnswerCount {
  std::string option;
  std::int64_t count = 0;
  bool operator==(const AnswerCount&) const = default;
};
// The options in the poll's order, also those that nobody picked; "another option" last, if any.
// Of an event the three answers. Nothing while nobody has answered.
std::vector<AnswerCount> results_of(const Message& message);

// The body, and behind it what has been answered so far: "Votes: 12:00 2, 14:00 1".
std::string body_with_results(const Message& message);

}  // namespace wasync
