#include "session/link/link.h"

#include "unit/session/phone.h"
#include "unit/session/server.h"

namespace link_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

Node pair_device(std::string id, const std::vector<std::string>& refs) {
  std::vector<Node> list;
  for (const std::string& ref : refs) list.emplace_back("ref", Node::Attributes{}, to_bytes(ref));
  return Node("iq", {{"from", server_jid()}, {"type", "set"}, {"id", std::move(id)}},
              std::vector<Node>{Node("pair-device", {}, std::move(list))});
}

Node pair_success(Bytes identity, std::string jid = "40700000001:7@s.whatsapp.net") {
  std::vector<Node> parts;
  parts.emplace_back("device-identity", Node::Attributes{}, std::move(identity));
  parts.push_back(Node(
      "device", {{"jid", Jid::parse(jid).value()}, {"lid", Jid::parse("9001:7@lid").value()}}));
  parts.push_back(Node("platform", {{"name", "android"}}));
  return Node("iq", {{"from", server_jid()}, {"type", "set"}, {"id", "success"}},
              std::vector<Node>{Node("pair-success", {}, std::move(parts))});
}

// The companion's keys as far as a QR code shows them.
DeviceKeys keys_in(const std::string& code) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at != std::string::npos) {
    const std::size_t comma = code.find(',', at);
    parts.push_back(code.substr(at, comma == std::string::npos ? comma : comma - at));
    at = comma == std::string::npos ? comma : comma + 1;
  }
  REQUIRE(parts.size() == 5);
  DeviceKeys keys;
  keys.identity.key.public_key = public_key_from(base64_decode(parts[2]).value());
  keys.adv_secret = base64_decode(parts[3]).value();
  return keys;
}

struct Linking {
  Server server;
  Stop stop;
  LinkOptions options;
  std::vector<std::string> codes;  // of either kind
  std::optional<wasync::Device> linked;
  DeviceKeys linked_keys;
  std::function<void()> on_linked = [] {};
  std::unique_ptr<Connection> remote;
  std::shared_ptr<testing::Outcome<testing::Nothing>> running;

  Linking() { options.endpoint = server.endpoint(); }
  ~Linking() {
    if (!running) return;
    stop.request(Error(ErrorCode::kInterrupted, "the test is over"));
    server.loop.run_until([&] { return running->done; });
  }

  void start() {
    LinkEvents events;
    events.on_qr = [this](const std::string& code, std::chrono::milliseconds) {
      codes.push_back(code);
    };
    events.on_code = events.on_qr;
    events.on_linked = [this](const wasync::Device& device, const DeviceKeys& keys,
                              const PublicKey&) {
      on_linked();
      linked_keys = keys;
      linked = device;
    };
    running = server.loop.spawn(link_device(options, events, stop));
  }
  void accept() { remote = server.loop.run(server.accept()); }
  void say(const Node& node) { server.loop.run(remote->send(node)); }
  Node next() { return server.loop.run(remote->receive()); }
  void show(const std::vector<std::string>& refs) {
    start();
    accept();
    const std::size_t before = codes.size();
    say(pair_device("refs", refs));
    CHECK(next().text("id") == "refs");
    server.loop.run_until([&] { return codes.size() > before; });
  }
  Bytes genuine() {
    const DeviceKeys shown = keys_in(codes.back());
    return Phone{}.vouch_for(shown, shown.adv_secret);
  }
  ErrorCode end() {
    return code_of([&] { server.loop.finish(running); });
  }
};

}  // namespace

TEST_CASE("a scanned code links, and the server is told after the device is durable") {
  Linking linking;
  bool told = false;
  linking.on_linked = [&] { CHECK_FALSE(told); };
  linking.show({"ref1", "ref2"});
  linking.say(pair_success(linking.genuine()));
  const Node answer = linking.next();
  told = true;
  CHECK(answer.text("type") == "result");
  CHECK(answer.text("id") == "success");
  REQUIRE(answer.child("pair-device-sign") != nullptr);
  const Node* identity = answer.child("pair-device-sign")->child("device-identity");
  REQUIRE(identity != nullptr);
  CHECK(identity->text("key-index") == "3");
  linking.say(Node("stream:error", {{"code", "515"}}));
  linking.server.loop.finish(linking.running);
  REQUIRE(linking.linked);
  CHECK(linking.linked->jid == Jid::parse("40700000001:7@s.whatsapp.net"));
  CHECK(linking.linked->lid == Jid::parse("9001:7@lid"));
  CHECK(linking.linked->platform == "android");
  CHECK(linking.linked->full_history_requested);
}

