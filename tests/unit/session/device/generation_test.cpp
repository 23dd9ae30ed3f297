#include "session/device/generation.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "session/device/account_file.h"
#include "unit/session/account.h"

namespace generation_test {

using namespace wasync;
using namespace wasync::test;

namespace {

// An account, the file beside it, and a backup of each.
struct Kept {
  LinkedAccount account;
  std::filesystem::path mark = account.scratch.path() / "account.generation";
  std::filesystem::path backup = account.scratch.path() / "backup.db";

  Kept() { note_generation(account.db, mark); }

  void commit_raised() {
    Transaction transaction(account.db, "test");
    raise_generation(account.db);
    transaction.commit();
  }
  void goes_on() {
    commit_raised();
    note_generation(account.db, mark);
  }
  void back_up() { account.db.execute("VACUUM INTO '" + backup.string() + "'"); }
  std::string text() const {
    std::ifstream file(mark);
    std::stringstream all;
    all << file.rdbuf();
    return all.str();
  }
  void write(const std::string& content) const { std::ofstream(mark) << content; }
  bool seen_restored() { return load_device(account.db)->restored_at.known(); }
};

struct Restored {
  Database db;
  SignalStore store{db};
  explicit Restored(const Kept& kept) : db(kept.backup) {}
};

constexpr std::uint32_t kNext = 100;

std::uint32_t upload_one(SignalStore& store) {
  Transaction transaction(store.database(), "test");
  const auto keys = store.pre_keys_to_upload(1);
  store.mark_uploaded(keys);
  transaction.commit();
  return keys[0].id;
}

}  // namespace

TEST_CASE("generation: what goes on in order is current, again and again") {
  Kept kept;
  for (int i = 0; i < 3; ++i) {
    kept.goes_on();
    CHECK(take_up_generation(kept.account.db, kept.mark) == FileAge::kCurrent);
  }
  CHECK_FALSE(kept.seen_restored());
  CHECK(kept.text() == "40700000001@s.whatsapp.net 1700000000 3 1 1\n");
}

TEST_CASE("generation: only the owner can read the file outside") {
  const Kept kept;
  struct stat facts {};
  REQUIRE(::stat(kept.mark.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777) == 0600);
}

TEST_CASE("generation: a crash between the commit and the file outside is no restore") {
  Kept kept;
  kept.goes_on();
  kept.commit_raised();
  CHECK(take_up_generation(kept.account.db, kept.mark) == FileAge::kCurrent);
  CHECK_FALSE(kept.seen_restored());
  CHECK(kept.text() == "40700000001@s.whatsapp.net 1700000000 2 1 1\n");
}

TEST_CASE("generation: what the file outside may be when the account came from elsewhere") {
  Kept kept;
  SUBCASE("missing") {
    std::filesystem::remove(kept.mark);
  }
  SUBCASE("empty") {
    kept.write("");
  }
  SUBCASE("no number") {
    kept.write("40700000001@s.whatsapp.net 1700000000 many 1 1\n");
  }
  SUBCASE("cut") {
    kept.write("40700000001@s.whatsapp.net 1700000000 9 1");
  }
  SUBCASE("more than there should be") {
    kept.write("40700000001@s.whatsapp.net 1700000000 9 1 1 1\n");
  }
  SUBCASE("a generation that nobody reaches") {
    kept.write("40700000001@s.whatsapp.net 1700000000 9223372036854775807 1 1\n");
  }
  SUBCASE("below zero") {
    kept.write("40700000001@s.whatsapp.net 1700000000 9 -1 1\n");
  }
  SUBCASE("an id beyond 24 bits") {
    kept.write("40700000001@s.whatsapp.net 1700000000 9 16777216 1\n");
  }
  SUBCASE("a large file") {
    kept.write(std::string(100'000, ' '));
  }
  SUBCASE("a directory") {
    std::filesystem::remove(kept.mark);
    std::filesystem::create_directory(kept.mark);
    CHECK(take_up_generation(kept.account.db, kept.mark) == FileAge::kCurrent);
    std::filesystem::remove(kept.mark);
  }
  SUBCASE("another account's") {
    kept.write("40799999999@s.whatsapp.net 1800000000 9 1 1\n");
  }
  CHECK(take_up_generation(kept.account.db, kept.mark) == FileAge::kCurrent);
  CHECK_FALSE(kept.seen_restored());
  CHECK(kept.text() == "40700000001@s.whatsapp.net 1700000000 0 1 1\n");
}

TEST_CASE("generation: a backup that was put back is seen once, and goes on from there") {
  Kept kept;
  kept.back_up();
  for (std::uint32_t i = 1; i < kNext; ++i) upload_one(kept.account.store);
  kept.goes_on();
  Restored restored(kept);
  CHECK(take_up_generation(restored.db, kept.mark) == FileAge::kRestored);
  const auto device = load_device(restored.db);
  REQUIRE(device);
  CHECK(device->restored_at.known());
  CHECK(kept.text() == "40700000001@s.whatsapp.net 1700000000 2 65636 65537\n");
  CHECK(take_up_generation(restored.db, kept.mark) == FileAge::kCurrent);
  CHECK(load_device(restored.db)->restored_at == device->restored_at);
}

TEST_CASE(
    "generation: a crash after the repair and before the file outside repairs nothing twice") {
  Kept kept;
  kept.back_up();
  kept.goes_on();
  const std::string before = kept.text();
  Restored restored(kept);
  REQUIRE(take_up_generation(restored.db, kept.mark) == FileAge::kRestored);
  const std::string after = kept.text();
  kept.write(before);
  CHECK(take_up_generation(restored.db, kept.mark) == FileAge::kCurrent);
  CHECK(kept.text() == after);
}

TEST_CASE("generation: after a restore no pre-key id is given out twice") {
  Kept kept;
  upload_one(kept.account.store);
  {
    Transaction transaction(kept.account.db, "test");
    kept.account.store.generate_pre_keys(1);  // told to the server after the backup
    transaction.commit();
  }
  kept.back_up();
  std::uint32_t highest = 0;
  for (int i = 0; i < 30; ++i) highest = upload_one(kept.account.store);
  kept.goes_on();
  for (int i = 0; i < 500; ++i) highest = upload_one(kept.account.store);  // and nobody noted it
  Restored restored(kept);
  REQUIRE(take_up_generation(restored.db, kept.mark) == FileAge::kRestored);
  CHECK(restored.store.uploaded_pre_key_count() == 0);
  CHECK(upload_one(restored.store) > highest);
  // What the backup has still opens what was begun with it.
  CHECK(restored.store.pre_key(1));
  CHECK(restored.store.pre_key(2));
  CHECK_FALSE(restored.store.signed_pre_key_on_server());
  CHECK(restored.store.signed_pre_key().id > 1);
  CHECK(restored.store.signed_pre_key_pair(1));
}

TEST_CASE("generation: ids of pre-keys start over at their end, also behind a restore") {
  Kept kept;
  kept.back_up();
  kept.account.db.execute("UPDATE signal_local SET next_pre_key_id = 16777214");
  kept.goes_on();
  Restored restored(kept);
  REQUIRE(take_up_generation(restored.db, kept.mark) == FileAge::kRestored);
  CHECK(upload_one(restored.store) == 65536);
}

TEST_CASE("generation: what a restored file encrypts for our phone takes no key again") {
  Kept kept;
  wasync::test::Device own_phone{"phone"};
  const SignalAddress account{.name = "account", .device = 7};
  const SignalAddress phone = SignalAddress::from(jid(kOwnLid));
  const auto tell = [&](SignalStore& store) {
    SignalCipher cipher(store);
    Transaction transaction(store.database(), "test");
    const auto sealed = cipher.encrypt(phone, Bytes{1});
    transaction.commit();
    REQUIRE(sealed);
    Transaction hearing(*own_phone.database, "test");
    const Decrypted decrypted = own_phone.cipher->decrypt(account, sealed->type, sealed->bytes);
    hearing.commit();
    return decrypted.failure;
  };
  const PreKeyBundle bundle = own_phone.bundle();
  {
    SignalCipher cipher(kept.account.store);
    Transaction transaction(kept.account.db, "test");
    REQUIRE_FALSE(cipher.process_bundle(phone, bundle));
    transaction.commit();
  }
  kept.back_up();
  for (int i = 0; i < 3; ++i) REQUIRE_FALSE(tell(kept.account.store));
  kept.goes_on();
  Restored restored(kept);
  SUBCASE("seen") {
    REQUIRE(take_up_generation(restored.db, kept.mark) == FileAge::kRestored);
    CHECK(load_device(restored.db)->phone_session_due);
    CHECK(restored.store.identity(phone) == bundle.identity);
    for (int i = 0; i < 3; ++i) CHECK_FALSE(tell(restored.store));
  }
  SUBCASE("as it is else") {
    CHECK(tell(restored.store) == SignalFailure::kDuplicate);
  }
}

TEST_CASE("generation: the backup of a former link is told apart, and keeps its keys") {
  Kept kept;
  kept.goes_on();
  kept.goes_on();
  kept.back_up();
  {
    Transaction transaction(kept.account.db, "test");
    kept.account.device.paired_at = {1'700'000'100};
    replace_device(kept.account.store, kept.account.device, DeviceKeys::generate());
    transaction.commit();
  }
  SUBCASE("linked anew, and nothing noted since") {
    CHECK(take_up_generation(kept.account.db, kept.mark) == FileAge::kCurrent);
    CHECK_FALSE(kept.seen_restored());
  }
  note_generation(kept.account.db, kept.mark);
  Restored restored(kept);
  CHECK(take_up_generation(restored.db, kept.mark) == FileAge::kFormerLink);
  CHECK(load_device(restored.db)->restored_at.known());
  CHECK_FALSE(load_device(restored.db)->phone_session_due);
  CHECK(restored.store.signed_pre_key().id == 1);
}

TEST_CASE("generation: linking anew forgets that the file was restored") {
  Kept kept;
  kept.back_up();
  kept.goes_on();
  Restored restored(kept);
  REQUIRE(take_up_generation(restored.db, kept.mark) == FileAge::kRestored);
  Transaction transaction(restored.db, "test");
  replace_device(restored.store, kept.account.device, DeviceKeys::generate());
  transaction.commit();
  CHECK_FALSE(load_device(restored.db)->restored_at.known());
}

TEST_CASE("generation: an account that is not linked has none") {
  Kept kept;
  const std::string before = kept.text();
  {
    Transaction transaction(kept.account.db, "test");
    forget_device(kept.account.store);
    transaction.commit();
  }
  CHECK(take_up_generation(kept.account.db, kept.mark) == FileAge::kCurrent);
  note_generation(kept.account.db, kept.mark);
  CHECK(kept.text() == before);
}

TEST_CASE("generation: whoever opens an account's file looks at it, and purging removes it") {
  const ScratchDir scratch;
  const StateDir state = StateDir::open(scratch.path() / "state");
  const AccountId id = account_id_for("+40700000001");
  {
    const AccountFile file = AccountFile::create(state, id);
    SignalStore store(*file.database);
    const LinkedAccount other;
    Transaction transaction(*file.database, "test");
    replace_device(store, other.device, other.keys);
    transaction.commit();
  }
  std::ofstream(state.generation_file(id)) << "40700000001@s.whatsapp.net 1700000000 5 9 1\n";
  const AccountFile again = AccountFile::open(state, id);
  CHECK(load_device(*again.database)->restored_at.known());
  CHECK(std::filesystem::exists(state.generation_file(id)));
  state.remove_account(id);
  CHECK_FALSE(std::filesystem::exists(state.generation_file(id)));
}

}  // namespace generation_test
