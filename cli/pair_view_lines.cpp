// For pipes and log files: one line an event, `word key=value …`, values without spaces
// except the last.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/pair_view.h"
#include "cli/passkey_script.h"
#include "cli/term/qr.h"
#include "cli/time_text.h"

namespace wasync {
namespace {

class LinePairView : public PairView {
 public:
  LinePairView(const Console& console, const PairOptions& options)
      : console_(console), options_(options) {}

  void show(const PairEvent& event) override {
    std::visit([this](const auto& each) { print(each); }, event);
  }
  // A line when the percentage moved, and one for every kind of trouble.
  void show(const firestore::UploadState& upload) override {
    const auto trouble = upload.trouble ? std::optional(upload.trouble->kind) : std::nullopt;
    if (trouble && trouble != last_trouble_)
      console_.note(
          "wa-sync: " +
          console_.say(kUploadWaits, terminal_safe(upload.trouble->message.in(console_.language))));
    last_trouble_ = trouble;
    const int percent = percent_sent(upload);
    if (console_.quiet || percent == last_percent_) return;
    last_percent_ = percent;
    console_.out(fmt::format("upload progress={} written={} queued={} set_aside={}\n", percent,
                             upload.written, upload.queued, upload.set_aside));
  }

 private:
  void print(const pair_event::Qr& qr) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(qr.expires_in);
    console_.out(fmt::format("qr expires_in={} code={}\n", seconds.count(), qr.text));
    // Asked for by name, a drawing goes into the pipe too: somebody will look at the file.
    if (options_.qr != QrChoice::kAuto) console_.out(drawing(qr.text));
  }
  void print(const pair_event::Code& code) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(code.expires_in);
    console_.note(console_.say(kCodeGuide));
    console_.out(fmt::format("code expires_in={} code={}\n", seconds.count(), code.text));
  }
  void print(const pair_event::Passkey& passkey) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(passkey.expires_in);
    console_.note(console_.say(kPasskeyGuide) + "\n\n" + passkey_script(passkey.options) + "\n" +
                  console_.say(kPasskeyAnswer));
    console_.out(
        fmt::format("passkey expires_in={} options={}\n", seconds.count(), passkey.options));
  }
  void print(const pair_event::PasskeyRefused& refused) {
    console_.out(fmt::format("passkey_refused message={}\n", refused.why.in(console_.language)));
  }
  void print(const pair_event::PasskeyCode& code) {
    console_.note(console_.say(kPasskeyAnswered, code.text));
    if (code.compare) console_.note(console_.say(kComparePasskeyCode));
    console_.out(
        fmt::format("passkey_code compare={} code={}\n", code.compare ? "yes" : "no", code.text));
  }
  void print(const pair_event::Paired& paired) {
    console_.out(fmt::format("paired account={} phone={} jid={}\n", paired.account.str(),
                             paired.phone, paired.jid));
  }
  void print(const pair_event::Resumed& resumed) {
    console_.out(
        fmt::format("resumed account={} phone={}\n", resumed.account.str(), resumed.phone));
  }
  // A line when a percentage moved, not for every step below it.
  void print(const pair_event::History& history) {
    const auto key = std::pair(history.type, history.progress);
    if (console_.quiet || key == last_history_) return;
    last_history_ = key;
    console_.out(fmt::format("history type={} progress={} threads={} messages={} contacts={}\n",
                             terminal_safe(history.type), history.progress, history.threads,
                             history.messages, history.contacts));
  }
  void print(const pair_event::ChunkFailed& failed) {
    console_.note(fmt::format("wa-sync: {} {}: {}", terminal_safe(failed.type), failed.chunk,
                              terminal_safe(failed.message.in(console_.language))));
  }
  void print(const pair_event::Reconnecting& reconnecting) {
    console_.note("wa-sync: " + console_.say(kReconnecting, terminal_safe(reconnecting.reason)));
  }
  void print(const pair_event::Done& done) {
    console_.out(fmt::format("done account={} threads={} messages={} contacts={}{}{}\n",
                             done.account.str(), done.threads, done.messages, done.contacts,
                             done.oldest_message_at.known()
                                 ? " oldest=" + rfc3339(done.oldest_message_at)
                                 : std::string(),
                             done.dry_run ? " dry_run=true" : ""));
    if (done.dry_run) console_.note(console_.say(kDryRun) + "\n" + console_.say(kStoreHistory));
    if (!done.damaged_app_state.empty())
      console_.note(app_state_warning(console_, done.damaged_app_state));
    if (const auto empty = why_empty(done))
      console_.note(console_.say(empty->why) + "\n" + console_.say(empty->what_to_do));
  }

  std::string drawing(const std::string& text) const {
    const term::QrCode code(text);
    const auto glyphs =
        options_.qr == QrChoice::kAscii ? term::QrGlyphs::kAscii : term::QrGlyphs::kHalfBlocks;
    const auto layout = term::lay_out(code, {.columns = 1000, .rows = 1000}, {glyphs});
    std::string out;
    // In a file there is no telling; most terminals it will be shown on are dark.
    for (const std::string& row : term::draw(code, *layout, term::QrInk::kLight)) out += row + "\n";
    return out;
  }

  const Console& console_;
  const PairOptions& options_;
  std::pair<std::string, std::uint32_t> last_history_;
  std::optional<firestore::FailureKind> last_trouble_;
  int last_percent_ = -1;
};

}  // namespace

std::unique_ptr<PairView> make_line_pair_view(const Console& console, const PairOptions& options) {
  return std::make_unique<LinePairView>(console, options);
}

}  // namespace wasync
