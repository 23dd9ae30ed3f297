#include "session/link/link_code.h"

#include <doctest/doctest.h>

#include <set>

#include "base/error.h"
#include "unit/session/phone.h"

namespace link_code_test {

using namespace wasync;
using namespace wasync::test;

namespace {

struct Exchange {
  LinkCode code{"+40737123397"};
  DeviceKeys keys = DeviceKeys::generate();
  CodePhone phone;
  Node hello = code.hello(keys.noise.public_key);

  Exchange() {
    code.take_answer(Node("iq", {}, std::vector<Node>{CodePhone::answer_to_hello("ref")}));
  }
  void check_refused(const Node& notification) const {
    try {
      code.finish(notification, keys);
      FAIL_CHECK("it was believed");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kProtocol);
    }
  }
};

// The notification with one of its parts replaced, or without it.
Node with(const Node& notification, std::string_view tag, std::optional<Bytes> content) {
  Node registration = *notification.child("link_code_companion_reg");
  auto& parts = std::get<std::vector<Node>>(registration.content);
  for (Node& part : parts)
    if (part.tag == tag && content) part.content = *content;
  if (!content) std::erase_if(parts, [&](const Node& part) { return part.tag == tag; });
  Node changed = notification;
  changed.content = std::vector<Node>{std::move(registration)};
  return changed;
}

}  // namespace

TEST_CASE("codes are eight characters that cannot be mistaken, each time others") {
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const std::string text = LinkCode("+40737123397").text();
    REQUIRE(text.size() == 9);
    CHECK(text[4] == '-');
    CHECK(text.find_first_not_of("123456789ABCDEFGHJKLMNPQRSTVWXYZ-") == std::string::npos);
    seen.insert(text);
  }
  CHECK(seen.size() == 50);
}

TEST_CASE("the hello says whose phone, which connection and what we are, but not the code") {
  const Exchange exchange;
  const Node& hello = CodePhone::registration(exchange.hello);
  CHECK(hello.text("jid") == "40737123397@s.whatsapp.net");
  CHECK(hello.text("stage") == "companion_hello");
  CHECK(hello.text("should_show_push_notification") == "true");
  CHECK(CodePhone::part(exchange.hello, "companion_server_auth_key_pub") ==
        to_bytes(exchange.keys.noise.public_key));
  CHECK(to_string(CodePhone::part(exchange.hello, "companion_platform_id")) == "7");
  CHECK(to_string(CodePhone::part(exchange.hello, "companion_platform_display")) ==
        "Chrome (Windows)");
  CHECK(CodePhone::part(exchange.hello, "link_code_pairing_nonce") == Bytes{0});
  std::string plain = exchange.code.text();
  std::erase(plain, '-');
  for (const Node& part : hello.children())
    CHECK(to_string(part.bytes()).find(plain) == std::string::npos);
}

TEST_CASE("the phone on which the code was typed gets the same secret") {
  Exchange exchange;
  const Node typed = exchange.phone.type(exchange.hello, exchange.code.text(), "ref");
  const LinkCode::Finish finish = exchange.code.finish(typed, exchange.keys);
  CHECK(CodePhone::registration(finish.request).text("stage") == "companion_finish");
  CHECK(CodePhone::part(finish.request, "link_code_pairing_ref") == to_bytes("ref"));
  CHECK(exchange.phone.secret(finish.request) == finish.adv_secret);
}

TEST_CASE("a phone that was given another code learns nothing") {
  Exchange exchange;
  const Node typed = exchange.phone.type(exchange.hello, LinkCode("+40737123397").text(), "ref");
  const LinkCode::Finish finish = exchange.code.finish(typed, exchange.keys);
  CHECK_FALSE(exchange.phone.secret(finish.request));
}

TEST_CASE("notifications that are malformed or about something else are refused") {
  Exchange exchange;
  const Node typed = exchange.phone.type(exchange.hello, exchange.code.text(), "ref");
  constexpr std::string_view kWrapped = "link_code_pairing_wrapped_primary_ephemeral_pub";
  exchange.check_refused(Node("notification"));
  exchange.check_refused(exchange.phone.type(exchange.hello, exchange.code.text(), "other"));
  for (const auto tag : {kWrapped, std::string_view("primary_identity_pub"),
                         std::string_view("link_code_pairing_ref")}) {
    CAPTURE(tag);
    exchange.check_refused(with(typed, tag, std::nullopt));
    exchange.check_refused(with(typed, tag, Bytes{}));
    exchange.check_refused(with(typed, tag, Bytes(31, 1)));
    exchange.check_refused(with(typed, tag, Bytes(200, 1)));
  }
  // A key of small order would make the secret known to everybody.
  exchange.check_refused(with(typed, "primary_identity_pub", Bytes(32, 0)));
}

TEST_CASE("nothing is answered before the server named the attempt, nor without a name") {
  LinkCode code("+40737123397");
  const DeviceKeys keys = DeviceKeys::generate();
  CodePhone phone;
  const Node typed = phone.type(code.hello(keys.noise.public_key), code.text(), "ref");
  CHECK_THROWS_AS(code.finish(typed, keys), Error);
  CHECK_THROWS_AS(code.take_answer(Node("iq")), Error);
  CHECK_THROWS_AS(
      code.take_answer(Node("iq", {}, std::vector<Node>{CodePhone::answer_to_hello("")})), Error);
}

}  // namespace link_code_test
