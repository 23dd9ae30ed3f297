#include "cli/backfill_view.h"

#include <fmt/format.h>
#include <unistd.h>

#include <map>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/held_log.h"
#include "cli/json_text.h"
#include "cli/term/live_area.h"
#include "cli/term/width.h"
#include "service/backfill_line.h"

namespace wasync {
namespace {

using namespace backfill_event;

constexpr Phrase kAsking{"Asking the phone for older messages…",
                         "Se cer telefonului mesaje mai vechi…"};
constexpr Phrase kReconnectingToAsk{"Connecting to WhatsApp…", "Se face conexiunea la WhatsApp…"};

class JsonBackfillView : public BackfillView {
 public:
  explicit JsonBackfillView(const Console& console) : console_(console) {}

  void show(const BackfillEvent& event) override { print(to_json(event)); }
  void show_plan(const Thread& thread, bool would_ask) override {
    auto line = to_json(BackfillEvent(thread));
    if (would_ask) line["result"] = "would_ask";
    print(std::move(line));
  }

 private:
  void print(nlohmann::ordered_json line) {
    const std::string event = line["event"];
    line.erase("event");
    console_.out(json_event(event.c_str(), line) + "\n");
  }

  const Console& console_;
};

// One line an event, `word key=value …`.
class LineBackfillView : public BackfillView {
 public:
  explicit LineBackfillView(const Console& console) : console_(console) {}

  void show(const BackfillEvent& event) override {
    std::visit([this](const auto& each) { print(each); }, event);
  }
  void show_plan(const Thread& thread, bool would_ask) override {
    console_.out(fmt::format("thread result={} thread={}\n",
                             would_ask ? "would_ask" : name(thread.result), thread.thread.str()));
  }

 private:
  void print(const Start& start) {
    if (!console_.quiet)
      console_.out(fmt::format("start threads={} skipped={}\n", start.threads, start.skipped));
  }
  void print(const Thread& thread) {
    if (!thread.why.empty())
      console_.note("wa-sync: " + terminal_safe(thread.why.in(console_.language)));
    if (console_.quiet) return;
    console_.out(fmt::format("thread result={} messages={} thread={}\n", name(thread.result),
                             thread.messages, thread.thread.str()));
  }
  void print(const Reconnecting&) { console_.note(console_.say(kReconnectingToAsk)); }
  void print(const Done& done) {
    console_.out(fmt::format("done threads={} messages={} errors={}\n", done.threads, done.messages,
                             done.errors));
  }

  const Console& console_;
};

// A bar while it runs, and what it came to.
class TerminalBackfillView : public BackfillView {
 public:
  explicit TerminalBackfillView(const Console& console) : console_(console), area_(STDERR_FILENO) {}

  void show(const BackfillEvent& event) override {
    std::visit([this](const auto& each) { take(each); }, event);
  }
  void show_plan(const Thread& thread, bool would_ask) override {
    console_.out(fmt::format("{:<10} {}\n", would_ask ? "would_ask" : name(thread.result),
                             thread.thread.jid().to_string()));
  }
  void release() override { area_.erase(); }

 private:
  void take(const Start& start) {
    start_ = start;
    status_ = console_.say(kAsking);
    redraw();
  }
  void take(const Thread& thread) {
    ++outcomes_[thread.result];
    ++done_;
    messages_ += thread.messages;
    status_ = console_.say(kAsking);
    redraw();
  }
  void take(const Reconnecting&) {
    status_ = console_.say(kReconnectingToAsk);
    redraw();
  }
  void take(const Done& done) {
    area_.erase();
    console_.out(console_.say({"{}: {} added", "{}: {} în plus"},
                              counted(noun::kConversation, done.threads),
                              counted(noun::kOlderMessage, done.messages)) +
                 "\n");
    tell(Phrase{"{}: the phone has nothing older", "{}: telefonul nu are nimic mai vechi"},
         outcomes_[BackfillOutcome::kExhausted]);
    tell(Phrase{"{}: they have no message here to start from",
                "{}: nu au aici niciun mesaj de la care să se pornească"},
         outcomes_[BackfillOutcome::kNoAnchor]);
    tell(Phrase{"{}: the phone gave no answer", "{}: telefonul nu a răspuns"},
         outcomes_[BackfillOutcome::kNoAnswer]);
    tell(Phrase{"{}: skipped, because the phone has nothing older (--force asks again)",
                "{}: sărite, pentru că telefonul nu are nimic mai vechi (--force cere din nou)"},
         start_.skipped);
  }

  void tell(Phrase what, std::int64_t threads) const {
    if (threads > 0) console_.note(console_.say(what, counted(noun::kConversation, threads)));
  }

  void redraw() {
    constexpr int kBarColumns = 30;
    const int percent = start_.threads > 0 ? static_cast<int>(done_ * 100 / start_.threads) : 100;
    const std::string counts =
        fmt::format("{}  {}/{}  {}", term::bar(percent, kBarColumns, term::speaks_utf8()), done_,
                    start_.threads, counted(noun::kMessage, messages_).in(console_.language));
    const int columns = area_.room().columns;
    area_.show({term::fit(status_, columns), term::fit(counts, columns)});
  }

  const Console& console_;
  term::LiveArea area_;
  Start start_{};
  std::int64_t done_ = 0;
  std::int64_t messages_ = 0;
  std::map<BackfillOutcome, std::int64_t> outcomes_{};
  std::string status_{};
};

}  // namespace

std::unique_ptr<BackfillView> make_backfill_view(const Console& console) {
  if (console.json) return std::make_unique<JsonBackfillView>(console);
  if (console.err_is_terminal && console.out_is_terminal && !console.quiet &&
      term::can_move_cursor())
    return std::make_unique<TerminalBackfillView>(console);
  return std::make_unique<LineBackfillView>(console);
}

}  // namespace wasync
