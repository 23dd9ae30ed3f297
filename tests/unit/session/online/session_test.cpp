#include "session/online/session.h"

#include "session/connection/pre_keys.h"
#include "unit/session/online.h"

namespace session_test {

using namespace wasync;
using namespace wasync::test;
namespace asio = boost::asio;

TEST_CASE("logging in supplies pre-keys, becomes active, and marks the account connected") {
  Online online;
  online.pre_keys = 0;
  online.log_in();
  REQUIRE(online.requests.size() == 3);
  CHECK(online.requests[0].child("count") != nullptr);
  const Node& upload = online.requests[1];
  REQUIRE(upload.child("list") != nullptr);
  CHECK(upload.child("list")->children().size() == 812);
  CHECK(upload.child("skey") != nullptr);
  CHECK(to_bytes(upload.child("identity")->bytes()) ==
        to_bytes(BytesView(online.account.keys.identity.key.public_key)));
  CHECK(online.requests[2].child("active") != nullptr);
  CHECK(online.account.store.uploaded_pre_key_count() == 812);
  CHECK(online.row().status == AccountStatus::kConnected);
  CHECK(online.row().last_server_traffic_at.known());
}

TEST_CASE("a server that refuses our keys does not keep us offline") {
  Online online;
  online.answer = [&](const Node& iq) {
    return iq.child("count") != nullptr ? error_to(iq, "503") : online.usual_answer(iq);
  };
  online.log_in();
  CHECK(online.uploads() == 0);
}

TEST_CASE("a server that refuses to call us active serves us all the same") {
  Online online;
  online.answer = [&](const Node& iq) {
    return iq.text("xmlns") == "passive" ? error_to(iq, "500") : online.usual_answer(iq);
  };
  online.log_in();
  CHECK(online.row().status == AccountStatus::kConnected);
  online.say(online.from_ana("A1", "hello"));
  CHECK(online.next().text("id") == "A1");
}

TEST_CASE("after the login we say which session this is, by the server's clock") {
  Online online;
  online.leave_out_greetings = false;
  online.connect();
  online.say(Node("success", {{"t", "1789344000"}}));  // a Monday at midnight
  const Node said = online.next();
  REQUIRE(said.child("unified_session") != nullptr);
  CHECK(*said.child("unified_session")->number("id") < 60'000);
}

TEST_CASE("nothing is taken before the login") {
  Online online;
  online.connect();
  const Node early = online.from_ana("A1", "too early");
  online.say(early);
  online.say(from_server(Node("notification", {{"id", "N1"}, {"type", "encrypt"}})));
  online.settle();
  CHECK(online.account.number("SELECT count(*) FROM messages") == 0);
  online.say(Node("success"));
  online.say(early);
  CHECK(online.next().tag == "receipt");  // the first answer is to what came after it
}

TEST_CASE("every stanza that wants an answer gets one, of its kind") {
  Online online;
  online.log_in();
  online.say(online.from_ana("A1", "hello"));
  const Node receipt = online.next();
  CHECK(receipt.tag == "receipt");
  CHECK(receipt.text("id") == "A1");
  for (const char* tag : {"receipt", "notification", "call"}) {
    Node stanza(tag, {{"id", "S1"},
                      {"from", jid("120363000000000001@g.us")},
                      {"participant", jid("555:2@lid")},
                      {"recipient", jid(kAna)},
                      {"type", "some"}});
    online.say(stanza);
    const Node ack = online.next();
    CHECK(ack.tag == "ack");
    CHECK(ack.text("class") == tag);
    CHECK(ack.text("id") == "S1");
    CHECK(ack.jid("to") == stanza.jid("from"));
    CHECK(ack.jid("participant") == stanza.jid("participant"));
    CHECK(ack.jid("recipient") == stanza.jid("recipient"));
    CHECK(ack.text("type") == "some");
    CHECK_FALSE(ack.has("error"));
  }
  online.say(Node("hologram", {{"id", "S2"}, {"from", jid(kAna)}}));
  const Node nack = online.next();
  CHECK(nack.text("class") == "hologram");
  CHECK(nack.text("error") == "488");
  // These want none: the next answer is to the ping behind them.
  online.say(Node("presence", {{"id", "P"}, {"from", jid(kAna)}}));
  online.say(Node("ack", {{"id", "P"}, {"from", jid(kAna)}, {"class", "receipt"}}));
  online.say(Node("ib", {{"from", server_jid()}}, std::vector<Node>{Node("offline")}));
  for (const char* kind : {"urn:xmpp:ping", "w:p"}) {
    online.say(from_server(Node("iq", {{"id", kind}, {"type", "get"}, {"xmlns", kind}})));
    const Node pong = online.next();
    CHECK(pong.tag == "iq");
    CHECK(pong.text("type") == "result");
    CHECK(pong.text("id") == kind);
  }
}

TEST_CASE("a burst is stored together, whatever the server acks meanwhile") {
  Online online;
  online.log_in();
  int commits = 0;
  online.on_message = [&] { ++commits; };
  for (int i = 0; i < 40; ++i) {
    const std::string id = std::to_string(i);
    online.server.loop.spawn(online.remote->send(online.from_ana("A" + id, "number " + id)));
    online.server.loop.spawn(online.remote->send(
        Node("ack", {{"id", "R" + id}, {"from", jid(kAna)}, {"class", "receipt"}})));
  }
  online.settle();
  CHECK(online.account.number("SELECT count(*) FROM messages") == 40);
  CHECK(commits < 20);
  CHECK(online.account.number("PRAGMA cache_size") == -1024);
  online.remote->abort();
  online.end();
  CHECK(online.account.number("PRAGMA cache_size") == -256);
}

TEST_CASE("what the server does not take is counted") {
  Online online;
  online.log_in();
  online.say(Node("ack", {{"id", "R1"}, {"from", jid(kAna)}, {"class", "receipt"}}));
  CHECK(online.session->counts().sent_refused == 0);
  online.say(
      Node("ack", {{"id", "R1"}, {"from", jid(kAna)}, {"class", "receipt"}, {"error", "400"}}));
  online.settle();
  CHECK(online.session->counts().sent_refused == 1);
}

TEST_CASE("the server is asked for names that are missing, one by one and once") {
  Online online;
  online.options.timings.names_after = online.options.timings.names_every =
      online.options.timings.names_pause = std::chrono::milliseconds(20);
  online.account.db.execute(
      "INSERT INTO threads (jid, last_message_at) VALUES ('120363000000000001@g.us', 1),"
      " ('120363000000000002@g.us', 2), ('40700000777@s.whatsapp.net', 3)");
  online.answer = [&](const Node& iq) {
    if (iq.jid("to") == jid("120363000000000002@g.us")) {
      Node refusal = error_to(iq, "403");
      refusal.set("from", *iq.jid("to"));
      return refusal;
    }
    if (iq.text("xmlns") != "w:g2") return online.usual_answer(iq);
    Node answer = result_of(iq, {Node("group", {{"subject", "Choir"}})});
    answer.set("from", *iq.jid("to"));
    return answer;
  };
  online.log_in();
  const auto asked = [&](const char* xmlns) {
    return std::count_if(online.requests.begin(), online.requests.end(),
                         [&](const Node& iq) { return iq.text("xmlns") == xmlns; });
  };
  online.server.loop.run_until([&] { return asked("usync") > 0; });
  online.server.loop.run(online.server.pause(std::chrono::milliseconds(200)));
  online.settle();
  CHECK(asked("w:g2") == 2);
  CHECK(asked("usync") == 1);
  CHECK(online.account.number("SELECT count(*) FROM threads WHERE name = 'Choir'") == 1);
}

TEST_CASE("pings of strangers are not answered") {
  Online online;
  online.log_in();
  online.say(Node("iq", {{"id", "x"}, {"type", "get"}, {"xmlns", "w:p"}, {"from", jid(kAna)}}));
  online.say(Node("receipt", {{"id", "y"}, {"from", jid(kAna)}}));
  CHECK(online.next().text("id") == "y");
}

TEST_CASE("when the server runs low on our pre-keys it gets more, once") {
  Online online;
  online.log_in();
  CHECK(online.uploads() == 1);  // we had none uploaded
  online.pre_keys = 2;
  const Node low = from_server(Node("notification", {{"id", "N1"}, {"type", "encrypt"}},
                                    std::vector<Node>{Node("count", {{"value", "2"}})}));
  online.say(low);
  online.say(low);
  CHECK(online.next().tag == "ack");
  CHECK(online.next().tag == "ack");
  online.server.loop.run_until([&] { return online.account.store.uploaded_pre_key_count() > 60; });
  online.settle();
  CHECK(online.uploads() == 2);
}

TEST_CASE("a full disk ends the session with nothing acked") {
  Online online;
  online.log_in();
  online.account.db.execute(
      "CREATE TRIGGER full BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'full'); END");
  online.say(online.from_ana("A1", "lost?"));
  CHECK(online.end() == ErrorCode::kStore);
  CHECK(code_of([&] { online.next(); }) == ErrorCode::kNetwork);
}

TEST_CASE("what an event throws ends the session, and the message is answered all the same") {
  Online online;
  online.log_in();
  online.on_message = [] { throw std::runtime_error("the view broke"); };
  online.say(online.from_ana("A1", "hello"));
  CHECK_THROWS_AS(online.server.loop.finish(online.running), std::runtime_error);
  CHECK(online.account.number("SELECT count(*) FROM messages") == 1);
  CHECK(online.row().last_disconnect_reason == "the view broke");
}

TEST_CASE("a LID that the login tells is learned") {
  Online online;
  online.connect();
  online.say(Node("success", {{"lid", jid("12345@lid")}}));
  online.await_requests(1);
  CHECK(online.session->device().lid == jid("12345:7@lid"));
  CHECK(load_device(online.account.db)->lid == jid("12345:7@lid"));
  CHECK(online.row().lid == jid("12345:7@lid"));
}

TEST_CASE("a new LID takes the session with our phone along") {
  Online online;
  Transaction transaction(online.account.db, "test");
  online.account.store.put_session(SignalAddress::from(jid(kOwnLid)), as_bytes("record"));
  transaction.commit();
  online.connect();
  online.say(Node("success", {{"lid", jid("12345@lid")}}));
  online.await_requests(1);
  CHECK(online.account.store.has_session(SignalAddress::from(jid("12345@lid"))));
}

TEST_CASE("routing information is kept for the next connection, unless it is absurd") {
  Online online;
  online.log_in();
  const auto tell = [&](Bytes info) {
    const Node routing("edge_routing", {},
                       std::vector<Node>{Node("routing_info", {}, std::move(info))});
    online.say(Node("ib", {{"from", server_jid()}}, std::vector<Node>{routing}));
    online.settle();
    return load_device(online.account.db)->routing_info;
  };
  CHECK(tell({8, 2, 8, 5}) == Bytes{8, 2, 8, 5});
  CHECK(tell(Bytes(100'000, 1)) == Bytes{8, 2, 8, 5});
}

TEST_CASE("why a session ended is kept") {
  Online online;
  SUBCASE("the phone removed us") {
    online.log_in();
    online.say(Node("stream:error", {{"code", "401"}},
                    std::vector<Node>{Node("conflict", {{"type", "device_removed"}})}));
    CHECK(online.end() == ErrorCode::kLoggedOut);
    CHECK(online.row().status == AccountStatus::kLoggedOut);
  }
  SUBCASE("refused at the login") {
    online.connect();
    online.say(Node("failure", {{"reason", "405"}}));
    CHECK(online.end() == ErrorCode::kClientOutdated);
    CHECK(online.row().status == AccountStatus::kDisconnected);
  }
  SUBCASE("the server wants us to come back") {
    online.log_in();
    online.say(Node("stream:error", {{"code", "515"}}));
    CHECK(online.end() == ErrorCode::kNetwork);
    CHECK(online.session->restart_demanded());
  }
  CHECK_FALSE(online.row().last_disconnect_reason.empty());
}

TEST_CASE("a session that we end ourselves leaves no reason, not even an older one") {
  Online online;
  update_account(online.account.db,
                 [](Account& account) { account.last_disconnect_reason = "of another day"; });
  SUBCASE("while it is online") {
    online.log_in();
    online.session->close(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "stop")));
    CHECK(online.end() == ErrorCode::kInterrupted);
  }
  SUBCASE("while the handshake hangs") {
    online.start();
    asio::ip::tcp::socket silent(online.server.loop.io);
    const auto take = [&]() -> asio::awaitable<void> {
      co_await online.server.listener.acceptor.async_accept(silent, asio::use_awaitable);
    };
    online.server.loop.run(take());
    online.session->close(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "stop")));
    CHECK(online.end() == ErrorCode::kInterrupted);
  }
  CHECK(online.row().status == AccountStatus::kDisconnected);
  CHECK(online.row().last_disconnect_reason.empty());
}

TEST_CASE("after run() has ended nothing touches the account any more") {
  Online online;
  online.answer = [&](const Node& iq) {
    // The answer and the end arrive together.
    online.server.loop.spawn(online.remote->send(online.usual_answer(iq)));
    return Node("stream:error", {{"code", "503"}});
  };
  online.connect();
  online.say(Node("success"));
  CHECK(online.end() == ErrorCode::kNetwork);
  CHECK(online.session.use_count() == 1);
}

namespace {

// An account whose signed pre-key is this old at login.
struct Aged : Online {
  PublicKey first = account.store.signed_pre_key().public_key;

