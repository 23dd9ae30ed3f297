#include "session/receive/refused_stanzas.h"

#include "base/error.h"
#include "session/receive/stanza_receiver.h"
#include "unit/session/account.h"

namespace refused_stanzas_test {

using namespace wasync;
using namespace wasync::test;

namespace {

// One login of an account.
struct Login {
  LinkedAccount& account;
  StanzaReceiver receiver{account.store, account.device};

  // What is answered to the stanza: "ack", or a nack's code.
  std::string answer(const Node& stanza) {
    std::string said;
    receiver.receive({&stanza, 1}, [&](StanzaOutcome&& outcome) {
      REQUIRE(outcome.answers.size() == 1);
      const Node& answer = outcome.answers[0];
      CHECK(answer.tag == "ack");
      CHECK(outcome.refused == answer.has("error"));
      said = answer.has("error") ? answer.text("error") : "ack";
    });
    return said;
  }
};

Node of_no_use(std::string id = "3A01") {
  return message_stanza(std::move(id), {{"from", jid(kAna)}},
                        {Node("enc", {{"type", "xmsg"}, {"v", "2"}}, Bytes(60, 5))});
}

Node waited(Node stanza) {
  stanza.set("offline", "0");
  return stanza;
}

}  // namespace

TEST_CASE("what is of no use is refused twice in a login, and then acked") {
  LinkedAccount account;
  Login login{account};
  CHECK(login.answer(of_no_use()) == "490");
  CHECK(login.answer(of_no_use()) == "490");
  CHECK(login.receiver.counts().given_up == 0);
  CHECK(login.answer(of_no_use()) == "ack");
  CHECK(login.answer(of_no_use()) == "ack");
  CHECK(login.receiver.counts().given_up == 2);
  CHECK(login.answer(of_no_use("3A02")) == "490");
}

TEST_CASE("it is acked at a later login, also after a restart") {
  LinkedAccount account;
  CHECK(Login{account}.answer(of_no_use()) == "490");
  CHECK(Login{account}.answer(of_no_use()) == "ack");
}

TEST_CASE("what waited and is of no use is acked at once, whatever is wrong with it") {
  LinkedAccount account;
  Login login{account};
  Writer ana{account};
  CHECK(login.answer(waited(of_no_use())) == "ack");
  const Node by_nobody =
      message_stanza("3A02", {{"from", jid("120363000000000001@g.us")}}, {of_no_use().children()});
  CHECK(login.answer(waited(by_nobody)) == "ack");
  const Node nonsense =
      message_stanza("3A03", {{"from", jid(kAna)}}, {ana.enc_bytes("\xff\xff\xff no protobuf")});
  CHECK(login.answer(waited(nonsense)) == "ack");
  CHECK(login.receiver.counts().given_up == 3);
}

TEST_CASE("a copy of our own message of no use is given up with a receipt") {
  LinkedAccount account;
  StanzaReceiver receiver(account.store, account.device);
  const Node copy = waited(message_stanza(
      "3A01", {{"from", jid(kOwnPhone)}, {"recipient", jid(kAna)}}, {of_no_use().children()}));
  receiver.receive({&copy, 1}, [&](StanzaOutcome&& outcome) {
    REQUIRE(outcome.answers.size() == 1);
    CHECK(outcome.answers[0].tag == "receipt");
    CHECK(outcome.answers[0].text("type") == "sender");
    CHECK(outcome.answers[0].jid("recipient") == jid(kAna));
  });
}

TEST_CASE("a fault of ours gets its second login even when the stanza waited") {
  LinkedAccount account;
  const auto enough = [&](RefusedStanzas& refused) {
    Transaction transaction(account.db, "test");
    const bool is = refused.enough(waited(of_no_use()), Nack::kUnhandledError);
    transaction.commit();
    return is;
  };
  RefusedStanzas first(account.db);
  CHECK_FALSE(enough(first));
  CHECK_FALSE(enough(first));
  CHECK(enough(first));
  RefusedStanzas second(account.db);
  CHECK(enough(second));
}

TEST_CASE("an unknown kind of stanza is refused and given up like any other") {
  LinkedAccount account;
  Login login{account};
  const Node stanza("hologram", {{"id", "S1"}, {"from", jid(kAna)}});
  CHECK(login.receiver.unknown(stanza).text("error") == "488");
  CHECK(login.receiver.unknown(stanza).text("error") == "488");
  CHECK_FALSE(login.receiver.unknown(stanza).has("error"));
  CHECK_FALSE(Login{account}.receiver.unknown(stanza).has("error"));
}

TEST_CASE("only so many are remembered, whatever strangers send") {
  LinkedAccount account;
  RefusedStanzas refused(account.db);
  Transaction transaction(account.db, "test");
  for (int i = 0; i < 1'010; ++i) {
    refused.enough(waited(of_no_use(std::string(200, 'A') + std::to_string(i))),
                   Nack::kParsingError);
  }
  transaction.commit();
  CHECK(account.number("SELECT count(*) FROM refused_stanzas") == 1'000);
  CHECK(account.number("SELECT max(length(digest)) FROM refused_stanzas") == 32);
}

}  // namespace refused_stanzas_test
