#include "session/receive/peer_message.h"

#include "proto/peer_message.pb.h"
#include "session/app_state/recovery.h"
#include "session/receive/phone_requests.h"
#include "unit/session/receive/receiving.h"

namespace peer_message_test {

using namespace wasync;
using namespace wasync::test;

namespace {

// An account whose phone has written to it.
struct Peers : Receiving {
  Peers() { from_phone("P0", {phone.enc({})}); }
  Node tell(const pb::Message& content) {
    Transaction transaction(db, "test");
    auto sealed = peer_message(store, device, content);
    transaction.commit();
    REQUIRE(sealed);
    return *std::move(sealed);
  }
  static pb::Message request(pb::PeerDataOperationRequestType type) {
    pb::Message message;
    message.mutable_protocol_message()
        ->mutable_peer_data_operation_request_message()
        ->set_peer_data_operation_request_type(type);
    return message;
  }
};

}  // namespace

TEST_CASE("how urgent a request is depends on what it asks for") {
  Peers account;
  const Node older = account.tell(Peers::request(pb::PEER_DATA_HISTORY_SYNC_ON_DEMAND));
  CHECK(older.text("category") == "peer");
  CHECK(older.text("push_priority") == "high_force");
  CHECK(older.text("privacy_sensitive") == "1");
  const Node again = account.tell(Peers::request(pb::PEER_DATA_PLACEHOLDER_MESSAGE_RESEND));
  CHECK(again.text("push_priority") == "high_force");
  CHECK_FALSE(again.has("privacy_sensitive"));
  pb::Message keys;
  keys.mutable_protocol_message()->mutable_app_state_sync_key_request();
  CHECK(account.tell(keys).text("push_priority") == "high");
  CHECK(account.tell(recovery_request("regular", {1})).text("push_priority") == "high");
}

TEST_CASE("a request is remembered until it is a day old") {
  Peers account;
  const Node first = account.tell(Peers::request(pb::PEER_DATA_HISTORY_SYNC_ON_DEMAND));
  const auto known = find_phone_request(account.db, first.text("id"));
  REQUIRE(known);
  CHECK(known->repeats == 0);
  Transaction transaction(account.db, "test");
  remember_phone_request(account.db, "3EB0LATER", Bytes{1},
                         {UnixSeconds::now().value + 86'400 + 10});
  transaction.commit();
  CHECK_FALSE(find_phone_request(account.db, first.text("id")));
}

}  // namespace peer_message_test
