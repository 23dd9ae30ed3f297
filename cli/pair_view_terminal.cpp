// For a person: the QR code drawn in place, then a bar for each phase of the history, then
// what it came to.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

#include "base/text.h"
#include "cli/held_log.h"
#include "cli/pair_view.h"
#include "cli/passkey_script.h"
#include "cli/term/live_area.h"
#include "cli/term/qr.h"
#include "cli/term/width.h"

namespace wasync {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Phrase kStops{"Ctrl-C stops", "Ctrl-C oprește"};

struct ShownQr {
  term::QrCode code;
  Clock::time_point expires_at;
};

struct ShownCode {
  std::string text;
  Clock::time_point expires_at;
};

struct Phase {
  std::string type;  // of the history; empty for the upload
  Phrase label;
  std::uint32_t progress = 0;
};

// The phases a person waits for. Others (status updates, settings) come along unannounced.
std::optional<Phrase> phase_label(const std::string& type) {
  if (type == "INITIAL_BOOTSTRAP") return Phrase{"conversations", "conversații"};
  if (type == "RECENT") return Phrase{"recent history", "istoric recent"};
  if (type == "FULL") return Phrase{"older history", "istoric vechi"};
  if (type == "PUSH_NAME") return Phrase{"names", "nume"};
  return std::nullopt;
}

class TerminalPairView : public PairView {
 public:
  TerminalPairView(const Console& console, const PairOptions& options, int descriptor)
      : console_(console),
        options_(options),
        style_(descriptor == STDOUT_FILENO ? console.out_style : console.err_style),
        result_elsewhere_(descriptor != STDOUT_FILENO),
        utf8_(options.qr == QrChoice::kUtf8 ||
              (options.qr == QrChoice::kAuto && term::speaks_utf8())),
        area_(descriptor) {
    status_ = console_.say({"connecting to WhatsApp", "conectare la WhatsApp"});
    redraw();
  }

  void show(const PairEvent& event) override {
    std::visit([this](const auto& each) { take(each); }, event);
  }
  void show(const firestore::UploadState& upload) override {
    upload_ = upload;
    redraw();
  }
  void tick() override { redraw(); }

 private:
  void take(const pair_event::Qr& qr) {
    qr_.emplace(ShownQr{term::QrCode(qr.text), Clock::now() + qr.expires_in});
    status_.clear();
    redraw();
  }
  void take(const pair_event::Code& code) {
    const bool replaces = code_.has_value();
    code_.emplace(ShownCode{code.text, Clock::now() + code.expires_in});
    status_.clear();
    if (replaces)
      remark(console_.say({"The former code is no longer valid; use this one.",
                           "Codul dinainte nu mai este valabil; folosește-l pe acesta."}));
    else
      redraw();
  }
  void take(const pair_event::Passkey& passkey) {
    qr_.reset();
    code_.reset();
    passkey_expires_at_ = Clock::now() + passkey.expires_in;
    area_.erase();
    print(style_.bold(console_.say(kPasskeyGuide)) + "\n\n" + passkey_script(passkey.options) +
          "\n" + style_.bold(console_.say(kPasskeyAnswer)) + "\n");
    status_.clear();
    redraw();
  }
  void take(const pair_event::PasskeyRefused& refused) {
    remark(refused.why.in(console_.language));
  }
  void take(const pair_event::PasskeyCode& code) {
    area_.erase();
    print(console_.say(kPasskeyAnswered, style_.bold(code.text)) + "\n");
    if (code.compare) print(console_.say(kComparePasskeyCode) + "\n");
    if (!code.compare) {
      passkey_expires_at_.reset();
      status_ = console_.say({"waiting for the phone", "se așteaptă telefonul"});
    }
    redraw();
  }
  void take(const pair_event::Paired& paired) {
    linked(Phrase{"Linked: {}", "Conectat: {}"}, paired.phone);
  }
  void take(const pair_event::Resumed& resumed) {
    resumed_ = true;
    linked(Phrase{"Already linked: {}. History goes on, no QR needed.",
                  "Deja conectat: {}. Istoricul continuă, fără QR."},
           resumed.phone);
  }
  void take(const pair_event::History& history) {
    if (const auto label = phase_label(history.type)) {
      auto phase = std::ranges::find(phases_, history.type, &Phase::type);
      if (phase == phases_.end())
        phase = phases_.insert(phase, {.type = history.type, .label = *label});
      phase->progress = std::max(phase->progress, history.progress);
      status_.clear();
    }
    if (phases_.empty()) return;
    counts_ = console_.say(
        {"{}, {}, {}", "{}, {}, {}"}, counted(noun::kConversation, history.threads),
        counted(noun::kMessage, history.messages), counted(noun::kContact, history.contacts));
    redraw();
  }
  void take(const pair_event::ChunkFailed& failed) {
    remark(console_.say(
        {"part {} of {} could not be used: {}", "partea {} din {} nu a putut fi folosită: {}"},
        failed.chunk, terminal_safe(failed.type),
        terminal_safe(failed.message.in(console_.language))));
  }
  void take(const pair_event::Reconnecting& reconnecting) {
    status_ = console_.say(kReconnecting, terminal_safe(reconnecting.reason));
    redraw();
  }
  void take(const pair_event::Done& done) {
    status_.clear();
    redraw();
    area_.release();
    finished_ = true;
    if (console_.quiet) return;
    if (result_elsewhere_) make_line_pair_view(console_, options_)->show(done);
    print("\n" +
          pair_summary(console_, style_, done, who_.empty() ? done.account.str() : who_, upload_));
  }

