#include "cli/pair_view.h"

#include <unistd.h>

#include <algorithm>

#include "cli/time_text.h"

namespace wasync {

std::unique_ptr<PairView> make_pair_view(const Console& console, const PairOptions& options) {
  if (console.json) return make_json_pair_view(console);
  if (term::can_move_cursor() && console.out_is_terminal)
    return make_terminal_pair_view(console, options, STDOUT_FILENO);
  if (term::can_move_cursor() && console.err_is_terminal)
    return make_terminal_pair_view(console, options, STDERR_FILENO);
  return make_line_pair_view(console, options);
}

std::string pair_summary(const Console& console, const term::Style& style,
                         const pair_event::Done& done, const std::string& who) {
  const auto row = [&](Text label, const std::string& value) {
    std::string line = "  " + console.say(label);
    line.resize(std::max<std::size_t>(line.size() + 2, 24), ' ');
    return line + value + "\n";
  };
  const auto number = [&](std::int64_t value) { return grouped(console.language, value); };

  const bool nothing_came = done.threads == 0 && done.messages == 0;
  const bool complete = done.ending == pair_event::Done::Ending::kComplete;
  std::string out;
  if (complete)
    out += style.green(console.say(Text::kDone)) + "\n";
  else if (nothing_came && done.ending == pair_event::Done::Ending::kStalled)
    out += style.yellow(console.say(Text::kNoHistoryCame)) + "\n";
  else
    out += style.yellow(console.say(Text::kStillArriving)) + "\n";

  out += "\n" + row(Text::kSummaryAccount, who) + row(Text::kSummaryThreads, number(done.threads)) +
         row(Text::kSummaryMessages, number(done.messages)) +
         row(Text::kSummaryContacts, number(done.contacts));
  if (done.oldest_message_at.known())
    out += row(Text::kSummaryOldest, local_date(done.oldest_message_at));
  if (done.failed_chunks > 0)
    out += "\n" + style.yellow(console.say(Text::kChunksFailed, done.failed_chunks)) + "\n";

  out += "\n" + style.bold(console.say(Text::kNextLabel) + ":") + "\n";
  if (nothing_came) return out + "  " + console.say(Text::kNoHistoryCameDo) + "\n";
  return out + "  " + console.say(Text::kNextList) + "\n  " + console.say(Text::kNextShow) + "\n";
}

}  // namespace wasync
