#include "session/connection/receipt.h"

#include <doctest/doctest.h>

namespace receipt_test {

using namespace wasync;

namespace {

Jid jid(std::string_view text) {
  return Jid::parse(text).value();
}

}  // namespace

TEST_CASE("an ack goes back to where the stanza came from") {
  const Node receipt_in("receipt", {{"id", "77"},
                                    {"from", jid("1203-44@g.us")},
                                    {"participant", jid("555:2@lid")},
                                    {"type", "read"}});
  const Node expected("ack", {{"class", "receipt"},
                              {"id", "77"},
                              {"to", jid("1203-44@g.us")},
                              {"participant", jid("555:2@lid")},
                              {"type", "read"}});
  CHECK(ack(receipt_in) == expected);

  const Node message_in("message",
                        {{"id", "78"}, {"from", jid("1@s.whatsapp.net")}, {"type", "text"}});
  const Node nacked = ack(message_in, Nack::kParsingError);
  CHECK_FALSE(nacked.has("type"));
  CHECK(nacked.text("error") == "487");
}

TEST_CASE("a receipt names the message, the chat and the participant") {
  const Node in("message",
                {{"id", "A"}, {"from", jid("1203-44@g.us")}, {"participant", jid("555:2@lid")}});
  const Node expected("receipt", {{"id", "A"},
                                  {"to", jid("1203-44@g.us")},
                                  {"participant", jid("555:2@lid")},
                                  {"type", "inactive"}});
  CHECK(receipt(in, "inactive") == expected);
  const Node history = peer_receipt("B", jid("40700000001:7@s.whatsapp.net"), "hist_sync");
  CHECK(history.jid("to") == jid("40700000001@s.whatsapp.net"));
  CHECK(history.text("type") == "hist_sync");
}

}  // namespace receipt_test
