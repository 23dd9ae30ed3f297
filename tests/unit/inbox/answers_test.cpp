// Polls and events: votes, answers, added options, and what they add up to.
#include "inbox/answers.h"

#include "fixture.h"

namespace answers_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr std::string_view kDan = "40722222222@s.whatsapp.net";
const std::string kNoon = poll_option_id("12:00");
const std::string kTwo = poll_option_id("14:00");

Message poll(std::string id = "P") {
  Message m = in_group(std::move(id), kAna, "When?\n- 12:00\n- 14:00");
  m.type = message_type::kPoll;
  m.poll_options = {poll_option("12:00"), poll_option("14:00")};
  return m;
}

MessageKey key(std::string id) {
  return {
      .id = std::move(id), .remote_jid = {}, .from_me = false, .participant = std::string(kAna)};
}

Amend vote(InboxFile& file, std::string_view by, std::string picks, std::int64_t age_s = 0,
           std::string id = "P") {
  return file.put<Amend>([&](InboxWriter& inbox) {
    return inbox.put_answer({.chat = jid(kGroup),
                             .target = key(id),
                             .by = by.empty() ? Jid{} : jid(by),
                             .picks = picks,
                             .at = {kNow.value - age_s}});
  });
}

Amend add(InboxFile& file, std::string name) {
  return file.put<Amend>([&](InboxWriter& inbox) {
    return inbox.put_poll_option(
        {.chat = jid(kGroup), .target = key("P"), .by = jid(kDan), .name = name, .at = kNow});
  });
}

Message stored(InboxFile& file) {
  return file.messages(kGroup).at(0).message;
}

std::vector<AnswerCount> counts(InboxFile& file) {
  return results_of(stored(file));
}

}  // namespace

TEST_CASE("a vote replaces the former one of the same person, unless it is older") {
  InboxFile file;
  file.put(poll());
  CHECK(counts(file).empty());
  CHECK(body_with_results(stored(file)) == "When?\n- 12:00\n- 14:00");
  CHECK(vote(file, kAna, kNoon, 50) == Amend::kApplied);
  CHECK(vote(file, kDan, kNoon + " " + kTwo, 40) == Amend::kApplied);
  CHECK(vote(file, "", kTwo, 30) == Amend::kApplied);
  CHECK(counts(file) == std::vector<AnswerCount>{{"12:00", 2}, {"14:00", 2}});
  CHECK(vote(file, kAna, kTwo, 20) == Amend::kApplied);
  CHECK(vote(file, kAna, kNoon, 25) == Amend::kUnchanged);
  CHECK(vote(file, kAna, kTwo, 20) == Amend::kUnchanged);
  CHECK(counts(file) == std::vector<AnswerCount>{{"12:00", 1}, {"14:00", 3}});
  CHECK(body_with_results(stored(file)) == "When?\n- 12:00\n- 14:00\n\nVotes: 12:00 1, 14:00 3");
  CHECK(stored(file).body == "When?\n- 12:00\n- 14:00");
  CHECK(picked(stored(file), stored(file).answers.at("40737123397@s.whatsapp.net")) ==
        std::vector<std::string>{"14:00"});
}

TEST_CASE("a vote that was taken back stays taken back, whatever history tells") {
  InboxFile file;
  file.put(poll());
  vote(file, kAna, kNoon, 50);
  vote(file, kAna, "", 40);
  Message told = from_history(poll());
  told.answers[std::string(kAna)] = {.picks = kNoon, .at = {kNow.value - 50}};
  told.answers[std::string(kDan)] = {.picks = kTwo, .at = {kNow.value - 60}};
  file.put(told);
  CHECK(counts(file) == std::vector<AnswerCount>{{"12:00", 0}, {"14:00", 1}});
  CHECK(stored(file).answers.size() == 1);
}

TEST_CASE("a poll of an older file gets its options when it is told again") {
  InboxFile file;
  Message former = poll();
  former.poll_options.clear();
  file.put(former);
  vote(file, kAna, kNoon);
  CHECK(counts(file) == std::vector<AnswerCount>{{"another option", 1}});
  file.put(from_history(poll()));
  CHECK(counts(file) == std::vector<AnswerCount>{{"12:00", 1}, {"14:00", 0}});
}

TEST_CASE("an added option counts, once") {
  InboxFile file;
  file.put(poll());
  vote(file, kDan, poll_option_id("16:00"));
  CHECK(add(file, "16:00") == Amend::kApplied);
  CHECK(add(file, "16:00") == Amend::kUnchanged);
  CHECK(add(file, std::string(5000, 'x')) == Amend::kNotAllowed);
  CHECK(counts(file).back() == AnswerCount{"16:00", 1});
  CHECK(stored(file).body == "When?\n- 12:00\n- 14:00\n- 16:00");
}

TEST_CASE("who comes to an event") {
  InboxFile file;
  Message event = in_group("P", kAna, "Party");
  event.type = message_type::kEvent;
  file.put(event);
  vote(file, kAna, "going");
  vote(file, kDan, "not_going");
  CHECK(counts(file) == std::vector<AnswerCount>{{"going", 1}, {"maybe", 0}, {"not going", 1}});
  CHECK(body_with_results(stored(file)) == "Party\n\nAnswers: going 1, not going 1");
}

TEST_CASE("only polls and events have answers, and a deleted one has none") {
  InboxFile file;
  file.put(in_group("T", kAna, "text"));
  CHECK(vote(file, kDan, kNoon, 0, "T") == Amend::kNotAllowed);
  InboxFile other;
  other.put(poll());
  vote(other, kDan, kNoon);
  other.write([](InboxWriter& inbox) {
    inbox.put_revoke({.chat = jid(kGroup), .target = key("P"), .by = jid(kAna), .at = kNow});
  });
  CHECK(stored(other).answers.empty());
  CHECK(stored(other).poll_options.empty());
  CHECK(vote(other, kDan, kNoon) == Amend::kNotAllowed);
}

TEST_CASE("strangers' picks and names are bounded and cannot break the row") {
  InboxFile file;
  Message told = poll();
  told.poll_options = {poll_option("\x1B[31m\x1E\x1F red"), poll_option(std::string(9000, 'y'))};
  std::string many;
  for (int i = 0; i < 500; ++i) many += "a" + std::to_string(i) + " ";
  told.answers[std::string(kAna)] = {.picks = "\x1F\x1E x! " + many, .at = kNow};
  told.answers["no jid / at all"] = {.picks = "going", .at = kNow};
  file.put(told);
  const Message got = stored(file);
  REQUIRE(got.poll_options.size() == 2);
  CHECK(got.poll_options[0].name == " [31m   red");
  CHECK(got.poll_options[1].name.size() == 256);
  CHECK(got.answers.size() == 1);
  CHECK(picked(got, got.answers.begin()->second).size() == kMaxPicks);
}

TEST_CASE("an event's answer that comes before the event waits for it") {
  InboxFile file;
  CHECK(vote(file, kDan, kNoon) == Amend::kNoMessage);
  file.put(poll());
  CHECK(counts(file) == std::vector<AnswerCount>{{"12:00", 1}, {"14:00", 0}});
}

}  // namespace answers_test
