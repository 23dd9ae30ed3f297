#include "session/receive/phone_retry.h"

#include "proto/peer_message.pb.h"
#include "session/connection/pre_keys.h"
#include "session/receive/peer_message.h"
#include "session/receive/stanza_receiver.h"
#include "unit/session/receive/receiving.h"

namespace phone_retry_test {

using namespace wasync;
using namespace wasync::test;

namespace {

const SignalAddress kAccount{.name = "account", .device = 7};

pb::Message older_messages() {
  pb::Message asked;
  asked.mutable_protocol_message()
      ->mutable_peer_data_operation_request_message()
      ->set_peer_data_operation_request_type(pb::PEER_DATA_HISTORY_SYNC_ON_DEMAND);
  return asked;
}
pb::Message an_unread_message() {
  pb::Message asked = older_messages();
  asked.mutable_protocol_message()
      ->mutable_peer_data_operation_request_message()
      ->set_peer_data_operation_request_type(pb::PEER_DATA_PLACEHOLDER_MESSAGE_RESEND);
  return asked;
}
pb::Message app_state_keys() {
  pb::Message asked;
  asked.mutable_protocol_message()->mutable_app_state_sync_key_request()->add_key_ids()->set_key_id(
      "1");
  return asked;
}

// An account that has asked its phone for something, and the phone after it has lost its sessions.
struct Deaf : Receiving {
  wasync::test::Device own_phone{"phone"};
  std::string id;

  explicit Deaf(const pb::Message& asked = older_messages()) {
    is_signed_by(phone_identity());
    from_phone("P0", {first_enc()});
    Transaction transaction(db, "test");
    const auto sealed = peer_message(store, device, asked);
    transaction.commit();
    REQUIRE(sealed);
    id = sealed->text("id");
    forget_session();
  }

  PublicKey phone_identity() { return own_phone.store->local_identity().key.public_key; }
  Node first_enc() {
    const PreKeyBundle ours = bundle();
    Transaction transaction(*own_phone.database, "test");
    REQUIRE_FALSE(own_phone.cipher->process_bundle(kAccount, ours));
    const auto sealed = own_phone.cipher->encrypt(kAccount, pad(as_bytes(std::string())));
    transaction.commit();
    return Node("enc", {{"type", std::string(name(sealed->type))}, {"v", "2"}}, sealed->bytes);
  }
  void forget_session() {
    Transaction transaction(*own_phone.database, "test");
    own_phone.store->delete_session(kAccount);
    transaction.commit();
  }
  Node receipt(int count, std::optional<Node> keys = {}, Jid from = jid(kOwnLid)) {
    Node node("receipt", {{"from", from}, {"id", id}, {"type", "retry"}, {"t", "1700000000"}});
    std::vector<Node> content;
    content.push_back(Node("retry", {{"count", std::to_string(count)}, {"id", id}, {"v", "1"}}));
    content.push_back(registration_node(own_phone.store->local_identity().registration_id));
    if (keys) content.push_back(*std::move(keys));
    node.content = std::move(content);
    return node;
  }
  Node keys(const PublicKey& identity) {
    Transaction transaction(*own_phone.database, "test");
    Node node("keys", {},
              std::vector<Node>{key_type_node(), identity_node(identity),
                                key_node(own_phone.store->pre_key_for_peer()),
                                key_node(own_phone.store->signed_pre_key())});
    transaction.commit();
    return node;
  }
  StanzaOutcome hear(const Node& stanza) {
    StanzaOutcome outcome;
    StanzaReceiver(store, device).receive({&stanza, 1}, [&](StanzaOutcome&& each) {
      outcome = std::move(each);
    });
    return outcome;
  }
  // What the phone as it is now reads.
  std::optional<pb::Message> read(const Node& message) {
    const Node* enc = message.child("enc");
    REQUIRE(enc != nullptr);
    Transaction transaction(*own_phone.database, "test");
    const auto type = enc_type_from(enc->text("type"));
    REQUIRE(type);
    const auto plain = own_phone.cipher->decrypt(kAccount, *type, enc->bytes());
    transaction.commit();
    if (!plain) return std::nullopt;
    const auto bytes = unpad(*plain.plaintext);
    pb::Message content;
    REQUIRE(bytes);
    REQUIRE(content.ParseFromArray(bytes->data(), static_cast<int>(bytes->size())));
    return content;
  }
  bool reads(const Node& message) { return read(message).has_value(); }
};

}  // namespace

TEST_CASE("what the phone could not read is sent again, in a new session from the phone's keys") {
  Deaf account;
  const StanzaOutcome first = account.hear(account.receipt(1));
  REQUIRE(first.answers.size() == 2);
  CHECK(first.answers[0].text("id") == account.id);
  CHECK(first.answers[0].child("enc")->text("count") == "1");
  CHECK_FALSE(account.reads(first.answers[0]));
  CHECK(first.answers[1].tag == "ack");

  const StanzaOutcome second =
      account.hear(account.receipt(2, account.keys(account.phone_identity())));
  REQUIRE(second.answers.size() == 2);
  CHECK(second.answers[0].text("push_priority") == "high_force");
  CHECK(second.answers[0].child("device-identity") != nullptr);
  CHECK(account.reads(second.answers[0]));
  CHECK(second.failed_requests.empty());
}

TEST_CASE("it says again what it said, whatever that was") {
  for (const pb::Message& asked : {older_messages(), an_unread_message(), app_state_keys()}) {
    Deaf account(asked);
    const StanzaOutcome again =
        account.hear(account.receipt(2, account.keys(account.phone_identity())));
    REQUIRE(again.answers.size() == 2);
    const auto read = account.read(again.answers[0]);
    REQUIRE(read);
    CHECK(read->protocol_message().SerializeAsString() ==
          asked.protocol_message().SerializeAsString());
  }
}

TEST_CASE("keys of another identity than signed the pairing are refused") {
  Deaf account;
  const std::string before = account.signal_state();
  const StanzaOutcome outcome =
      account.hear(account.receipt(2, account.keys(KeyPair::generate().public_key)));
  REQUIRE(outcome.answers.size() == 1);
  CHECK(outcome.answers[0].tag == "ack");
  REQUIRE(outcome.failed_requests.size() == 1);
  CHECK(outcome.failed_requests[0].id == account.id);
  CHECK(account.signal_state() == before);
}

TEST_CASE("malformed keys are refused as well") {
  Deaf account;
  Node keys = account.keys(account.phone_identity());
  std::get<std::vector<Node>>(keys.content).pop_back();
  CHECK(account.hear(account.receipt(2, std::move(keys))).failed_requests.size() == 1);
}

TEST_CASE("it is sent four times more and not again") {
  Deaf account;
  for (int count = 1; count <= 4; ++count)
    CHECK(account.hear(account.receipt(count)).answers.size() == 2);
  const StanzaOutcome last = account.hear(account.receipt(5));
  CHECK(last.answers.size() == 1);
  CHECK(last.failed_requests.size() == 1);
}

TEST_CASE("only our own phone is heard, and only about what it was asked for") {
  Deaf account;
  for (const auto* from : {"40722000000@s.whatsapp.net", "9001:4@lid", "555@lid"}) {
    const StanzaOutcome outcome =
        account.hear(account.receipt(2, account.keys(account.phone_identity()), jid(from)));
    CHECK(outcome.answers.size() == 1);
    CHECK(outcome.failed_requests.empty());
  }
  Node other = account.receipt(1);
  other.set("id", std::string("3EB0SOMETHINGELSE"));
  CHECK(account.hear(other).answers.size() == 1);
}

}  // namespace phone_retry_test