  void age(std::int64_t days) {
    account.db.prepare("UPDATE signal_signed_pre_keys SET created_at_s = created_at_s - ?")
        .bind(days * 86'400)
        .run();
  }
  std::vector<Node> rotations() const {
    std::vector<Node> found;
    for (const Node& iq : requests)
      if (const Node* rotate = iq.child("rotate")) found.push_back(*rotate->child("skey"));
    return found;
  }
};

}  // namespace

TEST_CASE("a signed pre-key of this week stays") {
  Aged online;
  SUBCASE("new") {}
  SUBCASE("six days") {
    online.age(6);
  }
  online.log_in();
  CHECK(online.rotations().empty());
  CHECK(online.account.store.signed_pre_key().id == 1);
}

TEST_CASE("an older one, or one made while the clock was wrong, is replaced and told") {
  Aged online;
  SUBCASE("eight days") {
    online.age(8);
  }
  SUBCASE("from the future") {
    online.age(-30);
  }
  online.log_in();
  const auto told = online.rotations();
  REQUIRE(told.size() == 1);
  const SignedPreKey now = online.account.store.signed_pre_key();
  CHECK(now.id == 2);
  CHECK(now.public_key != online.first);
  CHECK(told[0] == key_node(now));
  CHECK(online.account.store.signed_pre_key_on_server());
  // What was begun with the old one can still be opened.
  CHECK(online.account.store.signed_pre_key_pair(1));
}

TEST_CASE("a new signed pre-key is stored before it is told, and told until it is confirmed") {
  Aged online;
  online.age(8);
  bool refuse = true;
  online.answer = [&](const Node& iq) {
    if (iq.child("rotate") == nullptr) return online.usual_answer(iq);
    CHECK(online.account.store.signed_pre_key().id == 2);
    return refuse ? error_to(iq, "503") : result_of(iq);
  };
  online.log_in();  // all the same
  REQUIRE(online.rotations().size() == 1);
  CHECK_FALSE(online.account.store.signed_pre_key_on_server());
  // Asked to look after its keys again, it tells the same one.
  refuse = false;
  Node few = from_server(Node("notification", {{"id", "N"}, {"type", "encrypt"}},
                              std::vector<Node>{Node("count", {{"value", "2"}})}));
  online.say(few);
  online.server.loop.run_until([&] { return online.account.store.signed_pre_key_on_server(); });
  const auto told = online.rotations();
  REQUIRE(told.size() == 2);
  CHECK(told[0] == told[1]);
  CHECK(online.account.store.signed_pre_key().id == 2);
}

namespace {

Node undecryptable(std::string id) {
  return message_stanza(std::move(id), {{"from", jid(kAna)}},
                        {Node("enc", {{"type", "msg"}, {"v", "2"}}, Bytes(60, 5))});
}

// An account whose phone has a session with us, so that it can be asked.
struct Asking : Online {
  Writer phone{account};

