// Messages written by another implementation, Baileys 7.0.0-rc14 with its libsignal, for keys
// fixed here: ours must read them.
#include <doctest/doctest.h>

#include "unit/signal/device.h"

namespace vectors_test {

using namespace wasync;
using test::Device;

namespace {

constexpr const char* kBobIdentity =
    "5024413f096ecefe08bf3ca110d0a6115e80634d5e4ceee24e5637fce74c106d";
constexpr const char* kBobSignedPreKey =
    "f04b3bbda98d2746140a588eb3e26b8f1e12c31a0b784ccfeacf4e9d9c4cfe78";
constexpr const char* kBobPreKey =
    "4861c9ff827a2a5536e1cc691860ef75a8a5bf90c8c19c4090ec063359c0be71";

constexpr const char* kAliceIdentity =
    "88cb8b1e25b41e167135255064bc443e37896e1124d3d332c1410cefad0fc14e";
constexpr const char* kWithPreKey[] = {
    "3308838404122105ab327a1204c53fac1550c927270e1fe34cf4821e5c4c5d38d036fb4697216a441a210588"
    "cb8b1e25b41e167135255064bc443e37896e1124d3d332c1410cefad0fc14e2242330a210533ab57afbde3a1"
    "7229941dc5aa3cb4fff8880dd8f575059d9e15ff7a1e293c6a1000180022102f1c124198396714e4d13b53a5"
    "81b6a8ac3ed235c01252ae2892213005",
    "3308838404122105ab327a1204c53fac1550c927270e1fe34cf4821e5c4c5d38d036fb4697216a441a210588"
    "cb8b1e25b41e167135255064bc443e37896e1124d3d332c1410cefad0fc14e2242330a210533ab57afbde3a1"
    "7229941dc5aa3cb4fff8880dd8f575059d9e15ff7a1e293c6a1001180022101c6864873eef49be000a66ba8b"
    "9cd792ae123d5330338e582892213005",
    "3308838404122105ab327a1204c53fac1550c927270e1fe34cf4821e5c4c5d38d036fb4697216a441a210588"
    "cb8b1e25b41e167135255064bc443e37896e1124d3d332c1410cefad0fc14e2242330a210533ab57afbde3a1"
    "7229941dc5aa3cb4fff8880dd8f575059d9e15ff7a1e293c6a100218002210359c53d1f6dc4d99283c84a3f9"
    "2a06af9aa1798e79e2f4e12892213005"};
constexpr const char* kWithoutPreKey[] = {
    "33122105bbad0573a90d3812cbcb1a5773b7df9ece8b15194338f622cdd7e6253b84d3621a2105960b55a0f7"
    "ebd75dcdd66619da9959188ba312a161ade2bc3ba060b22c8320192242330a21051b7f80bcef3ef32a4a61d2"
    "c03230ef0efc569b2bf131ec74ff87305d0a3364011000180022103911ba27fd1448efc177ec2ae034625549"
    "646bfb111bc2692892213005",
    "33122105bbad0573a90d3812cbcb1a5773b7df9ece8b15194338f622cdd7e6253b84d3621a2105960b55a0f7"
    "ebd75dcdd66619da9959188ba312a161ade2bc3ba060b22c8320192242330a21051b7f80bcef3ef32a4a61d2"
    "c03230ef0efc569b2bf131ec74ff87305d0a3364011001180022108cf85a11667628cca46023c9d5453fdf3b"
    "68579f60934e762892213005",
    "33122105bbad0573a90d3812cbcb1a5773b7df9ece8b15194338f622cdd7e6253b84d3621a2105960b55a0f7"
    "ebd75dcdd66619da9959188ba312a161ade2bc3ba060b22c8320192242330a21051b7f80bcef3ef32a4a61d2"
    "c03230ef0efc569b2bf131ec74ff87305d0a336401100218002210f14f61f9687efe03acfdbeaa34e401245d"
    "fb5e861b2ce9a02892213005"};
constexpr const char* kDistribution =
    "3308e7e4f55c10001a20b0e029c1c4f1d14c9869513970df2768736c30ff35590035cce0514beb91afaa2221"
    "050db179186ad33bd59b0c658e2f8bc9748c8591512de6f49a38f0596c54908d31";
// That sender skips an iteration after its first message.
constexpr const char* kGroupMessages[] = {
    "3308e7e4f55c10001a107220f360936d864ef0bad2869d2c74a612d7b80056a553b5c3ee64fdf3e36aca8ea8"
    "1536b331cb24ca401e6297200b4f2d69b9120d308f2a9469517fb8b49b735751bda687e6a39bb1f3b84238f7"
    "4780",
    "3308e7e4f55c10021a10b36e100905475945ddc1925c43af5fa95047036d07ad62ab7015bf02ad070ae10258"
    "0508a321146bab6d5ae4f75a23a25f347ce3f7fd1b5527982ce7ba795b1f14d56c5853a49c43b3a18045e131"
    "a38c"};

Bytes bytes(const char* hex) {
  return hex_decode(hex).value();
}

// The device those messages were written for: signed pre-key 5, one-time pre-key 0x010203.
struct Bob {
  test::ScratchDir directory;
  Database database{directory.path() / "bob.db"};
  SignalStore store{database};
  SignalCipher cipher{store};
  SignalAddress alice{.name = "alice", .device = 0};
  Transaction transaction{database, "test"};

  Bob() {
    store.create_local_identity(KeyPair::from_private(bytes(kBobIdentity)));
    database.prepare("INSERT INTO signal_signed_pre_keys VALUES (5, ?, zeroblob(64), 0, 1)")
        .bind(bytes(kBobSignedPreKey))
        .run();
    database.prepare("INSERT INTO signal_pre_keys VALUES (66051, ?, 1)")
        .bind(bytes(kBobPreKey))
        .run();
  }

  std::string read(const char* hex) {
    return Device::text_of(cipher.decrypt(alice, EncType::kPreKeyMessage, bytes(hex)));
  }
};

}  // namespace

TEST_CASE("vectors: a session begun with a one-time pre-key, out of order") {
  Bob bob;
  CHECK(bob.read(kWithPreKey[2]) == "third");
  CHECK(bob.read(kWithPreKey[0]) == "Bun\u0103 ziua");
  CHECK(bob.read(kWithPreKey[1]) == "second");
  CHECK(bob.read(kWithPreKey[1]) == "!duplicate");
  CHECK(bob.store.uploaded_pre_key_count() == 0);
  CHECK(bob.store.identity(bob.alice) == public_key_from(bytes(kAliceIdentity)));
  CHECK(bob.cipher.remote_registration_id(bob.alice) == 4242);
}

TEST_CASE("vectors: a session begun without one") {
  Bob bob;
  CHECK(bob.read(kWithoutPreKey[0]) == "Bun\u0103 ziua");
  CHECK(bob.read(kWithoutPreKey[1]) == "second");
  CHECK(bob.read(kWithoutPreKey[2]) == "third");
  CHECK(bob.store.uploaded_pre_key_count() == 1);
}

TEST_CASE("vectors: sender keys") {
  Bob bob;
  const Jid group = *Jid::parse("120363000000000001@g.us");
  REQUIRE_FALSE(bob.cipher.process_sender_key_distribution(group, bob.alice, bytes(kDistribution)));
  const auto read = [&](const char* hex) {
    return Device::text_of(bob.cipher.group_decrypt(group, bob.alice, bytes(hex)));
  };
  CHECK(read(kGroupMessages[0]) == "to all");
  CHECK(read(kGroupMessages[1]) == "again");
  CHECK(read(kGroupMessages[1]) == "!duplicate");
}

}  // namespace vectors_test
