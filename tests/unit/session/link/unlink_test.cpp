#include "session/link/unlink.h"

#include "session/connection/pre_keys.h"
#include "unit/session/online.h"

namespace unlink_test {

using namespace wasync;
using namespace wasync::test;

namespace {

struct Unlinking {
  Server server;
  LinkedAccount account;
  SessionOptions options;
  std::unique_ptr<Connection> remote;
  std::shared_ptr<wasync::testing::Outcome<Unlinked>> running;

  Unlinking() { options.endpoint = server.endpoint(); }

  void start() { running = server.loop.spawn(unlink_account(account.db, options)); }
  void accept() { remote = server.loop.run(server.accept()); }
  void say(const Node& node) { server.loop.run(remote->send(node)); }
  // Logs the device in; the request to remove it.
  Node asked() {
    start();
    accept();
    say(Node("success"));
    const Node request = server.loop.run(remote->receive());
    const Node* removal = request.child("remove-companion-device");
    REQUIRE(removal != nullptr);
    CHECK(removal->jid("jid") == account.device.jid);
    CHECK(removal->text("reason") == "user_initiated");
    return request;
  }
  Unlinked end() { return server.loop.finish(running); }
  ErrorCode failure() {
    return code_of([&] { end(); });
  }
  Account row() { return read_account(account.db).value(); }
  void check_forgotten() {
    CHECK_FALSE(load_device(account.db));
    CHECK_FALSE(account.store.has_local_identity());
    CHECK(row().status == AccountStatus::kLoggedOut);
    CHECK(row().last_disconnected_at.known());
  }
  void check_unchanged(const Account& before, const std::string& signal) {
    REQUIRE(load_device(account.db));
    CHECK(account.signal_state() == signal);
    CHECK(row() == before);
  }
};

}  // namespace

TEST_CASE("WhatsApp is asked to remove the device, then it is forgotten here") {
  Unlinking unlinking;
  const Node request = unlinking.asked();
  CHECK(load_device(unlinking.account.db));  // not before WhatsApp has agreed
  SUBCASE("it answers") {
    unlinking.say(result_of(request));
  }
  SUBCASE("it ends the stream of the removed device instead") {
    Node removed("stream:error", {{"code", "401"}});
    removed.content = std::vector<Node>{Node("conflict", {{"type", "device_removed"}})};
    unlinking.say(removed);
  }
  CHECK(unlinking.end() == Unlinked::kNow);
  unlinking.check_forgotten();
}

TEST_CASE("a device that the phone has removed already is forgotten as well") {
  Unlinking unlinking;
  unlinking.start();
  unlinking.accept();
  unlinking.say(Node("failure", {{"reason", "401"}}));
  CHECK(unlinking.end() == Unlinked::kAlready);
  unlinking.check_forgotten();
}

TEST_CASE("what is known to be unlinked needs no connection") {
  Unlinking unlinking;
  SUBCASE("logged out") {
    update_account(unlinking.account.db,
                   [](Account& row) { row.status = AccountStatus::kLoggedOut; });
  }
  SUBCASE("forgotten") {
    Transaction transaction(unlinking.account.db, "test");
    forget_device(unlinking.account.store);
    transaction.commit();
  }
  unlinking.start();
  CHECK(unlinking.end() == Unlinked::kAlready);
  unlinking.check_forgotten();
}

TEST_CASE("when WhatsApp cannot be asked or does not agree, nothing changes here") {
  Unlinking unlinking;
  unlinking.options.timings.iq_timeout = std::chrono::milliseconds(300);
  const Account before = unlinking.row();
  const std::string signal = unlinking.account.signal_state();
  SUBCASE("unreachable") {
    unlinking.server.listener.acceptor.close();
    unlinking.start();
    CHECK(unlinking.failure() == ErrorCode::kNetwork);
  }
  SUBCASE("refused") {
    unlinking.say(error_to(unlinking.asked(), "500"));
    CHECK(unlinking.failure() == ErrorCode::kServerRefused);
  }
  SUBCASE("cut off") {
    unlinking.asked();
    unlinking.remote->close();
    CHECK(unlinking.failure() == ErrorCode::kNetwork);
  }
  SUBCASE("silent before the login") {
    unlinking.start();
    unlinking.accept();
    CHECK(unlinking.failure() == ErrorCode::kTimeout);
  }
  SUBCASE("silent after it") {
    unlinking.asked();
    CHECK(unlinking.failure() == ErrorCode::kTimeout);
  }
  SUBCASE("outdated") {
    unlinking.start();
    unlinking.accept();
    unlinking.say(Node("failure", {{"reason", "405"}}));
    CHECK(unlinking.failure() == ErrorCode::kClientOutdated);
  }
  unlinking.check_unchanged(before, signal);
}

}  // namespace unlink_test