  explicit Asking(std::chrono::milliseconds patience) {
    options.timings.ask_phone_after = patience;
    const Node first =
        message_stanza("P0", {{"from", jid(kOwnPhone)}, {"category", "peer"}}, {phone.enc({})});
    Receiver{account}.receive(first);
  }
  std::int64_t requests_made() {
    return account.number("SELECT coalesce(sum(requests), 0) FROM awaited_messages");
  }
  Node next_of(std::string_view tag) {
    Node node = next();
    while (node.tag != tag) node = next();
    return node;
  }
};

}  // namespace

TEST_CASE("what did not decrypt is asked of the phone, after its sender had time") {
  Asking online(std::chrono::milliseconds(30));
  online.log_in();
  online.say(undecryptable("A1"));
  CHECK(online.next_of("receipt").text("type") == "retry");
  const Node request = online.next_of("message");
  CHECK(request.text("category") == "peer");
  CHECK(request.jid("to") == jid(kOwnPhone));
  CHECK(online.requests_made() == 1);
  // Once in a session, however often it fails.
  online.say(undecryptable("A1"));
  online.next_of("ack");
  online.say(undecryptable("A2"));
  online.next_of("message");
  CHECK(online.requests_made() == 2);
}

TEST_CASE("what came meanwhile is not asked for") {
  Asking online(std::chrono::milliseconds(300));
  online.log_in();
  online.say(undecryptable("A1"));
  online.say(online.from_ana("A1", "at the second attempt"));
  online.say(undecryptable("A2"));
  online.next_of("message");
  CHECK(online.account.number("SELECT requests FROM awaited_messages WHERE id = 'A1'") == 0);
  CHECK(online.account.number("SELECT requests FROM awaited_messages WHERE id = 'A2'") == 1);
}

TEST_CASE("what is still awaited is asked for at the next login") {
  Asking online(std::chrono::milliseconds(0));
  Receiver{online.account}.receive(undecryptable("A1"));
  online.log_in();
  online.next_of("message");
  CHECK(online.requests_made() == 1);
}

TEST_CASE(
    "what fails one after the other is asked for together, as far as its sender's share goes") {
  Asking online(std::chrono::milliseconds(300));
  online.log_in();
  for (int i = 0; i < kAskedAnHourOfOne + 6; ++i) {
    online.say(undecryptable("A" + std::to_string(i)));
  }
  const std::int64_t without_receipt = kAskedAnHourOfOne + 6 - kReceiptsAnHourToOne;
  online.server.loop.run_until(
      [&] { return online.session->counts().not_asked == without_receipt + 6; });
  CHECK(online.requests_made() == kAskedAnHourOfOne);
  CHECK(online.account.number("SELECT count(*) FROM phone_requests") <= 10);
  CHECK(online.account.number("SELECT count(*) FROM messages") == kAskedAnHourOfOne + 6);
}

TEST_CASE("an end while the phone is still to be asked is an end") {
  Asking online(std::chrono::hours(1));
  online.log_in();
  online.say(undecryptable("A1"));
  online.settle();
  online.session->close(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "stop")));
  CHECK(online.end() == ErrorCode::kInterrupted);
  CHECK(online.requests_made() == 0);
}