  void linked(Phrase how, const std::string& phone) {
    qr_.reset();
    code_.reset();
    passkey_expires_at_.reset();
    area_.erase();
    who_ = options_.name.empty() ? phone : terminal_safe(options_.name) + "  " + phone;
    print(style_.green(console_.say(how, phone)) + "\n");
    status_ =
        options_.wait
            ? console_.say({"waiting for history; keep the phone online, WhatsApp open",
                            "se așteaptă istoricul; ține telefonul online, cu WhatsApp deschis"})
            : std::string();
    redraw();
  }

  // A line that stays, above what is being redrawn.
  void remark(const std::string& text) {
    area_.erase();
    print(style_.yellow(text) + "\n");
    redraw();
  }

  void print(const std::string& text) { area_.print(text); }

  void redraw() {
    if (finished_) return;
    if (log_.any()) {
      area_.erase();
      log_.release();
    }
    if (passkey_expires_at_)
      area_.show({term::fit(seconds_left(*passkey_expires_at_) + " - " + console_.say(kStops),
                            area_.room().columns)});
    else
      area_.show(qr_ ? qr_lines() : code_ ? code_lines() : history_lines());
  }

  std::vector<std::string> qr_lines() {
    const term::Size room = area_.room();
    // One line above the code says what to do with it, one below how long it stays.
    const term::Size for_code{.columns = room.columns, .rows = room.rows - 2};
    const auto layout = term::lay_out(qr_->code, for_code, glyphs());
    std::vector<std::string> lines;
    if (!layout) return no_room_lines(room);
    lines.push_back(style_.bold(term::fit(
        console_.say(
            {"Phone: WhatsApp > Settings > Linked devices > Link a device, scan this:",
             "Telefon: WhatsApp > Setări > Dispozitive conectate > Conectează, scanează:"}),
        room.columns)));
    for (std::string& row : term::draw(qr_->code, *layout, ink(layout->glyphs)))
      lines.push_back(std::move(row));
    lines.push_back(term::fit(qr_status(layout->glyphs), room.columns));
    return lines;
  }

  std::string qr_status(term::QrGlyphs glyphs) const {
    if (!status_.empty()) return status_;
    std::string out = seconds_left(qr_->expires_at);
    if (!options_.qr_png.empty())
      return out + " - " +
             console_.say({"The QR code is also in {}", "Codul QR este și în {}"},
                          terminal_safe(options_.qr_png));
    if (glyphs == term::QrGlyphs::kSextants) {
      const term::Size need = term::smallest_room(qr_->code, term::QrGlyphs::kHalfBlocks);
      return out + " - " +
             console_.say({"looks broken? make the window {}x{}, or use --qr-png FILE",
                           "arată stricat? fereastră de {}x{} sau --qr-png FIȘIER"},
                          need.columns, need.rows + 2);
    }
    return out + " - " + console_.say(kStops);
  }

  std::string seconds_left(Clock::time_point until) const {
    const auto left = std::chrono::ceil<std::chrono::seconds>(until - Clock::now());
    if (left.count() <= 0)
      return console_.say({"waiting for a new code", "se așteaptă un cod nou"});
    return console_.say({"{} s left", "încă {} s"}, left.count());
  }

  static std::vector<std::string> lines_of(const std::string& text, int columns) {
    std::vector<std::string> lines;
    std::size_t from = 0;
    while (from <= text.size()) {
      const std::size_t end = std::min(text.find('\n', from), text.size());
      lines.push_back(term::fit(text.substr(from, end - from), columns));
      from = end + 1;
    }
    return lines;
  }

  std::vector<std::string> no_room_lines(term::Size room) const {
    const auto wanted =
        utf8_ && !term::is_linux_console() ? term::QrGlyphs::kSextants : glyphs()[0];
    const term::Size need = term::smallest_room(qr_->code, wanted);
    std::vector<std::string> lines = lines_of(
        console_.say(
            {"The QR code needs a window of {0} columns and {1} rows; this one has {2} x {3}.",
             "Codul QR cere o fereastră de {0} coloane și {1} rânduri; aceasta are {2} x {3}."},
            need.columns, need.rows + 2, room.columns, room.rows) +
            "\n" +
            console_.say(
                {"Enlarge the window or make its font smaller (the code appears as soon as it "
                 "fits),\n"
                 "or stop and use: wa-sync pair --qr-png FILE",
                 "Mărește fereastra sau micșorează fontul (codul apare imediat ce încape),\n"
                 "sau oprește și folosește: wa-sync pair --qr-png FIȘIER"}) +
            "\n" + seconds_left(qr_->expires_at),
        room.columns);
    if (std::ssize(lines) > room.rows) lines.resize(static_cast<std::size_t>(room.rows));
    return lines;
  }

