#include "session/receive/placeholder_resend.h"

#include "session/receive/phone_requests.h"
#include "unit/session/receive/awaiting.h"

namespace placeholder_resend_test {

using namespace wasync;
using namespace wasync::test;

TEST_CASE("our phone's answer makes it a message, a stranger's does not") {
  Awaiting account;
  account.fails("A1");
  const pb::Message content = Awaiting::answer("A1", text_message("from the phone"));
  SUBCASE("a stranger") {
    account.from_ana("A2", account.ana.enc(content));
    account.receive("A3", {{"from", jid(kAna)}, {"category", "peer"}}, {account.ana.enc(content)});
    CHECK(account.receiver.counts.spoofed == 2);
    CHECK(account.text("type", "A1") == "undecryptable");
  }
  SUBCASE("another device of ours") {
    Writer companion(account);
    account.receive("A2", {{"from", jid("9001:4@lid")}, {"category", "peer"}},
                    {companion.enc(content)});
    CHECK(account.receiver.counts.spoofed == 1);
    CHECK(account.text("type", "A1") == "undecryptable");
  }
  SUBCASE("the phone, and again") {
    CHECK(account.phone_says(content).stored);
    CHECK_FALSE(account.phone_says(content).stored);
    CHECK(account.text("body", "A1") == "from the phone");
    CHECK(account.number("SELECT count(*) FROM messages") == 1);
    CHECK(count_undecryptable(account.db).recovered == 1);
    // The sender's own attempt comes too, later.
    account.from_ana("A1", account.ana.enc(text_message("from the phone")));
    CHECK(account.number("SELECT count(*) FROM messages") == 1);
  }
}

TEST_CASE("only what is awaited is taken from an answer") {
  Awaiting account;
  account.fails("A1");
  SUBCASE("another id") {
    account.phone_says(Awaiting::answer("A9", text_message("who asked?")));
  }
  SUBCASE("another chat") {
    account.phone_says(Awaiting::answer("A1", text_message("who asked?"), kGroup));
  }
  SUBCASE("nothing but the key") {
    account.phone_says(Awaiting::answer("A1", {}));
  }
  SUBCASE("garbage") {
    pb::Message content = Awaiting::answer("A1", text_message("x"));
    content.mutable_protocol_message()
        ->mutable_peer_data_operation_request_response_message()
        ->mutable_peer_data_operation_result(0)
        ->mutable_placeholder_message_resend_response()
        ->set_web_message_info_bytes("\xff\xff\xff");
    account.phone_says(content);
    CHECK(account.receiver.counts.malformed == 1);
  }
  CHECK(account.number("SELECT count(*) FROM messages") == 1);
  CHECK(account.text("type", "A1") == "undecryptable");
  CHECK(count_undecryptable(account.db).waiting == 1);
}

TEST_CASE("an answer under the chat's other address is the same message") {
  Awaiting account;
  account.receive("A1", {{"from", jid(kAna)}, {"sender_lid", jid(kAnaLid)}}, {Awaiting::garbage()});
  account.phone_says(Awaiting::answer("A1", text_message("by LID"), kAnaLid));
  CHECK(account.text("body", "A1") == "by LID");
}

TEST_CASE("the phone is asked by the chat's LID, the next time by the phone number") {
  Awaiting account;
  account.phone_says({});
  account.receive("A1", {{"from", jid(kAna)}, {"sender_lid", jid(kAnaLid)}}, {Awaiting::garbage()});
  const auto asked = [&] {
    Transaction transaction(account.db, "test");
    const auto rows = AwaitedMessages(account.db).to_request(UnixSeconds::now());
    REQUIRE(rows.size() == 1);
    const auto wanted = AwaitedMessages(account.db).to_request(rows[0], UnixSeconds::now());
    REQUIRE(wanted);
    const auto request =
        placeholder_request(account.store, account.device, {*wanted}, UnixSeconds::now());
    transaction.commit();
    REQUIRE(request);
    pb::Message content;
    REQUIRE(content.ParseFromString(
        to_string(find_phone_request(account.db, request->text("id"))->content)));
    return content.protocol_message()
        .peer_data_operation_request_message()
        .placeholder_message_resend_request(0)
        .message_key()
        .remote_jid();
  };
  CHECK(asked() == kAnaLid);
  CHECK(asked() == kAna);
}

}  // namespace placeholder_resend_test
