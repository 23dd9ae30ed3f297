// Sums up the answers to a message: how a poll stands, and who comes to an event.
#pragma once

#include <cstdint>
#include <optional>
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

// At most this many options of a vote count; WhatsApp's polls have twelve.
inline constexpr std::size_t kMaxPicks = 50;

// The id of a poll option, from its name or from the name's hash, which a vote carries.
std::string poll_option_id(std::string_view name);
std::string poll_option_id_of_hash(BytesView sha256);
// The option as we store it: its name is on one line and bounded.
PollOption poll_option(std::string_view name);

// What a person picked, in words: names of options, or "going" and so on. "another option" stands
// for an option that we do not know the poll to have.
std::vector<std::string> picked(const Message& message, const Answer& answer);

struct AnswerCount {
  std::string option;
  std::int64_t count = 0;
  bool operator==(const AnswerCount&) const = default;
};
// The options in the poll's order, including those that no one picked, then "another option", if
// any. For an event, the three answers. Empty while there are no answers.
std::vector<AnswerCount> results_of(const Message& message);

// The same on one line, without the options that no one picked: "12:00 2, 14:00 1".
std::string results_text(const Message& message);
// The body followed by the results so far, for an app that shows nothing else.
std::optional<std::string> body_with_results(const Message& message);

}  // namespace wasync
