#include "session/receive/calls.h"

#include "inbox/queries.h"
#include "session/receive/stanza_receiver.h"
#include "unit/session/account.h"

namespace calls_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr std::string_view kChat = "120363000000000001@g.us";

struct Called : LinkedAccount {
  StanzaReceiver receiver{store, device};

  // Everything answered with one ack.
  void told(Node what, Node::Attributes more = {}, std::string_view caller = kAna) {
    what.set("call-id", std::string("CALL1"));
    if (!what.has("call-creator")) what.set("call-creator", jid(caller));
    Node stanza("call", {{"from", jid(caller)},
                         {"id", std::string("S1")},
                         {"t", std::string("1700000000")},
                         {"notify", std::string("Ana")}});
    for (auto& [key, value] : more) stanza.set(key, std::move(value));
    stanza.content = std::vector<Node>{std::move(what)};
    std::vector<Node> answers;
    receiver.receive({&stanza, 1}, [&](StanzaOutcome&& outcome) {
      for (Node& answer : outcome.answers) answers.push_back(std::move(answer));
    });
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].tag == "ack");
    CHECK(answers[0].text("class") == "call");
    CHECK_FALSE(answers[0].has("error"));
  }
  std::string body() {
    auto query = db.prepare("SELECT body, type FROM messages WHERE document_id = 'CALL1'");
    if (!query.step()) return "(none)";
    CHECK(query.text(1) == "call");
    return query.text(0);
  }
  static Node offer(bool video = false) {
    Node node("offer");
    std::vector<Node> parts{Node("audio", {{"enc", "opus"}})};
    if (video) parts.emplace_back("video");
    node.content = std::move(parts);
    return node;
  }
};

Node terminate(std::string reason = {}) {
  Node node("terminate");
  if (!reason.empty()) node.set("reason", std::move(reason));
  return node;
}

}  // namespace

TEST_CASE("a call that rings out is a missed one") {
  Called account;
  std::string expected = "Missed voice call";
  SUBCASE("by time") {
    account.told(Called::offer());
    CHECK(account.body() == "(none)");
    account.told(terminate("timeout"));
  }
  SUBCASE("the caller gives up") {
    account.told(Called::offer());
    account.told(terminate());
  }
  SUBCASE("with a picture") {
    account.told(Called::offer(true));
    account.told(terminate("timeout"));
    expected = "Missed video call";
  }
  SUBCASE("that rang while we were away") {
    account.told(Called::offer(), {{"offline", std::string("0")}});
    account.told(terminate("timeout"), {{"offline", std::string("0")}});
  }
  SUBCASE("that rang before the last login") {
    account.told(terminate("timeout"));
  }
  SUBCASE("told twice") {
    for (int i = 0; i < 2; ++i) {
      account.told(Called::offer());
      account.told(terminate("timeout"));
    }
  }
  CHECK(account.body() == expected);
  CHECK(account.number("SELECT count(*) FROM messages") == 1);
  const ThreadListing thread = list_threads(account.db).at(0);
  CHECK(thread.thread.jid() == jid(kAna));
  CHECK(thread.last_message == expected);
  CHECK(thread.unread == 1);
  CHECK(thread.name == "Ana");
}

TEST_CASE("in a group") {
  Called account;
  account.told(Node("offer_notice", {{"media", std::string("video")},
                                     {"type", std::string("group")},
                                     {"group-jid", jid(kChat)}}));
  account.told(terminate("group_call_ended"));
  CHECK(account.body() == "Missed video call");
  CHECK(account.number("SELECT count(*) FROM threads WHERE jid LIKE '%@g.us'") == 1);
}

TEST_CASE("a caller under a LID") {
  Called account;
  Node offer = Called::offer();
  offer.set("caller_pn", jid(kAna));
  account.told(std::move(offer), {}, kAnaLid);
  account.told(terminate("timeout"), {}, kAnaLid);
  CHECK(list_threads(account.db).at(0).thread.jid() == jid(kAna));
}

TEST_CASE("an answered call is no missed one") {
  Called account;
  const auto ends = [&](const char* reason) { account.told(terminate(reason)); };
  SUBCASE("on the phone") {
    account.told(Called::offer());
    ends("accepted_elsewhere");
  }
  SUBCASE("declined on the phone") {
    account.told(Called::offer());
    ends("rejected_elsewhere");
  }
  SUBCASE("accepted, then ended") {
    account.told(Called::offer());
    account.told(Node("accept"));
    ends("");
  }
  SUBCASE("ended without having rung") {
    ends("");
  }
  SUBCASE("of ours") {
    account.told(Node("offer", {{"call-creator", jid(kOwnPhone)}}));
    account.told(Node("terminate", {{"call-creator", jid(kOwnPhone)}, {"reason", "timeout"}}));
  }
  SUBCASE("that is malformed") {
    account.told(Node("offer", {{"call-creator", jid("status@broadcast")}}));
    account.told(Node("relaylatency"));
  }
  CHECK(account.body() == "(none)");
  CHECK(account.number("SELECT count(*) FROM threads") == 0);
}

TEST_CASE("that somebody picked up while we were away is told later") {
  Called account;
  account.told(Called::offer(), {{"offline", std::string("0")}});
  CHECK(account.body() == "Missed voice call");
  account.told(terminate("accepted_elsewhere"), {{"offline", std::string("0")}});
  CHECK(account.body() == "Voice call");
}

}  // namespace calls_test