TEST_CASE("who stays online for weeks has its signed pre-key renewed") {
  Aged online;
  online.options.timings.pre_key_check = std::chrono::milliseconds(20);
  online.log_in();
  CHECK(online.rotations().empty());
  online.age(8);
  online.server.loop.run_until([&] { return !online.rotations().empty(); });
  CHECK(online.account.store.signed_pre_key().id == 2);
}

TEST_CASE("that the server answers is written down now and then") {
  Online online;
  online.options.timings.keep_alive_min = online.options.timings.keep_alive_max =
      std::chrono::milliseconds(5);
  const auto pings = [&] {
    return std::count_if(online.requests.begin(), online.requests.end(),
                         [](const Node& iq) { return iq.child("ping") != nullptr; });
  };
  const auto forget = [&] {
    update_account(online.account.db,
                   [](Account& account) { account.last_server_traffic_at = {}; });
  };
  SUBCASE("not at each ping") {
    online.log_in();
    forget();
    online.server.loop.run_until([&] { return pings() >= 5; });
    CHECK_FALSE(online.row().last_server_traffic_at.known());
  }
  SUBCASE("when it is due") {
    online.options.timings.alive_mark = std::chrono::milliseconds(1);
    online.log_in();
    forget();
    online.server.loop.run_until([&] { return online.row().last_server_traffic_at.known(); });
  }
}

