#include "inbox/ids.h"

#include <string>

#include "fixture.h"

namespace ids_test {

using namespace wasync;
using namespace wasync::test;

TEST_CASE("an account id depends on nothing but phone and namespace") {
  // sha256("+40737123397"), by an independent tool
  const std::string expected = "account_prod_3a1007f6d2a06cbbff70967b7101e5f2";
  CHECK(account_id_for("+40737123397").str() == expected);
  CHECK(account_id_for("40737123397").str() == expected);
  CHECK(account_id_for("+40 737-123-397").str() == expected);
  CHECK(account_id_for("0040737123397").str() == expected);
  CHECK(account_id_for("+40737123397", "dev").str() ==
        "account_dev_3a1007f6d2a06cbbff70967b7101e5f2");
}

TEST_CASE("what is no phone number or namespace is refused") {
  for (const char* bad : {"", "12345", "1234567890123456", "0737123397", "+40x", "4+0737123397"}) {
    CHECK_THROWS_AS(account_id_for(bad), Error);
  }
  for (const char* bad : {"", "a_b", "../x", "a/b", "a b", "."}) {
    CHECK_THROWS_AS(account_id_for("+40737123397", bad), Error);
  }
}

TEST_CASE("only well-formed account ids are taken from outside") {
  const AccountId id = account_id_for(kPhone);
  CHECK(AccountId::parse(id.str()) == id);
  const std::string hash = id.str().substr(id.str().size() - 32);
  for (const std::string& bad :
       {std::string("account_prod_../../etc/passwd"), "account_.._" + hash, "account_a/b_" + hash,
        "account__" + hash, "account_prod_" + hash + "0", "account_prod_" + hash.substr(1),
        "Account_prod_" + hash, id.str() + std::string(1, '\0'),
        "account_prod_" + std::string(32, 'A'), std::string()}) {
    CHECK_FALSE(AccountId::parse(bad));
  }
}

TEST_CASE("thread ids fold every form of one chat into one") {
  const AccountId account = account_id_for(kPhone);
  const std::string prefix = account.str() + "__";
  CHECK(thread_id_for(account, jid("40711111111:7@s.whatsapp.net")).str() ==
        prefix + "40711111111@s.whatsapp.net");
  CHECK(thread_id_for(account, jid("40711111111@c.us")).str() ==
        prefix + "40711111111@s.whatsapp.net");
  CHECK(thread_id_for(account, jid("40711111111_1:7@s.whatsapp.net")).str() ==
        prefix + "40711111111@s.whatsapp.net");
  CHECK(thread_id_for(account, jid("1203-456@G.US")).str() == prefix + "1203-456@g.us");
  CHECK(thread_id_for(account, jid("555@lid")).str() == prefix + "555@lid");
}

TEST_CASE("thread ids are parsed back") {
  const ThreadId id = thread_id_for(account_id_for(kPhone), jid(kAna));
  const auto parsed = ThreadId::parse(id.str());
  REQUIRE(parsed);
  CHECK(*parsed == id);
  CHECK(parsed->account() == account_id_for(kPhone));
  CHECK(parsed->jid() == jid(kAna));
  CHECK_FALSE(ThreadId::parse(account_id_for(kPhone).str() + "__[object Object]"));
  CHECK_FALSE(ThreadId::parse(account_id_for(kPhone).str() + "__40711111111:3@s.whatsapp.net"));
  CHECK_FALSE(ThreadId::parse("x__" + std::string(kAna)));
}

TEST_CASE("a server, a nameless address and the status feed are no threads") {
  CHECK_FALSE(can_be_thread(jid("s.whatsapp.net")));
  CHECK_FALSE(can_be_thread(jid("status@broadcast")));
  CHECK_FALSE(can_be_thread(Jid{}));
  // A Jid that nobody parsed.
  CHECK_FALSE(can_be_thread(Jid{.user = "../x", .server = "s.whatsapp.net"}));
  CHECK_FALSE(can_be_thread(Jid{.user = "12_3", .server = "s.whatsapp.net"}));
  CHECK_FALSE(can_be_thread(Jid{.user = std::string(500, '1'), .server = "s.whatsapp.net"}));
  CHECK(can_be_thread(jid("123@broadcast")));
  CHECK(can_be_thread(jid("123@newsletter")));
  CHECK_FALSE(takes_messages(jid("123@newsletter")));
  CHECK_FALSE(takes_messages(jid("status@broadcast")));
  CHECK(takes_messages(jid("123@g.us")));
  CHECK_THROWS_AS(thread_id_for(account_id_for(kPhone), jid("status@broadcast")), Error);
}

TEST_CASE("a message id is the key's id when that is a safe document id") {
  const Jid chat = jid(kAna);
  const auto id_of = [&](std::string id) {
    return message_document_id(
               {.id = std::move(id), .remote_jid = {}, .from_me = false, .participant = {}}, chat)
        .str();
  };
  CHECK(id_of("3EB0ABCDEF") == "3EB0ABCDEF");
  CHECK(id_of("șț") == "șț");
  CHECK(id_of("__x") == "__x");
  CHECK(id_of("___") == "___");
  CHECK(id_of(std::string(1500, 'a')) == std::string(1500, 'a'));
  for (const std::string& unsafe :
       {std::string(), std::string("."), std::string(".."), std::string("__x__"),
        std::string("____"), std::string("a/b"), std::string("a\nb"), std::string("a\0b", 3),
        std::string("\xFF"), std::string("\xC2\x85"), std::string(1501, 'a')}) {
    const std::string id = id_of(unsafe);
    CHECK(id.size() == 24);
    CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
  }
}

TEST_CASE("the fallback id is the hash of chat, id, side and participant") {
  // sha256("40711111111@s.whatsapp.net|a/b|false|") and with "true|p@lid", by an independent tool
  const Jid chat = jid(kAna);
  CHECK(message_document_id({.id = "a/b", .remote_jid = "x", .from_me = false, .participant = {}},
                            chat)
            .str() == "343eb33bb729949d5b514aca");
  CHECK(message_document_id(
            {.id = "a/b", .remote_jid = "x", .from_me = true, .participant = "p@lid"}, chat)
            .str() == "69ef3d0fd12e30a32091954b");
}

}  // namespace ids_test