  std::vector<term::QrGlyphs> glyphs() const {
    using enum term::QrGlyphs;
    if (!utf8_) return {kAscii};
    if (term::is_linux_console()) return {kHalfBlocks};
    return {kHalfBlocks, kSextants};
  }

  term::QrInk ink(term::QrGlyphs glyphs) const {
    if (style_.enabled()) return term::QrInk::kColor;
    if (glyphs == term::QrGlyphs::kAscii) return term::QrInk::kReverse;
    return term::says_light_background() ? term::QrInk::kDark : term::QrInk::kLight;
  }

  // What to tap, then the code, spaced out and framed so that it is read without mistakes.
  std::vector<std::string> code_lines() const {
    const term::Size room = area_.room();
    const bool frame = utf8_ && !term::is_linux_console();
    std::string spaced;
    for (const char c : code_->text) spaced += std::string(1, c) + " ";
    spaced.pop_back();
    std::string rule;
    for (std::size_t i = 0; i < spaced.size() + 4; ++i) rule += frame ? "\u2500" : "-";
    const std::string side = frame ? "\u2502" : "|";
    std::vector<std::string> lines = lines_of(console_.say(kCodeGuide), room.columns);
    lines.emplace_back();
    lines.push_back(frame ? "    \u250c" + rule + "\u2510" : "    +" + rule + "+");
    lines.push_back("    " + side + "  " + style_.bold(spaced) + "  " + side);
    lines.push_back(frame ? "    \u2514" + rule + "\u2518" : "    +" + rule + "+");
    lines.emplace_back();
    const std::string status =
        status_.empty() ? seconds_left(code_->expires_at) + " - " + console_.say(kStops) : status_;
    lines.push_back(term::fit(status, room.columns));
    // In a window that is hardly one, the code itself and how long it stays.
    if (std::ssize(lines) > room.rows)
      lines = {style_.bold(term::fit(code_->text, room.columns)), lines.back()};
    return lines;
  }

  std::vector<std::string> history_lines() const {
    const int columns = area_.room().columns;
    std::vector<std::string> lines;
    if (console_.quiet) return lines;
    std::vector<Phase> bars = phases_;
    // Before there is any history, that all of it is sent means nothing.
    if (upload_ && (!phases_.empty() || (resumed_ && upload_->written > 0)))
      bars.push_back({.type = {},
                      .label = Phrase{"to Firestore", "spre Firestore"},
                      .progress = static_cast<std::uint32_t>(percent_sent(*upload_))});
    int label_width = 0;
    for (const Phase& phase : bars)
      label_width = std::max(label_width, term::display_width(label_of(phase)));
    for (const Phase& phase : bars) {
      std::string label = label_of(phase);
      label.append(static_cast<std::size_t>(label_width - term::display_width(label)), ' ');
      const int bar_width = std::clamp(columns - label_width - 8, 4, 40);
      lines.push_back(fmt::format(
          "{}  {} {:>3}%", label,
          style_.green(term::bar(static_cast<int>(phase.progress), bar_width, term::speaks_utf8())),
          std::min(phase.progress, 100U)));
    }
    if (upload_ && upload_->trouble)
      lines.push_back(style_.yellow(
          term::fit(console_.say(kUploadWaits,
                                 terminal_safe(upload_->trouble->message.in(console_.language))),
                    columns)));
    if (!counts_.empty()) lines.push_back(term::fit(counts_, columns));
    if (!status_.empty()) lines.push_back(style_.dim(term::fit(status_, columns)));
    return lines;
  }

  std::string label_of(const Phase& phase) const { return console_.say(phase.label); }

  const Console& console_;
  const PairOptions& options_;
  term::Style style_;
  bool result_elsewhere_;
  bool utf8_;
  bool finished_ = false;
  HeldLog log_;
  term::LiveArea area_;
  std::optional<ShownQr> qr_;
  std::optional<ShownCode> code_;
  std::optional<Clock::time_point> passkey_expires_at_;  // while it is to answer
  bool resumed_ = false;
  std::vector<Phase> phases_;
  std::optional<firestore::UploadState> upload_;
  std::string counts_;
  std::string status_;
  std::string who_;
};

}  // namespace

std::unique_ptr<PairView> make_terminal_pair_view(const Console& console,
                                                  const PairOptions& options, int descriptor) {
  return std::make_unique<TerminalPairView>(console, options, descriptor);
}

}  // namespace wasync
