#include "cli/pair_view.h"

#include <unistd.h>

#include <algorithm>

#include "cli/term/width.h"
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

std::optional<EmptyInbox> why_empty(const pair_event::Done& done) {
  if (done.threads > 0 || done.messages > 0 || done.dry_run) return std::nullopt;
  switch (done.ending) {
    case pair_event::Done::Ending::kComplete:
      return EmptyInbox{.why = Text::kEmptyNoChats, .what_to_do = Text::kEmptyNoChatsDo};
    case pair_event::Done::Ending::kStalled:
      return EmptyInbox{.why = Text::kNoHistoryCame, .what_to_do = Text::kNoHistoryCameDo};
    case pair_event::Done::Ending::kNotAwaited: break;
  }
  return std::nullopt;
}

int percent_sent(const firestore::UploadState& upload) {
  const std::int64_t all = upload.written + upload.queued;
  return all == 0 ? 100 : static_cast<int>(upload.written * 100 / all);
}

std::string pair_summary(const Console& console, const term::Style& style,
                         const pair_event::Done& done, const std::string& who,
                         const std::optional<firestore::UploadState>& upload) {
  const auto row = [&](Text label, const std::string& value) {
    constexpr int kValueColumn = 24;
    const std::string line = "  " + console.say(label);
    const int gap = std::max(2, kValueColumn - term::display_width(line));
    return line + std::string(static_cast<std::size_t>(gap), ' ') + value + "\n";
  };
  const auto number = [&](std::int64_t value) { return grouped(console.language, value); };

  const bool complete = done.ending == pair_event::Done::Ending::kComplete;
  const auto empty = why_empty(done);
  std::string out;
  if (done.dry_run)
    out += style.yellow(console.say(Text::kDryRun)) + "\n";
  else if (empty)
    out += style.yellow(console.say(empty->why)) + "\n";
  else if (complete)
    out += style.green(console.say(Text::kDone)) + "\n";
  else
    out += style.yellow(console.say(Text::kStillArriving)) + "\n";

  out += "\n" + row(Text::kSummaryAccount, who) + row(Text::kSummaryThreads, number(done.threads)) +
         row(Text::kSummaryMessages, number(done.messages)) +
         row(Text::kSummaryContacts, number(done.contacts));
  if (done.oldest_message_at.known())
    out += row(Text::kSummaryOldest, local_date(done.oldest_message_at));
  if (upload) {
    out += row(Text::kSummarySent, number(upload->written));
    if (upload->queued > 0) out += row(Text::kSummaryQueued, style.yellow(number(upload->queued)));
    if (upload->set_aside > 0)
      out +=
          "\n" + style.yellow(console.say(Text::kUploadSetAside, number(upload->set_aside))) + "\n";
  }
  if (done.failed_chunks > 0)
    out += "\n" + style.yellow(console.say(Text::kChunksFailed, done.failed_chunks)) + "\n";
  if (done.damaged_parts > 0)
    out += "\n" + style.yellow(console.say(Text::kPartsDamaged, done.damaged_parts)) + "\n";
  if (!done.damaged_app_state.empty())
    out += "\n" + style.yellow(app_state_warning(console, done.damaged_app_state)) + "\n";

  out += "\n" + style.bold(console.say(Text::kNextLabel) + ":") + "\n";
  if (done.dry_run) return out + "  " + console.say(Text::kDryRunDo) + "\n";
  if (empty) return out + "  " + console.say(empty->what_to_do) + "\n";
  return out + "  " + console.say(Text::kNextList) + "\n  " + console.say(Text::kNextShow) + "\n";
}

}  // namespace wasync