TEST_CASE("codes rotate, and none is shown after the scan") {
  Linking linking;
  linking.options.first_qr_lifetime = 20ms;
  linking.options.qr_lifetime = 20ms;
  std::vector<std::string> refs;
  for (int i = 1; i <= 1000; ++i) refs.push_back("ref" + std::to_string(i));
  linking.show(refs);
  linking.server.loop.run_until([&] { return linking.codes.size() >= 3; });
  CHECK(linking.codes[0].find("#ref1,") != std::string::npos);
  CHECK(linking.codes[2].find("#ref3,") != std::string::npos);
  linking.say(pair_success(linking.genuine()));
  linking.next();
  const std::size_t shown = linking.codes.size();
  linking.server.loop.run(linking.server.pause(100ms));
  CHECK(linking.codes.size() == shown);
  linking.remote->close();
  linking.server.loop.finish(linking.running);
}

TEST_CASE("when all codes are used up, new ones come over a new connection with new keys") {
  Linking linking;
  linking.options.first_qr_lifetime = 20ms;
  linking.show({"ref1"});
  linking.accept();
  linking.say(pair_device("again", {"other"}));
  linking.next();
  linking.server.loop.run_until([&] { return linking.codes.size() == 2; });
  CHECK(linking.codes[1].find("#other,") != std::string::npos);
  CHECK(keys_in(linking.codes[0]).adv_secret != keys_in(linking.codes[1]).adv_secret);
}

TEST_CASE("a server that hangs up on a code nobody scans is asked for another") {
  Linking linking;
  linking.show({"ref1"});
  linking.remote->close();
  linking.accept();
  linking.say(pair_device("again", {"other"}));
  linking.server.loop.run_until([&] { return linking.codes.size() == 2; });
}

TEST_CASE("a second batch on the same connection replaces the first") {
  Linking linking;
  linking.show({"old1", "old2"});
  linking.say(pair_device("more", {"new1", "new2"}));
  linking.server.loop.run_until([&] { return linking.codes.size() == 2; });
  CHECK(linking.codes[1].find("#new1,") != std::string::npos);
  linking.server.loop.run(linking.server.pause(50ms));
  CHECK(linking.codes.size() == 2);
}

namespace {

Node refresh(const std::string& child = "companion_reg_refresh") {
  Node node("notification", {{"id", "refresh"}, {"type", "companion_reg_refresh"}},
            std::vector<Node>{Node(child)});
  return from_server(std::move(node));
}

}  // namespace

TEST_CASE("a registration that the server refreshes gets its code anew, with a new secret") {
  for (const char* child : {"companion_reg_refresh", "pair-device-rotate-qr"}) {
    Linking linking;
    linking.show({"ref1", "ref2"});
    linking.say(refresh(child));
    const Node ack = linking.next();
    CHECK(ack.tag == "ack");
    CHECK(ack.text("id") == "refresh");
    CHECK(ack.text("type") == "companion_reg_refresh");
    REQUIRE(linking.codes.size() == 2);
    CHECK(linking.codes[1].find("#ref1,") != std::string::npos);
    CHECK(keys_in(linking.codes[0]).adv_secret != keys_in(linking.codes[1]).adv_secret);
    linking.say(pair_success(linking.genuine()));
    CHECK(linking.next().text("type") == "result");
    linking.say(Node("stream:error", {{"code", "515"}}));
    linking.server.loop.finish(linking.running);
    CHECK(linking.linked_keys.adv_secret == keys_in(linking.codes[1]).adv_secret);
    linking.running.reset();
  }
}

