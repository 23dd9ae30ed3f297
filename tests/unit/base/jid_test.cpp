#include "base/jid.h"

#include <doctest/doctest.h>

#include <string>

namespace jid_test {

using namespace wasync;

TEST_CASE("the parts of a JID") {
  const auto full = Jid::parse("40737123397_2:14@s.whatsapp.net");
  REQUIRE(full.has_value());
  CHECK(full->user == "40737123397");
  CHECK(full->agent == 2);
  CHECK(full->device == 14);
  CHECK(full->server == "s.whatsapp.net");
  CHECK(full->integrator == 0);

  const auto group = Jid::parse("40737123397-1600000000@g.us");
  REQUIRE(group.has_value());
  CHECK(group->user == "40737123397-1600000000");
  CHECK(group->is_group());

  const auto server = Jid::parse("s.whatsapp.net");
  REQUIRE(server.has_value());
  CHECK(server->user.empty());
  CHECK(*server == server_jid());
  CHECK(Jid::parse("@g.us") == Jid{.user = {}, .server = "g.us"});
}

TEST_CASE("an underscore is an agent only in the address of a person") {
  CHECK(Jid::parse("a_1@newsletter")->user == "a_1");
  CHECK(Jid::parse("12_x@s.whatsapp.net")->user == "12_x");
  CHECK(Jid::parse("12_300@s.whatsapp.net")->user == "12_300");
  CHECK(Jid::parse("12_3@c.us")->agent == 3);
}

TEST_CASE("the text form parses to the same JID") {
  for (const char* text :
       {"40737123397@s.whatsapp.net", "40737123397:3@s.whatsapp.net", "1_2:3@lid", "1_2@c.us",
        "status@broadcast", "120363025246125486@g.us", "s.whatsapp.net", "g.us", "9:99@hosted",
        "9:99@hosted.lid", "some+one.name-x@interop", "867051314767696@bot", "5:65535@msgr"}) {
    CAPTURE(text);
    const auto jid = Jid::parse(text);
    REQUIRE(jid.has_value());
    CHECK(jid->to_string() == text);
  }
}

TEST_CASE("what cannot be a JID is refused") {
  for (const char* bad : {"",          "@",        "1@",           "1@@lid",
                          "1@lid@lid", "a/b@lid",  "../x@lid",     "1:@lid",
                          "1:x@lid",   "1:-1@lid", "1:65536@lid",  "1:2:3@lid",
                          "a b@lid",   "a\n@lid",  "a\x1b[0m@lid", "1@li d",
                          "1@li/d",    "1@lid\n",  "ț@lid",        "[object Object]",
                          "1@\x80"}) {
    CAPTURE(bad);
    CHECK_FALSE(Jid::parse(bad).has_value());
  }
  CHECK_FALSE(Jid::parse(std::string_view("1\0@lid", 6)).has_value());
  CHECK(Jid::parse(std::string(128, '1') + "@lid").has_value());
  CHECK_FALSE(Jid::parse(std::string(129, '1') + "@lid").has_value());
  CHECK_FALSE(Jid::parse("1@" + std::string(129, 'a')).has_value());
}

TEST_CASE("kinds of address") {
  const auto jid = [](const char* text) { return Jid::parse(text).value(); };
  for (const char* person : {"1@s.whatsapp.net", "1@c.us", "1@lid", "1@hosted", "1@hosted.lid"}) {
    CHECK(jid(person).is_person());
  }
  for (const char* other : {"1@g.us", "status@broadcast", "1@newsletter", "1@bot", "1@msgr"}) {
    CHECK_FALSE(jid(other).is_person());
  }
  CHECK(jid("1@lid").is_lid());
  CHECK(jid("1@hosted.lid").is_lid());
  CHECK_FALSE(jid("1@hosted").is_lid());
  CHECK(Jid{}.empty());
  CHECK_FALSE(server_jid().empty());
}

TEST_CASE("the bare address is the chat's") {
  const auto bare = [](const char* text) { return Jid::parse(text).value().bare().to_string(); };
  CHECK(bare("40737123397_1:14@s.whatsapp.net") == "40737123397@s.whatsapp.net");
  CHECK(bare("40737123397@c.us") == "40737123397@s.whatsapp.net");
  CHECK(bare("40737123397:99@hosted") == "40737123397@s.whatsapp.net");
  CHECK(bare("77:99@hosted.lid") == "77@lid");
  CHECK(bare("120363-1@G.US") == "120363-1@g.us");
  CHECK(bare("Some.One@C.US") == "some.one@s.whatsapp.net");
  CHECK(bare("status@broadcast") == "status@broadcast");
  const Jid interop{.user = "x", .server = "interop", .device = 2, .integrator = 5};
  CHECK(interop.bare() == Jid{.user = "x", .server = "interop", .integrator = 5});
}

TEST_CASE("a phone number comes only from a phone-number address") {
  const auto phone = [](const char* text) { return phone_of(Jid::parse(text).value()); };
  CHECK(phone("40737123397@s.whatsapp.net") == "+40737123397");
  CHECK(phone("40737123397:3@s.whatsapp.net") == "+40737123397");
  CHECK(phone("40737123397@c.us") == "+40737123397");
  CHECK(phone("123456@s.whatsapp.net") == "+123456");
  CHECK(phone("123456789012345@s.whatsapp.net") == "+123456789012345");
  for (const char* none : {"12345@s.whatsapp.net", "1234567890123456@s.whatsapp.net",
                           "40737123397@lid", "40737123397@g.us", "4073712339x@s.whatsapp.net",
                           "s.whatsapp.net", "40737-123397@s.whatsapp.net"}) {
    CAPTURE(none);
    CHECK_FALSE(phone(none).has_value());
  }
}

}  // namespace jid_test
