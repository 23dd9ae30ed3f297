#include "inbox/answers.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/text.h"

namespace wasync {
namespace {

constexpr std::size_t kIdDigits = 16;
constexpr std::size_t kMaxOptionBytes = 256;
constexpr std::string_view kAnotherOption = "another option";
constexpr std::string_view kInvitation[] = {event_answer::kGoing, event_answer::kMaybe,
                                            event_answer::kNotGoing};

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string in_words(std::string_view answer) {
  return answer == event_answer::kNotGoing ? "not going" : std::string(answer);
}

}  // namespace

std::string poll_option_id_of_hash(BytesView hash) {
  return hex_encode(hash).substr(0, kIdDigits);
}

std::string poll_option_id(std::string_view name) {
  return poll_option_id_of_hash(sha256(as_bytes(name)));
}

PollOption poll_option(std::string_view name) {
  const std::string repaired = repaired_utf8(first_bytes(name, kMaxOptionBytes));
  return {.id = poll_option_id(name),
          .name = terminal_safe(first_bytes(repaired, kMaxOptionBytes))};
}

std::vector<std::string> picked(const Message& message, const Answer& answer) {
  std::vector<std::string> out;
  for (const std::string_view pick : words(answer.picks)) {
    std::string name;
    if (message.type == message_type::kEvent) {
      name = in_words(pick);
    } else {
      const auto option = std::ranges::find(message.poll_options, pick, &PollOption::id);
      name = option == message.poll_options.end() ? std::string(kAnotherOption) : option->name;
    }
    out.push_back(std::move(name));
  }
  return out;
}

std::vector<AnswerCount> results_of(const Message& message) {
  std::vector<AnswerCount> out;
  const bool answered = std::ranges::any_of(
      message.answers, [](const auto& entry) { return !entry.second.picks.empty(); });
  if (!answered) return out;
  if (message.type == message_type::kEvent) {
    for (const std::string_view each : kInvitation) out.push_back({.option = in_words(each)});
  }
  for (const PollOption& option : message.poll_options) out.push_back({.option = option.name});
  for (const auto& [participant, answer] : message.answers) {
    for (const std::string& option : picked(message, answer)) {
      auto found = std::ranges::find(out, option, &AnswerCount::option);
      if (found == out.end()) found = out.insert(out.end(), {.option = option});
      ++found->count;
    }
  }
  return out;
}

std::string body_with_results(const Message& message) {
  std::string out = message.body.value_or(std::string());
  std::string results;
  for (const AnswerCount& each : results_of(message)) {
    if (each.count == 0) continue;
    results += (results.empty() ? "" : ", ") + each.option + " " + std::to_string(each.count);
  }
  if (results.empty()) return out;
  if (!out.empty()) out += "\n\n";
  out += message.type == message_type::kEvent ? "Answers: " : "Votes: ";
  return out + results;
}

}  // namespace wasync
