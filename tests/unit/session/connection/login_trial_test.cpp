#include "session/connection/login_trial.h"

#include "proto/client_payload.pb.h"
#include "unit/session/online.h"

namespace login_trial_test {

using namespace wasync;
using namespace wasync::test;

namespace {

struct Trial {
  Server server;
  LinkedAccount account;
  SessionOptions options;
  std::unique_ptr<Connection> remote;
  std::shared_ptr<wasync::testing::Outcome<Pong>> running;

  Trial() { options.endpoint = server.endpoint(); }

  void start(std::chrono::milliseconds patience = kPatience) {
    running = server.loop.spawn(try_login(options, account.device, patience));
    remote = server.loop.run(server.accept());
  }
  void say(const Node& node) { server.loop.run(remote->send(node)); }
  Node next() { return server.loop.run(remote->receive()); }
  Pong end() { return server.loop.finish(running); }
  ErrorCode failure() {
    return code_of([&] { end(); });
  }
  // Whether nothing came but what was read, and the other side has left.
  bool has_left() {
    return code_of([&] { next(); }) == ErrorCode::kNetwork;
  }
};

Node success() {
  return Node("success", {{"t", "1790000000"}});
}

}  // namespace

TEST_CASE("it logs in passively, pings, leaves, and says nothing else") {
  Trial trial;
  trial.start();
  pb::ClientPayload payload;
  REQUIRE(payload.ParseFromString(to_string(trial.remote->client_payload())));
  CHECK(payload.passive());
  CHECK(payload.device() == 7);
  trial.say(success());
  // What waits, should the server send it all the same: it is not for us.
  trial.say(from_server(Node("notification", {{"id", "N1"}, {"type", "encrypt"}})));
  const Node ping = trial.next();
  CHECK(ping.text("xmlns") == "w:p");
  SUBCASE("the clock of the answer") {
    Node answer = result_of(ping);
    answer.set("t", "1790000001");
    trial.say(answer);
    CHECK(trial.end().server_time.value == 1'790'000'001);
  }
  SUBCASE("else that of the login") {
    trial.say(result_of(ping));
    CHECK(trial.end().server_time.value == 1'790'000'000);
  }
  SUBCASE("an error answer is an answer") {
    trial.say(error_to(ping, "501"));
    CHECK(trial.end().round_trip.count() >= 0);
  }
  CHECK(trial.has_left());
}

TEST_CASE("a refusal says why") {
  Trial trial;
  trial.start();
  const auto refused = [&](const char* reason) {
    trial.say(Node("failure", {{"reason", reason}}));
    return trial.failure();
  };
  SUBCASE("logged out") {
    CHECK(refused("401") == ErrorCode::kLoggedOut);
  }
  SUBCASE("banned") {
    CHECK(refused("402") == ErrorCode::kBanned);
  }
  SUBCASE("outdated") {
    CHECK(refused("405") == ErrorCode::kClientOutdated);
  }
  SUBCASE("busy") {
    CHECK(refused("503") == ErrorCode::kNetwork);
  }
  SUBCASE("replaced") {
    Node conflict("stream:error");
    conflict.content = std::vector<Node>{Node("conflict", {{"type", "replaced"}})};
    trial.say(conflict);
    CHECK(trial.failure() == ErrorCode::kReplaced);
  }
}

TEST_CASE("silence ends it in time") {
  constexpr std::chrono::milliseconds kShort{300};
  Trial trial;
  SUBCASE("before the login") {
    trial.start(kShort);
  }
  SUBCASE("after it") {
    trial.start(kShort);
    trial.say(success());
  }
  SUBCASE("instead of a handshake") {
    trial.running = trial.server.loop.spawn(try_login(trial.options, trial.account.device, kShort));
  }
  CHECK(trial.failure() == ErrorCode::kTimeout);
}

}  // namespace login_trial_test