namespace {

// Pings all the time, at a server whose clock the test sets.
struct Pinged : Online {
  std::int64_t ahead = 0;

  Pinged() {
    options.timings.keep_alive_min = options.timings.keep_alive_max = std::chrono::milliseconds(2);
    answer = [this](const Node& iq) {
      Node reply = usual_answer(iq);
      if (iq.child("ping") != nullptr) reply.set("t", std::to_string(now()));
      return reply;
    };
  }
  ~Pinged() { forget_time(); }
  std::int64_t now() const { return UnixSeconds::of_host().value + ahead; }
  Node sent_now(std::string id) {
    Node message = from_ana(std::move(id), "hello");
    message.set("t", std::to_string(now()));
    return message;
  }
  void await_pings(std::size_t more) { await_requests(requests.size() + more); }
};

}  // namespace

TEST_CASE("a connection that answers and brings nothing for longer than ever is ended") {
  Pinged online;
  online.log_in();
  online.say(online.sent_now("A1"));
  online.ahead = 86'300;
  online.await_pings(3);
  CHECK(online.session->is_open());
  online.ahead = 86'460;
  CHECK(online.end() == ErrorCode::kNetwork);
  CHECK(online.session->fell_silent());
  CHECK(online.session->counts().fell_silent == 1);
  CHECK(online.row().last_disconnect_reason.find("WhatsApp answers, but") == 0);
  CHECK(load_rhythm(online.account.db).heard_at == online.session->last_stanza_at());
}