TEST_CASE("a phone that scanned the code from before a refresh is not believed") {
  Linking linking;
  linking.show({"ref1"});
  const Bytes former = linking.genuine();
  linking.say(refresh());
  CHECK(linking.next().tag == "ack");
  linking.say(pair_success(former));
  CHECK(linking.next().text("type") == "error");
  CHECK(linking.end() == ErrorCode::kPairingFailed);
}

TEST_CASE("a refresh before the first code, an empty one and one of a stranger") {
  Linking linking;
  SUBCASE("before the first code changes only what that will show") {
    linking.start();
    linking.accept();
    linking.say(refresh());
    CHECK(linking.next().tag == "ack");
    CHECK(linking.codes.empty());
    linking.say(pair_device("refs", {"ref1"}));
    CHECK(linking.next().text("id") == "refs");
    linking.server.loop.run_until([&] { return linking.codes.size() == 1; });
  }
  SUBCASE("that names nothing is acked") {
    linking.show({"ref1"});
    linking.say(refresh("something_else"));
    CHECK(linking.next().tag == "ack");
  }
  SUBCASE("of a stranger is nothing to us") {
    linking.show({"ref1"});
    Node forged = refresh();
    forged.set("from", Jid::parse("40722000000@s.whatsapp.net").value());
    linking.say(forged);
  }
  linking.say(pair_success(linking.genuine()));
  CHECK(linking.next().text("type") == "result");
  CHECK(linking.codes.size() == 1);
}

TEST_CASE("a refresh while a success is being answered leaves the secret alone") {
  Linking linking;
  linking.show({"ref1"});
  const Bytes secret = keys_in(linking.codes.back()).adv_secret;
  linking.say(pair_success(linking.genuine()));
  CHECK(linking.next().text("type") == "result");
  linking.say(refresh());
  CHECK(linking.next().tag == "ack");
  linking.say(Node("stream:error", {{"code", "515"}}));
  linking.server.loop.finish(linking.running);
  CHECK(linking.codes.size() == 1);
  CHECK(linking.linked_keys.adv_secret == secret);
}

TEST_CASE("nobody scans: the time given is kept") {
  Linking linking;
  linking.options.timeout = 60ms;
  linking.start();
  linking.accept();
  linking.say(pair_device("refs", {"ref1", "ref2"}));
  CHECK(linking.end() == ErrorCode::kTimeout);
}

TEST_CASE("a server without codes") {
  Linking linking;
  linking.options.timings.iq_timeout = 50ms;
  linking.start();
  linking.accept();
  SUBCASE("that says nothing does not keep us waiting") {
    CHECK(linking.end() == ErrorCode::kTimeout);
  }
  SUBCASE("that sends an empty list is not asked in a loop") {
    linking.say(pair_device("empty", {}));
    CHECK(linking.end() == ErrorCode::kProtocol);
  }
  SUBCASE("that sends what cannot stand in a code is refused") {
    linking.say(pair_device("bad", {"a,b"}));
    CHECK(linking.end() == ErrorCode::kProtocol);
  }
  SUBCASE("that claims a scan before any code was shown is not believed") {
    const DeviceKeys keys = DeviceKeys::generate();
    linking.say(pair_success(Phone{}.vouch_for(keys, keys.adv_secret)));
    CHECK(linking.end() == ErrorCode::kTimeout);
    CHECK_FALSE(linking.linked);
  }
}

TEST_CASE("what cannot be trusted or kept is refused, and the server is told") {
  Linking linking;
  linking.show({"ref1"});
  const DeviceKeys shown = keys_in(linking.codes.back());
  std::string code;
  ErrorCode thrown{};
  SUBCASE("sealed by somebody who did not see the code") {
    linking.say(pair_success(Phone{}.vouch_for(shown, Bytes(32, 1))));
    code = "401";
    thrown = ErrorCode::kPairingFailed;
  }
  SUBCASE("signed for other keys") {
    linking.say(pair_success(Phone{}.vouch_for(DeviceKeys::generate(), shown.adv_secret)));
    code = "401";
    thrown = ErrorCode::kPairingFailed;
  }
  SUBCASE("for nobody") {
    linking.say(pair_success(linking.genuine(), "1203-44@g.us"));
    code = "500";
    thrown = ErrorCode::kProtocol;
  }
  SUBCASE("the device cannot be stored") {
    linking.on_linked = [] { throw Error(ErrorCode::kStore, "the disk is full"); };
    linking.say(pair_success(linking.genuine()));
    code = "500";
    thrown = ErrorCode::kStore;
  }
  const Node answer = linking.next();
  CHECK(answer.text("type") == "error");
  CHECK(answer.text("id") == "success");
  REQUIRE(answer.child("error") != nullptr);
  CHECK(answer.child("error")->text("code") == code);
  CHECK(linking.end() == thrown);
  CHECK_FALSE(linking.linked);
}

