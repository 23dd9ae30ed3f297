#include "cli/pair_view.h"

#include <doctest/doctest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>

namespace pair_view_test {

using namespace wasync;
using Json = nlohmann::json;

namespace {

const AccountId kAccount = account_id_for("+40737123397");
const std::string kLink = "https://wa.me/settings/linked_devices#2@";

pair_event::Qr qr(char filling, int seconds = 60) {
  return {.text = kLink + std::string(240, filling), .expires_in = std::chrono::seconds(seconds)};
}

pair_event::Paired paired() {
  return {.account = kAccount,
          .jid = "40737123397:5@s.whatsapp.net",
          .lid = "",
          .phone = "+40737123397",
          .platform = "android"};
}

pair_event::History history(std::uint32_t progress) {
  return {.type = "RECENT",
          .chunk = 1,
          .progress = progress,
          .threads = 2,
          .messages = 30,
          .contacts = 4};
}

pair_event::Done done(std::int64_t threads, pair_event::Done::Ending ending) {
  return {.account = kAccount,
          .threads = threads,
          .messages = threads * 10,
          .contacts = 4,
          .oldest_message_at = {1'772'366'400},
          .failed_chunks = 0,
          .damaged_parts = 0,
          .ending = ending};
}

using Ending = pair_event::Done::Ending;

// What `work` writes to standard output.
std::string written_by(const std::function<void()>& work) {
  std::fflush(stdout);
  std::FILE* file = std::tmpfile();
  const int saved = dup(STDOUT_FILENO);
  dup2(fileno(file), STDOUT_FILENO);
  work();
  std::fflush(stdout);
  dup2(saved, STDOUT_FILENO);
  close(saved);
  std::rewind(file);
  std::string out;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) out += static_cast<char>(c);
  std::fclose(file);
  return out;
}

// A pseudo-terminal whose other end is read all the time.
class PseudoTerminal {
 public:
  PseudoTerminal(unsigned short columns, unsigned short rows) {
    const winsize window{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    REQUIRE(openpty(&ours_, &theirs_, nullptr, nullptr, &window) == 0);
    reader_ = std::thread([this] {
      char buffer[4096];
      for (ssize_t n = 0; (n = read(ours_, buffer, sizeof buffer)) > 0;)
        seen_.append(buffer, static_cast<std::size_t>(n));
    });
  }
  ~PseudoTerminal() {
    if (reader_.joinable()) finish();
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  int descriptor() const { return theirs_; }
  // Closes it; everything that was written to it.
  const std::string& finish() {
    close(theirs_);
    reader_.join();
    close(ours_);
    return seen_;
  }

 private:
  int ours_ = -1;
  int theirs_ = -1;
  std::string seen_;
  std::thread reader_;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

}  // namespace

TEST_CASE("a terminal shows codes in place, then bars, then what to do next") {
  setenv("LANG", "C.UTF-8", 1);
  unsetenv("LC_ALL");
  setenv("TERM", "xterm", 1);
  PseudoTerminal terminal(80, 24);
  const Console console;
  const PairOptions options;
  {
    const auto view = make_terminal_pair_view(console, options, terminal.descriptor());
    view->show(qr('a'));
    view->show(qr('b', 20));
    view->tick();
    view->show(paired());
    view->show(history(50));
    view->show(history(100));
    view->show(done(2, Ending::kComplete));
  }
  const std::string& seen = terminal.finish();
  // Second code and tick went over the first: up the 23 rows above the last, nothing scrolled.
  CHECK(count(seen, "\r\x1b[23A") == 3);  // …and once more to erase
  CHECK(seen.find("60 s left") != std::string::npos);
  CHECK(seen.find("20 s left") != std::string::npos);
  CHECK(seen.find("\x1b[2J") == std::string::npos);
  CHECK(seen.find("Linked: +40737123397") != std::string::npos);
  CHECK(seen.find(" 50%") != std::string::npos);
  CHECK(seen.find("100%") != std::string::npos);
  CHECK(seen.find("wa-sync threads list") > seen.find("100%"));
}

TEST_CASE("what goes to Firestore has a bar beside the history, and says why it waits") {
  const firestore::UploadState account_alone{.written = 1};
  const firestore::UploadState half{
      .written = 50, .queued = 50, .trouble = firestore::Failure{.message = "away\x1b[2J"}};
  const Console console;
  const PairOptions options;
  const auto shown = [&](const PairEvent& link, const std::vector<PairEvent>& rest) {
    PseudoTerminal terminal(60, 24);
    {
      const auto view = make_terminal_pair_view(console, options, terminal.descriptor());
      view->show(link);
      view->show(account_alone);
      for (const PairEvent& each : rest) view->show(each);
      if (!rest.empty()) view->show(half);
    }
    return terminal.finish();
  };
  // Before any history, "100%" would be of nothing.
  CHECK(shown(paired(), {}).find("to Firestore") == std::string::npos);
  const std::string seen = shown(paired(), {history(100)});
  CHECK(seen.find("to Firestore") > seen.find("recent history"));
  CHECK(seen.find(" 50%") != std::string::npos);
  CHECK(seen.find("Firestore, trying again: away") != std::string::npos);
  CHECK(seen.find("\x1b[2J") == std::string::npos);
  // A later run that only sends the rest has no other bar.
  const pair_event::Resumed resumed{.account = kAccount, .phone = "+40737123397"};
  CHECK(shown(resumed, {}).find("to Firestore") != std::string::npos);
}

TEST_CASE("a quiet terminal shows the code and nothing of the rest") {
  PseudoTerminal terminal(80, 24);
  Console console;
  console.quiet = true;
  const PairOptions options;
  {
    const auto view = make_terminal_pair_view(console, options, terminal.descriptor());
    view->show(qr('a'));
    view->show(paired());
    view->show(history(50));
    view->show(done(2, Ending::kComplete));
  }
  const std::string& seen = terminal.finish();
  CHECK(seen.find("s left") != std::string::npos);
  CHECK(seen.find('%') == std::string::npos);
  CHECK(seen.find("threads list") == std::string::npos);
}

TEST_CASE("without colours no colour is sent") {
  PseudoTerminal terminal(80, 24);
  const Console console;  // styles off
  const PairOptions options;
  {
    const auto view = make_terminal_pair_view(console, options, terminal.descriptor());
    view->show(qr('a'));
    view->show(paired());
    view->show(done(2, Ending::kComplete));
  }
  CHECK(terminal.finish().find("\x1b[3") == std::string::npos);
}

TEST_CASE("a code to type is spaced out, in place, and gone once linked") {
  PseudoTerminal terminal(80, 24);
  const Console console;
  const PairOptions options;
  {
    const auto view = make_terminal_pair_view(console, options, terminal.descriptor());
    view->show(pair_event::Code{.text = "ABCD-EFGH", .expires_in = std::chrono::seconds(160)});
    view->tick();
    view->show(pair_event::Code{.text = "1234-5678", .expires_in = std::chrono::seconds(160)});
    view->show(paired());
    view->show(done(2, Ending::kComplete));
  }
  const std::string& seen = terminal.finish();
  CHECK(seen.find("A B C D - E F G H") != std::string::npos);
  CHECK(seen.find("1 2 3 4 - 5 6 7 8") > seen.find("no longer valid"));
  CHECK(seen.find("160 s left") != std::string::npos);
  CHECK(seen.find("Link with phone number instead") != std::string::npos);
  CHECK(seen.find("1 2 3 4", seen.find("Linked: +40737123397")) == std::string::npos);
}

TEST_CASE("JSON: one object a line, with the fields of the contract") {
  Console console;
  console.json = true;
  const std::string out = written_by([&] {
    const auto view = make_json_pair_view(console);
    view->show(qr('a'));
    view->show(paired());
    view->show(history(50));
    view->show(history(50));
    view->show(done(2, Ending::kComplete));
    view->show(pair_event::Code{.text = "ABCD-EFGH", .expires_in = std::chrono::seconds(160)});
  });
  std::vector<Json> events;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) events.push_back(Json::parse(line));
  REQUIRE(events.size() == 5);  // what was said twice is one line
  for (const Json& event : events) CHECK(event.at("ts").get<std::string>().ends_with("Z"));
  CHECK(events[0].at("event") == "qr");
  CHECK(events[0].at("code") == qr('a').text);
  CHECK(events[0].at("expires_in") == 60);
  CHECK(events[1].at("event") == "paired");
  CHECK(events[1].at("account") == kAccount.str());
  CHECK(events[1].at("lid").is_null());
  for (const char* field : {"jid", "phone", "platform"}) CHECK(events[1].contains(field));
  CHECK(events[2].at("event") == "history");
  for (const char* field : {"type", "chunk", "progress", "threads", "messages", "contacts"})
    CHECK(events[2].contains(field));
  CHECK(events[3].at("event") == "done");
  CHECK(events[3].at("ending") == "complete");
  CHECK(events[3].at("messages") == 20);
  CHECK(events[4].at("event") == "code");
  CHECK(events[4].at("code") == "ABCD-EFGH");
  CHECK(events[4].at("expires_in") == 160);
}

TEST_CASE("a pipe gets plain lines, and the drawing only when asked for by name") {
  const Console console;
  PairOptions options;
  const auto run = [&] {
    return written_by([&] {
      const auto view = make_line_pair_view(console, options);
      view->show(qr('a'));
      view->show(paired());
      view->show(history(50));
      view->show(history(50));
      view->show(done(2, Ending::kComplete));
    });
  };
  CHECK(run() == "qr expires_in=60 code=" + qr('a').text +
                     "\n"
                     "paired account=" +
                     kAccount.str() +
                     " phone=+40737123397 jid=40737123397:5@s.whatsapp.net\n"
                     "history type=RECENT progress=50 threads=2 messages=30 contacts=4\n"
                     "done account=" +
                     kAccount.str() +
                     " threads=2 messages=20 contacts=4 oldest=2026-03-01T12:00:00Z\n");
  options.qr = QrChoice::kUtf8;
  CHECK(run().find("▄▄▄▄▄") != std::string::npos);
  options.qr = QrChoice::kAscii;
  CHECK(run().find("##") != std::string::npos);
}

TEST_CASE("the summary tells a full inbox from an empty or unfinished one") {
  const Console console;
  const term::Style style;
  const auto summary = [&](std::int64_t threads, Ending ending) {
    return pair_summary(console, style, done(threads, ending), "Shop  +40737123397");
  };
  CHECK(summary(3, Ending::kComplete).find("inbox is ready") != std::string::npos);
  CHECK(summary(3, Ending::kComplete).find("threads list") != std::string::npos);
  CHECK(summary(3, Ending::kStalled).find("resumes it") != std::string::npos);
  CHECK(summary(0, Ending::kStalled).find("sent no history") != std::string::npos);
  CHECK(summary(0, Ending::kStalled).find("threads list") == std::string::npos);
  CHECK(summary(0, Ending::kNotAwaited).find("resumes it") != std::string::npos);
  CHECK(summary(3, Ending::kComplete).find("cannot be trusted") == std::string::npos);
  pair_event::Done damaged = done(3, Ending::kComplete);
  damaged.damaged_app_state = {"regular", "regular_low"};
  const std::string warned = pair_summary(console, style, damaged, "Shop");
  CHECK(warned.find("cannot be trusted: regular, regular_low") != std::string::npos);
  CHECK(warned.find("wa-sync pair --again") != std::string::npos);
}

}  // namespace pair_view_test