TEST_CASE(
    "one that was made for this reason and brings nothing either may be silent twice as long") {
  Pinged online;
  online.options.silent_before = 1;
  online.log_in();
  SUBCASE("nothing") {
    online.ahead = 86'500;
    online.await_pings(3);
    CHECK(online.session->is_open());
    online.ahead = 2 * 86'400 + 60;
    CHECK(online.end() == ErrorCode::kNetwork);
  }
  SUBCASE("unless it has brought something since") {
    online.say(online.sent_now("A1"));
    online.settle();
    online.ahead = 86'500;
    CHECK(online.end() == ErrorCode::kNetwork);
  }
}

TEST_CASE("stanzas of use are written down with the signs of life, not each") {
  Pinged online;
  online.log_in();
  online.say(online.sent_now("A1"));
  online.settle();
  CHECK(online.session->last_stanza_at().known());
  CHECK_FALSE(load_rhythm(online.account.db).heard_at.known());
  online.session->close(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "over")));
  CHECK(online.end() == ErrorCode::kInterrupted);
  CHECK(load_rhythm(online.account.db).heard_at == online.session->last_stanza_at());
}

TEST_CASE("the generation rises with each login, while the server answers, and at the end") {
  Online online;
  online.options.timings.keep_alive_min = online.options.timings.keep_alive_max =
      std::chrono::milliseconds(5);
  SUBCASE("not at each ping") {
    online.log_in();
    const auto at = online.generation();
    CHECK(at > 0);
    CHECK(online.generation_told == at);
    const auto pings = [&] {
      return std::ranges::count_if(online.requests,
                                   [](const Node& iq) { return iq.child("ping") != nullptr; });
    };
    online.server.loop.run_until([&] { return pings() >= 5; });
    CHECK(online.generation() == at);
    online.remote->close();
    CHECK(online.end() == ErrorCode::kNetwork);
    CHECK(online.generation_told == at + 1);
  }
  SUBCASE("when it is due") {
    online.options.timings.alive_mark = std::chrono::milliseconds(1);
    online.log_in();
    online.server.loop.run_until([&] { return online.generation_told >= 3; });
  }
}