TEST_CASE("an exception that is no Error of ours also ends the attempt with a refusal") {
  Linking linking;
  linking.on_linked = [] { throw std::out_of_range("a bug"); };
  linking.show({"ref1"});
  linking.say(pair_success(linking.genuine()));
  CHECK(linking.next().text("type") == "error");
  CHECK_THROWS_AS(linking.server.loop.finish(linking.running), std::out_of_range);
}

TEST_CASE("only the server can say that somebody scanned") {
  Linking linking;
  linking.show({"ref1"});
  const Node genuine = pair_success(linking.genuine());
  Node forged = genuine;
  forged.set("from", Jid::parse("40722000000@s.whatsapp.net").value());
  forged.set("id", std::string("forged"));
  linking.say(forged);
  linking.say(genuine);
  CHECK(linking.next().text("id") == "success");
  linking.remote->close();
  linking.server.loop.finish(linking.running);
}

TEST_CASE("stop ends linking at once") {
  Linking linking;
  const Error reason(ErrorCode::kInterrupted, "stop");
  SUBCASE("before it begins") {
    linking.stop.request(reason);
    linking.start();
  }
  SUBCASE("while the server does not answer the handshake") {
    linking.start();
    asio::ip::tcp::socket silent(linking.server.loop.io);
    const auto take = [&]() -> asio::awaitable<void> {
      co_await linking.server.listener.acceptor.async_accept(silent, asio::use_awaitable);
    };
    linking.server.loop.run(take());
    linking.stop.request(reason);
    CHECK(linking.end() == ErrorCode::kInterrupted);
    return;
  }
  SUBCASE("while a code is shown") {
    linking.show({"ref1"});
    linking.stop.request(reason);
  }
  CHECK(linking.end() == ErrorCode::kInterrupted);
}

namespace {

// Linking by code, up to where the code is shown.
struct Typing : Linking {
  CodePhone phone;
  Node hello;

  Typing() { options.phone = "+40700000001"; }
  void offer(const std::vector<std::string>& refs = {"ref1", "ref2"}) {
    accept();
    say(pair_device("refs", refs));
    CHECK(next().text("id") == "refs");
    hello = next();
    REQUIRE(hello.child("link_code_companion_reg") != nullptr);
  }
  void show(const std::vector<std::string>& refs = {"ref1", "ref2"}) {
    offer(refs);
    const std::size_t before = codes.size();
    say(result_of(hello, {CodePhone::answer_to_hello("attempt")}));
    server.loop.run_until([&] { return codes.size() > before; });
  }
  Node type(const std::string& code) {
    say(phone.type(hello, code, "attempt"));
    CHECK(next().tag == "ack");
    return next();
  }
};

}  // namespace

TEST_CASE("a code typed on the phone links") {
  Typing linking;
  linking.start();
  linking.show();
  const Node finish = linking.type(linking.codes.back());
  const auto secret = linking.phone.secret(finish);
  REQUIRE(secret);
  linking.say(result_of(finish));
  DeviceKeys ours;
  ours.identity.key.public_key =
      public_key_from(CodePhone::part(finish, "companion_identity_public"));
  linking.say(pair_success(Phone{}.vouch_for(ours, *secret)));
  const Node answer = linking.next();
  CHECK(answer.text("type") == "result");
  CHECK(answer.child("pair-device-sign") != nullptr);
  linking.say(Node("stream:error", {{"code", "515"}}));
  linking.server.loop.finish(linking.running);
  REQUIRE(linking.linked);
  CHECK(linking.linked->phone() == "+40700000001");
  CHECK(linking.linked_keys.adv_secret == *secret);
}

