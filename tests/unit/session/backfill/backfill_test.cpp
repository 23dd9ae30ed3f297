#include "session/backfill/backfill.h"

#include "session/history/history_requests.h"
#include "session/receive/missing_names.h"
#include "unit/session/online.h"

namespace backfill_test {

using namespace wasync;
using namespace wasync::test;

namespace {

const AccountId kAccount = account_id_for("+40700000001");
constexpr std::string_view kBob = "40733000000@s.whatsapp.net";

ThreadId thread_of(std::string_view address) {
  return thread_id_for(kAccount, jid(address));
}

// An account with conversations, online, whose phone can be asked.
struct Filling : Online {
  Writer phone{account};
  std::vector<BackfillEvent> told{};
  std::shared_ptr<Backfill> job{};
  std::shared_ptr<wasync::testing::Outcome<wasync::testing::Nothing>> outcome{};
  BackfillLimits limits{.answer_patience = std::chrono::milliseconds(150)};

  Filling() {
    const Node first =
        message_stanza("P0", {{"from", jid(kOwnPhone)}, {"category", "peer"}}, {phone.enc({})});
    Receiver{account}.receive(first);
  }
  void put(std::string_view chat, const std::string& id, std::int64_t sent_at) {
    Transaction transaction(account.db, "test");
    InboxWriter inbox(account.db);
    Message message{.key = {.id = id, .remote_jid = std::string(chat)}, .chat = jid(chat)};
    message.sent_at = {sent_at};
    message.body = id;
    inbox.put_message(message);
    inbox.flush();
    transaction.commit();
  }
  void begin(const BackfillChoice& choice = {}, bool scheduled = false) {
    BackfillPlan plan = plan_backfill(account.db, choice);
    plan.scheduled = scheduled;
    job = std::make_shared<Backfill>(server.loop.io.get_executor(), account.db, std::move(plan),
                                     limits,
                                     BackfillConnection{.session = [this] { return session; },
                                                        .history_busy = [] { return false; }},
                                     [this](const BackfillEvent& event) { told.push_back(event); });
    outcome = server.loop.spawn(job->run());
  }
  // The id of the next request.
  std::string asked() {
    Node node = next();
    while (node.tag != "message") node = next();
    return node.text("id");
  }
  void answer_with(const std::string& request, std::int64_t fresh, AnsweredChat chat) {
    ChunkStatus chunk{.messages = fresh};
    chunk.request_id = request;
    chunk.answered.push_back(std::move(chat));
    job->chunk_done(chunk);
  }
  void finish() { server.loop.finish(outcome); }
  std::vector<std::string> results() const {
    std::vector<std::string> all;
    for (const BackfillEvent& event : told)
      if (const auto* thread = std::get_if<backfill_event::Thread>(&event))
        all.emplace_back(name(thread->result));
    return all;
  }
};

using Results = std::vector<std::string>;

}  // namespace

TEST_CASE("a thread is asked about until the phone has nothing older") {
  Filling online;
  online.put(kAna, "A5", 1'700'000'500);
  online.log_in();
  online.begin();
  const std::string first = online.asked();
  CHECK(requested_chat(online.account.db, first) == jid(kAna));
  online.answer_with(first, 50,
                     {.chat = jid(kAna),
                      .messages = 50,
                      .oldest = {.id = "A1", .remote_jid = std::string(kAna)},
                      .oldest_at = {1'700'000'100}});
  online.answer_with(online.asked(), 7, {.chat = jid(kAna), .messages = 7, .exhausted = true});
  online.finish();
  CHECK(online.results() == Results{"exhausted"});
  const Account row = online.row();
  CHECK(row.last_backfill_at.known());
  CHECK(row.last_backfill_result.messages == 57);
  CHECK(row.last_backfill_result.threads == 1);
}

TEST_CASE("a scheduled one leaves what the account says of those that were asked for") {
  Filling online;
  online.put(kAna, "A5", 1'700'000'500);
  online.log_in();
  online.begin({}, true);
  online.answer_with(online.asked(), 7, {.chat = jid(kAna), .messages = 7, .exhausted = true});
  online.finish();
  CHECK(online.results() == Results{"exhausted"});
  CHECK_FALSE(online.row().last_backfill_at.known());
}

TEST_CASE("what answers another request, or nobody's, is no answer to this one") {
  Filling online;
  online.put(kAna, "A5", 1'700'000'500);
  online.put(kAna, "A6", 1'700'000'600);
  online.log_in();
  online.begin();
  const std::string first = online.asked();
  online.answer_with("3EB0NOBODY", 9, {.chat = jid(kAna), .messages = 9, .exhausted = true});
  const std::string second = online.asked();  // from the next message, when time has passed
  CHECK(second != first);
  // The first one's answer comes late: it counts, and the other is still waited for.
  online.answer_with(first, 3, {.chat = jid(kAna), .messages = 3});
  online.answer_with(second, 2, {.chat = jid(kAna), .messages = 2, .exhausted = true});
  online.finish();
  CHECK(online.results() == Results{"exhausted"});
  CHECK(online.row().last_backfill_result.messages == 5);
}

TEST_CASE("a silent thread lets the others go first; a phone that answers is not off") {
  Filling online;
  online.put(kAna, "A5", 1'700'000'500);
  online.put(kBob, "B5", 1'700'000'400);
  online.log_in();
  online.begin();
  CHECK(requested_chat(online.account.db, online.asked()) == jid(kAna));
  const std::string other = online.asked();
  CHECK(requested_chat(online.account.db, other) == jid(kBob));
  online.answer_with(other, 1, {.chat = jid(kBob), .messages = 1, .exhausted = true});
  online.finish();
  CHECK(online.results() == Results{"exhausted", "no_answer"});
}

TEST_CASE("who is known by a number alone is looked up before the phone is asked") {
  Filling online;
  constexpr std::string_view kAnaLid = "111000111@lid";
  const std::string carol = "40744000000@s.whatsapp.net";
  online.put(kAna, "A5", 1'700'000'500);
  online.put(kBob, "B5", 1'700'000'400);
  online.put(carol, "C5", 1'700'000'300);
  Transaction asked(online.account.db, "test");
  note_asked_about(online.account.db, {jid(carol)}, UnixSeconds::now());
  asked.commit();
  std::vector<std::string> looked_up;
  int lookups = 0;
  online.answer = [&](const Node& iq) {
    const Node* usync = iq.child("usync");
    if (usync == nullptr) return online.usual_answer(iq);
    ++lookups;
    for (const Node* user : usync->child("list")->children_named("user"))
      looked_up.push_back(user->jid("jid")->to_string());
    const Node lid("lid", {{"val", jid(kAnaLid)}});
    const Node ana("user", {{"jid", jid(kAna)}}, std::vector<Node>{lid});
    const Node bob("user", {{"jid", jid(kBob)}});
    const Node list("list", {}, std::vector<Node>{ana, bob});
    return result_of(iq, {Node("usync", {}, std::vector<Node>{list})});
  };
  online.log_in();
  online.begin();
  const std::string first = online.asked();
  CHECK(requested_chat(online.account.db, first) == jid(kAnaLid));
  online.answer_with(first, 1, {.chat = jid(kAnaLid), .messages = 1, .exhausted = true});
  const std::string second = online.asked();
  CHECK(requested_chat(online.account.db, second) == jid(kBob));
  online.answer_with(second, 1, {.chat = jid(kBob), .messages = 1, .exhausted = true});
  online.answer_with(online.asked(), 1, {.chat = jid(carol), .messages = 1, .exhausted = true});
  online.finish();
  CHECK(lookups == 1);
  CHECK(looked_up == std::vector<std::string>{std::string(kAna), std::string(kBob)});
}

TEST_CASE("several requests may be under way at once") {
  Filling online;
  online.put(kAna, "A5", 1'700'000'500);
  online.put(kBob, "B5", 1'700'000'400);
  online.limits.in_flight = 2;
  online.log_in();
  online.begin();
  const std::string ana = online.asked();
  const std::string bob = online.asked();  // before any answer
  online.answer_with(bob, 1, {.chat = jid(kBob), .messages = 1, .exhausted = true});
  online.answer_with(ana, 2, {.chat = jid(kAna), .messages = 2, .exhausted = true});
  online.finish();
  CHECK(online.results() == Results{"exhausted", "exhausted"});
  CHECK(online.row().last_backfill_result.messages == 3);
}

TEST_CASE("what one of several requests finds out ends them all") {
  Filling online;
  online.put(kAna, "A5", 1'700'000'500);
  online.put(kBob, "B5", 1'700'000'400);
  online.limits.in_flight = kMostInFlight;
  online.log_in();
  online.begin();
  online.asked();
  online.asked();
  online.job->end(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "enough")));
  CHECK(code_of([&] { online.finish(); }) == ErrorCode::kInterrupted);
  CHECK(std::holds_alternative<backfill_event::Done>(online.told.back()));
}

TEST_CASE("a phone that answers nothing is off") {
  Filling online;
  online.put(kAna, "A5", 1'700'000'500);
  online.log_in();
  online.begin();
  online.asked();
  CHECK(code_of([&] { online.finish(); }) == ErrorCode::kTimeout);
  CHECK(online.results() == Results{"no_answer"});
  CHECK(std::holds_alternative<backfill_event::Done>(online.told.back()));
}

TEST_CASE("an answer that cannot be had is an error of its thread alone") {
  Filling online;
  online.put(kAna, "A5", 1'700'000'500);
  online.put(kBob, "B5", 1'700'000'400);
  online.log_in();
  online.begin();
  ChunkStatus lost;
  lost.request_id = online.asked();
  online.job->chunk_failed(lost, Error(ErrorCode::kMedia, "the blob is gone"));
  online.answer_with(online.asked(), 1, {.chat = jid(kBob), .messages = 1, .exhausted = true});
  online.finish();
  CHECK(online.results() == Results{"error", "exhausted"});
  CHECK(online.row().last_backfill_result.errors == 1);
}

TEST_CASE("stopped, it says how far it came") {
  Filling online;
  online.limits.answer_patience = kPatience;
  online.put(kAna, "A5", 1'700'000'500);
  online.log_in();
  online.begin();
  online.answer_with(online.asked(), 1,
                     {.chat = jid(kAna),
                      .messages = 1,
                      .oldest = {.id = "A1", .remote_jid = std::string(kAna)},
                      .oldest_at = {1'700'000'100}});
  online.asked();
  online.job->end(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "stop")));
  CHECK(code_of([&] { online.finish(); }) == ErrorCode::kInterrupted);
  CHECK(online.results() == Results{"filled"});
  CHECK(online.row().last_backfill_result.messages == 1);
}

TEST_CASE("the phone's own messages are asked from before those of linked devices") {
  Filling online;
  online.put(kAna, "3EB0AAAA", 1'700'000'100);
  online.put(kAna, "A2", 1'700'000'200);
  online.put(kAna, "A3", 1'700'000'300);
  const auto choices = anchor_choices(online.account.db, thread_of(kAna));
  REQUIRE(choices.size() == 3);
  CHECK(choices[0].anchor.key.id == "A2");
  CHECK(choices[0].older_known == 1);
  CHECK(choices[2].anchor.key.id == "3EB0AAAA");
  CHECK(choices[0].anchor.key.remote_jid == kAna);
}

TEST_CASE("what others put into the Inbox is asked from as well, in the order of time") {
  Filling online;
  online.put(kAna, "A2", 1'700'000'200);
  online.put(kAna, "A4", 1'700'000'400);
  const auto held = [](std::string id, std::int64_t sent_at) {
    return Anchor{.key = {.id = std::move(id), .remote_jid = std::string(kAna)},
                  .sent_at = {sent_at}};
  };
  const auto choices = anchor_choices(online.account.db, thread_of(kAna),
                                      {held("A1", 1'700'000'100), held("A2", 1'700'000'200)});
  REQUIRE(choices.size() == 3);
  CHECK(choices[0].anchor.key.id == "A1");
  CHECK(choices[1].anchor.key.id == "A2");
  CHECK(choices[2].older_known == 2);
}

TEST_CASE("the plan: who was left unanswered comes after the others") {
  Filling online;
  online.put(kAna, "A5", 1'700'000'500);
  online.put(kBob, "B5", 1'700'000'400);
  online.log_in();
  online.begin({.threads = {thread_of(kAna)}});
  online.asked();
  CHECK(code_of([&] { online.finish(); }) == ErrorCode::kTimeout);
  CHECK(plan_backfill(online.account.db, {}).threads.front().thread == thread_of(kBob));
  Transaction transaction(online.account.db, "test");
  InboxWriter inbox(online.account.db);
  inbox.set_backfilled(jid(kAna), UnixSeconds::now(), false);  // the answer came after all
  inbox.flush();
  transaction.commit();
  CHECK(plan_backfill(online.account.db, {}).threads.front().thread == thread_of(kAna));
}

TEST_CASE("the plan: the newest, without those that have nothing older unless it is forced") {
  Filling online;
  online.put(kAna, "A5", 1'700'000'500);
  online.put(kBob, "B5", 1'700'000'400);
  {
    Transaction transaction(online.account.db, "test");
    InboxWriter inbox(online.account.db);
    inbox.put_conversation({.chat = jid("40744000000@s.whatsapp.net"), .name = "Nobody yet"});
    inbox.set_backfilled(jid(kAna), UnixSeconds::now(), true);
    inbox.flush();
    transaction.commit();
  }
  BackfillPlan plan = plan_backfill(online.account.db, {});
  CHECK(plan.existing == 3);
  CHECK(plan.skipped == 1);
  REQUIRE(plan.threads.size() == 2);
  CHECK(plan.threads[0].thread == thread_of(kBob));
  CHECK_FALSE(plan.threads[1].has_anchor);
  CHECK(plan_backfill(online.account.db, {.most = 1, .force = true}).threads[0].thread ==
        thread_of(kAna));
  plan = plan_backfill(online.account.db, {.threads = {thread_of(kAna)}});
  REQUIRE(plan.threads.size() == 1);
  CHECK(plan.threads[0].exhausted);
}

}  // namespace backfill_test