namespace {

// Whose file was put back from a backup, and for which a session with its phone is due.
struct RestoredOnline : Online {
  wasync::test::Device own_phone{"phone"};
  std::string phone_query;
  bool other_keys = false;

  explicit RestoredOnline(bool restored = true) {
    account.is_signed_by(identity());
    account.db
        .prepare("UPDATE device SET signed_identity = ?, restored_at = 1, phone_session_due = ?")
        .bind(account.device.signed_identity, restored)
        .run();
    answer = [this](const Node& iq) {
      const Node* key = iq.child("key");
      return key != nullptr ? keys_of_phone(iq, *key) : usual_answer(iq);
    };
  }
  PublicKey identity() const { return own_phone.store->local_identity().key.public_key; }
  Node keys_of_phone(const Node& iq, const Node& asked) {
    phone_query = asked.child("user")->text("jid");
    Transaction transaction(*own_phone.database, "test");
    Node user(
        "user", {{"jid", phone_query}},
        std::vector<Node>{registration_node(77), key_type_node(),
                          identity_node(other_keys ? KeyPair::generate().public_key : identity()),
                          key_node(own_phone.store->pre_key_for_peer()),
                          key_node(own_phone.store->signed_pre_key())});
    transaction.commit();
    return result_of(iq, {Node("list", {}, std::vector<Node>{std::move(user)})});
  }
  std::optional<Node> ask_phone() {
    pb::Message asked;
    asked.mutable_protocol_message();
    Transaction transaction(account.db, "test");
    auto sealed = session->seal_for_phone(asked);
    transaction.commit();
    return sealed;
  }
};

}  // namespace

TEST_CASE("a restored account begins a new session with its phone, whom it can ask at once") {
  RestoredOnline online;
  online.log_in();
  CHECK(online.phone_query == kOwnPhone);
  const auto asked = online.ask_phone();
  REQUIRE(asked);
  const auto& enc = *asked->child("enc");
  CHECK(enc.text("type") == "pkmsg");
  Transaction transaction(*online.own_phone.database, "test");
  CHECK(online.own_phone.cipher->decrypt({.name = "account", .device = 7}, EncType::kPreKeyMessage,
                                         enc.bytes()));
}

TEST_CASE("a restored account takes only the keys of the phone that signed its pairing") {
  RestoredOnline online;
  online.other_keys = true;
  online.log_in();
  CHECK_FALSE(online.ask_phone());
}

TEST_CASE("a server that does not tell the phone's keys does not keep a restored account offline") {
  RestoredOnline online;
  SUBCASE("refuses") {
    online.answer = [&](const Node& iq) {
      return iq.child("key") != nullptr ? error_to(iq, "503") : online.usual_answer(iq);
    };
  }
  SUBCASE("has none") {
    online.answer = [&](const Node& iq) { return online.usual_answer(iq); };
  }
  online.log_in();
  CHECK_FALSE(online.ask_phone());
}

TEST_CASE("the phone's keys are asked for only after a restore, and once") {
  SUBCASE("not due") {
    RestoredOnline online(false);
    online.log_in();
    CHECK(online.phone_query.empty());
  }
  SUBCASE("until the session has begun") {
    RestoredOnline online;
    online.log_in();
    CHECK_FALSE(load_device(online.account.db)->phone_session_due);
  }
  SUBCASE("again when they were another's") {
    RestoredOnline online;
    online.other_keys = true;
    online.log_in();
    CHECK(load_device(online.account.db)->phone_session_due);
  }
}

TEST_CASE("a restored account that WhatsApp refuses says that it may be of a former link") {
  RestoredOnline online;
  online.connect();
  online.say(Node("failure", {{"reason", "401"}}));
  try {
    online.server.loop.finish(online.running);
    FAIL_CHECK("goes on");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kLoggedOut);
    CHECK(std::string(error.what()).find("put back from a backup") != std::string::npos);
    CHECK(error.hint().find("pair --again") != std::string::npos);
  }
  CHECK(online.row().status == AccountStatus::kLoggedOut);
  CHECK(online.row().last_disconnect_reason.find("put back from a backup") != std::string::npos);
}

}  // namespace session_test
