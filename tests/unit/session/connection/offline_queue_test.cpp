#include "session/connection/offline_queue.h"

#include "unit/session/online.h"

namespace offline_queue_test {

using namespace wasync;
using namespace wasync::test;

namespace {

struct Returning : Online {
  Returning() { options.timings.offline_patience = std::chrono::milliseconds(200); }

  void tell(Node about) {
    say(Node("ib", {{"from", server_jid()}}, std::vector<Node>{std::move(about)}));
  }
  void announce(int count) { tell(Node("offline_preview", {{"count", std::to_string(count)}})); }
  void give(const std::string& id) {
    say(Node("notification",
             {{"id", id}, {"from", jid(kAna)}, {"type", "picture"}, {"offline", "0"}}));
  }
  void expect_batch() {
    const Node asked = next();
    CHECK(asked.tag == "ib");
    REQUIRE(asked.child("offline_batch") != nullptr);
    CHECK(asked.child("offline_batch")->text("count") == "100");
  }
  void expect_ack() { CHECK(next().tag == "ack"); }
  bool silent() {
    settle();
    return arrived.empty();
  }
};

}  // namespace

TEST_CASE("what waited is asked for batch by batch, until the server says that this was all") {
  Returning online;
  online.log_in();
  online.announce(3);
  online.expect_batch();
  for (const char* id : {"N1", "N2", "N3"}) {
    online.give(id);
    online.expect_ack();
    online.expect_batch();
  }
  online.tell(Node("offline", {{"count", "3"}}));
  online.server.loop.run(online.server.pause(std::chrono::milliseconds(400)));
  CHECK(online.silent());
}

TEST_CASE("nothing is asked for when nothing waits") {
  Returning online;
  online.log_in();
  online.announce(0);
  online.tell(Node("offline", {{"count", "0"}}));
  CHECK(online.silent());
}

TEST_CASE("a server that gives nothing is asked three times, and then left alone") {
  Returning online;
  online.log_in();
  online.announce(7);
  for (int i = 0; i < 3; ++i) online.expect_batch();
  online.server.loop.run(online.server.pause(std::chrono::milliseconds(400)));
  CHECK(online.silent());
}

TEST_CASE("a server that gives nothing since we refused a stanza gets a new login") {
  Returning online;
  online.log_in();
  online.announce(2);
  online.expect_batch();
  online.say(Node("hologram", {{"id", "H1"}, {"from", jid(kAna)}}));
  CHECK(online.next().text("error") == "488");
  CHECK(online.end() == ErrorCode::kNetwork);
}

}  // namespace offline_queue_test
