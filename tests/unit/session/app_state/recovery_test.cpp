#include "session/app_state/recovery.h"

#include "base/inflate.h"
#include "unit/session/app_state/app_state.h"

namespace recovery_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr UnixSeconds kNow{1'800'000'000};

// Contacts that could not be verified, and the phone's answer about them.
struct Damaged : SharedContacts {
  pb::PeerDataOperationRequestResponseMessage response;

  Damaged() {
    change({saved(kAna, "Ana"), saved(kMaria, "Maria")});
    change({saved(kAna, "Ana Popescu"), removed(kMaria)});
    Transaction transaction(account.db, "test");
    begin_fetch(account.db, kContacts);
    end_fetch(account.db, kContacts, Standing::kDamaged, "wrong MAC");
    transaction.commit();
    response.set_peer_data_operation_request_type(
        pb::PEER_DATA_COMPANION_SYNCD_SNAPSHOT_FATAL_RECOVERY);
    answer(phone.open_copy(std::string(kContacts)));
  }
  void answer(const Bytes& copy) {
    auto& told = *(response.peer_data_operation_result_size() > 0
                       ? response.mutable_peer_data_operation_result(0)
                       : response.add_peer_data_operation_result())
                      ->mutable_syncd_snapshot_fatal_recovery_response();
    told.set_collection_snapshot(to_string(BytesView(copy)));
  }
  bool take() {
    Transaction transaction(account.db, "test");
    InboxWriter inbox(account.db);
    const bool taken = take_recovery(response, account.db, inbox);
    inbox.flush();
    transaction.commit();
    return taken;
  }
};

}  // namespace

TEST_CASE(
    "the phone's copy takes the place of what cannot be verified, and patches go on from it") {
  Damaged contacts;
  CHECK(contacts.take());
  CHECK(contacts.name_of(kAna) == "Ana Popescu");
  CHECK(contacts.name_of(kMaria).empty());
  CHECK(state_of(contacts.account.db, kContacts).version == 2);
  CHECK(standing_of(contacts.account.db, kContacts) == Standing::kWanted);
  contacts.change({saved(kMaria, "Maria B.")});
  const Opened next = open_patch(
      kContacts, contacts.patch(3), state_of(contacts.account.db, kContacts),
      [&](BytesView index) { return value_mac(contacts.account.db, kContacts, index); },
      contacts.keys);
  CHECK(next.state.version == 3);
}

TEST_CASE("a copy may be compressed") {
  Damaged contacts;
  const Bytes copy = contacts.phone.open_copy(std::string(kContacts));
  contacts.answer(to_bytes(as_bytes(gzip(as_text(copy)))));
  contacts.response.mutable_peer_data_operation_result(0)
      ->mutable_syncd_snapshot_fatal_recovery_response()
      ->set_is_compressed(true);
  CHECK(contacts.take());
  CHECK(contacts.name_of(kAna) == "Ana Popescu");
}

TEST_CASE("a copy that cannot be used changes nothing") {
  Damaged contacts;
  SUBCASE("empty") {
    contacts.response.clear_peer_data_operation_result();
  }
  SUBCASE("garbage") {
    contacts.answer(Bytes(40, 0xff));
  }
  SUBCASE("of another kind") {
    contacts.response.set_peer_data_operation_request_type(
        pb::PEER_DATA_PLACEHOLDER_MESSAGE_RESEND);
  }
  SUBCASE("sealed with a key that is not here") {
    sim::AppState other;
    other.apply(std::string(kContacts), {saved(kAna, "Eve")});
    contacts.answer(other.open_copy(std::string(kContacts)));
  }
  CHECK_FALSE(contacts.take());
  CHECK(contacts.name_of(kAna).empty());
  CHECK(standing_of(contacts.account.db, kContacts) == Standing::kDamaged);
}

TEST_CASE("only what is damaged is repaired") {
  Damaged contacts;
  CHECK(contacts.take());
  CHECK_FALSE(contacts.take());
}

TEST_CASE("the phone is asked for a collection once a day, also after the clock was set back") {
  Damaged contacts;
  Database& database = contacts.account.db;
  Transaction transaction(database, "test");
  CHECK(begin_recovery(database, kContacts, kNow));
  CHECK_FALSE(begin_recovery(database, kContacts, {kNow.value + 3'600}));
  CHECK(begin_recovery(database, kContacts, {kNow.value + 90'000}));
  CHECK(begin_recovery(database, kContacts, kNow));
}

}  // namespace recovery_test