TEST_CASE("a refreshed registration does not disturb a code that is shown or was typed") {
  Typing linking;
  linking.start();
  linking.show();
  linking.say(refresh());
  CHECK(linking.next().tag == "ack");
  const Node finish = linking.type(linking.codes.back());
  linking.say(refresh("pair-device-rotate-qr"));
  CHECK(linking.next().tag == "ack");
  linking.say(result_of(finish));
  linking.say(refresh());
  CHECK(linking.next().tag == "ack");
  DeviceKeys ours;
  ours.identity.key.public_key =
      public_key_from(CodePhone::part(finish, "companion_identity_public"));
  linking.say(pair_success(Phone{}.vouch_for(ours, linking.phone.secret(finish).value())));
  CHECK(linking.next().child("pair-device-sign") != nullptr);
  CHECK(linking.codes.size() == 1);
}

namespace {

// What the server says of the code, at this stage; about `ref`.
Node stage_of(const std::string& stage, const std::string& ref) {
  Node link("link_code_companion_reg", {{"stage", stage}},
            std::vector<Node>{Node("link_code_pairing_ref", {}, to_bytes(ref))});
  return from_server(Node("notification", {{"id", "stage"}, {"type", "link_code_companion_reg"}},
                          std::vector<Node>{std::move(link)}));
}

}  // namespace

TEST_CASE("a code that the server wants refreshed is replaced on the same connection") {
  Typing linking;
  linking.start();
  linking.show();
  linking.say(stage_of("refresh_code", "attempt"));
  CHECK(linking.next().tag == "ack");
  linking.hello = linking.next();
  REQUIRE(linking.hello.child("link_code_companion_reg") != nullptr);
  linking.say(result_of(linking.hello, {CodePhone::answer_to_hello("attempt")}));
  linking.server.loop.run_until([&] { return linking.codes.size() == 2; });
  CHECK(linking.codes[0] != linking.codes[1]);
  CHECK(linking.phone.secret(linking.type(linking.codes[1])));
}

TEST_CASE("stages that do not concern the code leave it as it is") {
  Typing linking;
  linking.start();
  linking.show();
  for (const Node& node :
       {stage_of("refresh_code", "another attempt"), stage_of("tomorrow's stage", "attempt"),
        stage_of("primary_hello", "another attempt"),
        // Ahead of a demand for a passkey: not a mistyped code.
        stage_of("primary_hello", "attempt")}) {
    linking.say(node);
    CHECK(linking.next().tag == "ack");
  }
  CHECK(linking.codes.size() == 1);
  CHECK(linking.phone.secret(linking.type(linking.codes.back())));
}

TEST_CASE("codes are not shown without end") {
  Typing linking;
  linking.start();
  linking.show();
  for (std::size_t shown = 1; shown < 8; ++shown) {
    REQUIRE(linking.codes.size() == shown);
    linking.say(stage_of("refresh_code", "attempt"));
    CHECK(linking.next().tag == "ack");
    linking.hello = linking.next();
    linking.say(result_of(linking.hello, {CodePhone::answer_to_hello("attempt")}));
    linking.server.loop.run_until([&] { return linking.codes.size() > shown; });
  }
  linking.say(stage_of("refresh_code", "attempt"));
  CHECK(linking.end() == ErrorCode::kPairingFailed);
  CHECK(linking.codes.size() == 8);
}

TEST_CASE("a wrong code is answered with a new one, over a new connection with new keys") {
  Typing linking;
  linking.start();
  linking.show();
  const Node finish = linking.type("1111-1111");
  SUBCASE("when the server says so") {
    linking.say(error_to(finish, "400"));
  }
  SUBCASE("when it hangs up") {
    linking.remote->close();
  }
  linking.show();
  REQUIRE(linking.codes.size() == 2);
  CHECK(linking.codes[0] != linking.codes[1]);
}

