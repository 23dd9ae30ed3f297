#include "session/receive/stanza_receiver.h"

#include <algorithm>

#include "base/error.h"
#include "unit/session/account.h"

namespace stanza_receiver_test {

using namespace wasync;
using namespace wasync::test;

namespace {

struct Burst : LinkedAccount {
  StanzaReceiver receiver{store, device};
  Writer ana{*this};
  std::vector<Node> stanzas;
  std::vector<std::string> answered;  // ids, in order
  int commits = 0;

  void ana_writes(std::string id) {
    stanzas.push_back(
        message_stanza(id, {{"from", jid(kAna)}}, {ana.enc(text_message("text of " + id))}));
  }
  void receive() {
    receiver.receive(stanzas, [this](StanzaOutcome&& outcome) {
      ++commits;
      for (const Node& answer : outcome.answers) answered.push_back(answer.text("id"));
    });
  }
  std::int64_t messages() { return number("SELECT count(*) FROM messages"); }
  // The file takes everything but this message.
  void refuse(const char* id) {
    db.execute(
        std::string("CREATE TRIGGER bad BEFORE INSERT ON messages WHEN new.document_id = '") + id +
        "' BEGIN SELECT RAISE(ABORT, 'no'); END");
  }
};

}  // namespace

TEST_CASE("a burst is committed once, and answered in order") {
  Burst burst;
  burst.ana_writes("A1");
  burst.stanzas.push_back(Node("call", {{"id", "C1"}, {"from", jid(kAna)}}));
  burst.ana_writes("A2");
  burst.stanzas.push_back(
      Node("notification", {{"id", "N1"}, {"from", jid(kAna)}, {"type", "picture"}}));
  burst.stanzas.push_back(Node("receipt", {{"id", "R1"}, {"from", jid(kAna)}}));
  burst.ana_writes("A3");
  burst.receive();
  CHECK(burst.commits == 1);
  CHECK(burst.answered == std::vector<std::string>{"A1", "C1", "A2", "N1", "R1", "A3"});
  Database other(burst.file);
  auto count = other.prepare("SELECT count(*) FROM messages");
  count.step();
  CHECK(count.integer(0) == 3);
  CHECK(burst.number("SELECT messages FROM threads") == 3);
}

TEST_CASE("one stanza that the file refuses costs none of those before it") {
  Burst burst;
  for (const char* id : {"A1", "A2", "A3", "A4"}) burst.ana_writes(id);
  burst.refuse("A3");
  CHECK_THROWS_AS(burst.receive(), Error);
  CHECK(burst.answered == std::vector<std::string>{"A1", "A2"});
  CHECK(burst.messages() == 2);
  CHECK(burst.receiver.counts().received == 3);  // not twice
  // Delivered again, as what was not answered is.
  burst.db.execute("DROP TRIGGER bad");
  burst.answered.clear();
  burst.receive();
  CHECK(burst.answered == std::vector<std::string>{"A1", "A2", "A3", "A4"});
  CHECK(burst.messages() == 4);
  CHECK(burst.receiver.counts().undecryptable == 0);
}

TEST_CASE("nothing of a burst is answered when its commit fails") {
  Burst burst;
  for (const char* id : {"A1", "A2"}) burst.ana_writes(id);
  const std::string before = burst.signal_state();
  burst.db.execute(
      "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
      "CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);"
      "CREATE TRIGGER orphan AFTER INSERT ON messages BEGIN INSERT INTO child VALUES (1); END");
  CHECK_THROWS_AS(burst.receive(), Error);
  CHECK(burst.answered.empty());
  CHECK(burst.signal_state() == before);
}

TEST_CASE("the same stanzas again, in any order, double nothing") {
  Burst burst;
  for (const char* id : {"A1", "A2", "A3"}) burst.ana_writes(id);
  SUBCASE("repeated in one burst") {
    const std::vector<Node> once = burst.stanzas;
    burst.stanzas.insert(burst.stanzas.end(), once.begin(), once.end());
  }
  SUBCASE("turned around") {
    std::reverse(burst.stanzas.begin(), burst.stanzas.end());
  }
  SUBCASE("replayed") {
    burst.receive();
  }
  burst.receive();
  CHECK(burst.messages() == 3);
  CHECK(burst.number("SELECT messages FROM threads") == 3);
  CHECK(burst.number("SELECT unread FROM threads") == 3);
  CHECK(burst.receiver.counts().undecryptable == 0);
}

TEST_CASE("that the phone was heard of is stored with what it sent, and by itself not at all") {
  Burst burst;
  const auto stored = [&] { return load_device(burst.db)->phone_heard_at; };
  burst.stanzas.push_back(
      Node("receipt",
           {{"id", "R1"}, {"from", jid(kOwnPhone)}, {"type", "peer_msg"}, {"t", "1790000000"}}));
  burst.receive();
  CHECK_FALSE(stored().known());  // it changes nothing else: no transaction
  CHECK(burst.receiver.phone_heard_at() ==
        UnixSeconds{std::min<std::int64_t>(1'790'000'000, UnixSeconds::now().value)});
  burst.stanzas.clear();
  burst.ana_writes("A1");
  burst.receive();
  CHECK(stored() == burst.receiver.phone_heard_at());
}

}  // namespace stanza_receiver_test
