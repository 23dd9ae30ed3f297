// App state as the simulated phone seals it, and an account that reads it.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "proto/app_state.pb.h"
#include "proto/peer_message.pb.h"
#include "session/app_state/action.h"
#include "session/app_state/keys.h"
#include "session/app_state/patch.h"
#include "sim/app_state.h"
#include "unit/session/account.h"

namespace wasync::test {

inline constexpr std::string_view kContacts = "critical_unblock_low";
inline constexpr std::string_view kMaria = "40733000000@s.whatsapp.net";
inline constexpr std::string_view kMariaLid = "7331@lid";

inline sim::AppStateChange saved(std::string_view jid, const std::string& name) {
  return sim::contact_change(std::string(jid), name, {});
}
inline sim::AppStateChange removed(std::string_view jid) {
  return {.index = {"contact", std::string(jid)}, .version = 2, .value = {}};
}

inline pb::AppStateSyncKeyShare share_of(const sim::AppState& phone) {
  pb::AppStateSyncKeyShare share;
  share.add_keys()->mutable_key_id()->set_key_id(to_string(phone.key_id()));
  share.mutable_keys(0)->mutable_key_data()->set_key_data(to_string(phone.key_data()));
  return share;
}

// The phone's collection of contacts, and what we make of it.
struct SharedContacts {
  LinkedAccount account;
  sim::AppState phone;
  KeyRing keys{account.db};

  SharedContacts() { share(phone); }
  void share(const sim::AppState& from) {
    Transaction transaction(account.db, "test");
    store_app_state_keys(account.db, share_of(from));
    transaction.commit();
  }
  void change(const std::vector<sim::AppStateChange>& changes) {
    phone.apply(std::string(kContacts), changes);
  }
  // The patch that leads to `version`.
  pb::SyncdPatch patch(std::uint64_t version) const {
    pb::SyncdPatch patch;
    REQUIRE(patch.ParseFromString(
        to_string(phone.patches_after(std::string(kContacts), version - 1).at(0))));
    return patch;
  }
  pb::SyncdSnapshot snapshot() const {
    pb::SyncdSnapshot snapshot;
    REQUIRE(snapshot.ParseFromString(to_string(phone.snapshot(std::string(kContacts)))));
    return snapshot;
  }
  std::string name_of(std::string_view who) {
    auto query = account.db.prepare("SELECT saved_name FROM contacts WHERE jid = ?");
    query.bind(who);
    return query.step() ? query.text(0) : "";
  }
};

}  // namespace wasync::test