TEST_CASE("a phone that does not confirm after the code was typed is given a new one") {
  Typing linking;
  linking.options.timings.iq_timeout = 300ms;
  linking.start();
  linking.show();
  linking.say(result_of(linking.type(linking.codes.back())));
  linking.accept();
}

TEST_CASE("a code that nobody types is replaced when the batch's time is over") {
  Typing linking;
  linking.options.first_qr_lifetime = 20ms;
  linking.options.qr_lifetime = 20ms;
  linking.start();
  linking.show();
  linking.show();
  CHECK(linking.codes.size() == 2);
}

TEST_CASE("a refused phone number says what to check, too many codes how long to wait") {
  for (const auto& [code, word] : {std::pair("400", "country code"), std::pair("429", "hour")}) {
    Typing linking;
    linking.start();
    linking.offer();
    linking.say(error_to(linking.hello, code));
    try {
      linking.server.loop.finish(linking.running);
      FAIL_CHECK("it went on");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kServerRefused);
      CHECK(std::string(error.what()).find("+40700000001") != std::string::npos);
      CHECK(std::string(error.what()).find(code) != std::string::npos);
      CHECK(error.hint().find(word) != std::string::npos);
    }
    linking.running.reset();
  }
}

TEST_CASE("a link under a secret that no code brought is not believed") {
  Typing linking;
  linking.start();
  linking.show();
  linking.say(pair_success(Phone{}.vouch_for(DeviceKeys::generate(), Bytes(32, 0))));
  const Node answer = linking.next();
  CHECK(answer.text("type") == "error");
  CHECK(linking.end() == ErrorCode::kPairingFailed);
  CHECK_FALSE(linking.linked);
}

TEST_CASE("typed codes from anybody but the server, or where QR codes are shown, are ignored") {
  SUBCASE("from a stranger") {
    Typing linking;
    linking.start();
    linking.show();
    Node forged = linking.phone.type(linking.hello, linking.codes.back(), "attempt");
    forged.set("from", Jid::parse("40722000000@s.whatsapp.net").value());
    linking.say(forged);
    const Node finish = linking.type(linking.codes.back());  // the first that is answered
    CHECK(linking.phone.secret(finish));
  }
  SUBCASE("beside a QR code") {
    Linking linking;
    linking.show({"ref1"});
    linking.say(
        from_server(Node("notification", {{"id", "N"}, {"type", "link_code_companion_reg"}})));
    CHECK(linking.next().tag == "ack");
    linking.say(pair_success(linking.genuine()));
    CHECK(linking.next().text("id") == "success");
    linking.remote->close();
    linking.server.loop.finish(linking.running);
  }
}

TEST_CASE("nobody types: the time given is kept") {
  Typing linking;
  linking.options.timeout = 500ms;
  linking.start();
  linking.show();
  try {
    linking.server.loop.finish(linking.running);
    FAIL_CHECK("it went on");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kTimeout);
    CHECK(std::string(error.what()).find("typed") != std::string::npos);
  }
}

TEST_CASE("a passkey that is demanded ends it with an explanation") {
  Linking linking;
  linking.show({"ref1"});
  const Node options("passkey_request_options", {}, to_bytes("{}"));
  Node demand =
      from_server(Node("notification", {{"id", "P"}, {"type", "passkey_prologue_request"}},
                       std::vector<Node>{options}));
  SUBCASE("by the server") {
    linking.say(demand);
    CHECK(linking.end() == ErrorCode::kPasskeyRequired);
    CHECK_FALSE(linking.linked);
  }
  SUBCASE("but not by anybody else") {
    demand.set("from", Jid::parse("40722000000@s.whatsapp.net").value());
    linking.say(demand);
    linking.say(pair_success(linking.genuine()));
    CHECK(linking.next().text("type") == "result");
    linking.remote->close();
    linking.server.loop.finish(linking.running);
    CHECK(linking.linked);
  }
}

TEST_CASE("a phone that is too old for linked devices is told apart") {
  Linking linking;
  linking.show({"ref1"});
  linking.say(from_server(Node("ib", {}, std::vector<Node>{Node("downgrade_webclient")})));
  CHECK(linking.end() == ErrorCode::kPairingFailed);
}

}  // namespace link_test
