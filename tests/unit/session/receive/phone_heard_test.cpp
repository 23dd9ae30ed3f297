#include "session/receive/phone_heard.h"

#include "unit/session/account.h"

namespace phone_heard_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr UnixSeconds kNow{1'790'000'000};

wasync::Device device_of_account() {
  return {.jid = jid("40700000001:7@s.whatsapp.net"), .lid = jid("9001:7@lid")};
}

Node message(std::string_view from, std::string_view participant = {}) {
  Node node("message", {{"id", "M1"}, {"from", jid(from)}});
  if (!participant.empty()) node.set("participant", jid(participant));
  return node;
}

UnixSeconds heard(Node node, std::int64_t sent_at) {
  if (sent_at != 0) node.set("t", std::to_string(sent_at));
  PhoneHeard phone({});
  phone.hear(node, device_of_account(), kNow);
  return phone.newest();
}

}  // namespace

TEST_CASE("the phone is device 0 of our own user, under either address") {
  const wasync::Device device = device_of_account();
  CHECK(is_from_own_phone(message(kOwnPhone), device));
  CHECK(is_from_own_phone(message(kOwnLid), device));
  CHECK(is_from_own_phone(message("120363000000000001@g.us", kOwnLid), device));
  CHECK(is_from_own_phone(Node("receipt", {{"id", "R1"}, {"from", jid(kOwnPhone)}}), device));

  CHECK_FALSE(is_from_own_phone(message("40700000001:3@s.whatsapp.net"), device));  // a browser
  CHECK_FALSE(is_from_own_phone(message("40722000000@s.whatsapp.net"), device));
  CHECK_FALSE(is_from_own_phone(message("120363000000000001@g.us", "555@lid"), device));
  CHECK_FALSE(is_from_own_phone(message("120363000000000001@g.us"), device));
  CHECK_FALSE(is_from_own_phone(message("9001@hosted.lid"), device));
  // The server says such things by itself.
  CHECK_FALSE(
      is_from_own_phone(Node("notification", {{"id", "N"}, {"from", jid(kOwnPhone)}}), device));
  CHECK_FALSE(is_from_own_phone(Node("message", {{"id", "M1"}}), device));
}

TEST_CASE("it was heard of when it sent, not when we got it") {
  CHECK(heard(message(kOwnPhone), kNow.value - 3600).value == kNow.value - 3600);
  CHECK(heard(message(kOwnPhone), 0) == kNow);
  CHECK(heard(message(kOwnPhone), kNow.value + 86'400) == kNow);  // nobody knows the future
  Node waited = message(kOwnPhone);
  waited.set("offline", "0");
  CHECK_FALSE(heard(waited, 0).known());
  CHECK(heard(waited, kNow.value - 60).known());
}

TEST_CASE("the time never goes back, and is worth a write once a minute") {
  const wasync::Device device = device_of_account();
  PhoneHeard phone({kNow.value - 59});
  CHECK_FALSE(phone.is_due());
  phone.hear(message(kOwnPhone), device, {kNow.value - 3600});
  CHECK(phone.newest().value == kNow.value - 59);
  phone.hear(message(kOwnPhone), device, kNow);
  CHECK(phone.newest() == kNow);
  CHECK_FALSE(phone.is_due());
  phone.hear(message(kOwnPhone), device, {kNow.value + 1});
  CHECK(phone.is_due());
  phone.stored();
  CHECK_FALSE(phone.is_due());
  CHECK_FALSE(PhoneHeard({}).is_due());
}

TEST_CASE("a time that a clock a year ahead gave does not stay") {
  LinkedAccount account;
  PhoneHeard phone({kNow.value + 31'536'000});
  phone.hear(message(kOwnPhone), account.device, kNow);
  CHECK(phone.newest() == kNow);
  CHECK(phone.is_due());
}

TEST_CASE("the file keeps it until another device is linked") {
  LinkedAccount account;
  PhoneHeard phone({});
  phone.hear(message(kOwnPhone), account.device, kNow);
  phone.store(account.db);
  CHECK(load_device(account.db)->phone_heard_at == kNow);
  PhoneHeard({kNow.value - 5}).store(account.db);
  CHECK(load_device(account.db)->phone_heard_at == kNow);
  Transaction transaction(account.db, "test");
  replace_device(account.store, account.device, DeviceKeys::generate());
  transaction.commit();
  CHECK_FALSE(load_device(account.db)->phone_heard_at.known());
}

}  // namespace phone_heard_test
