#include "session/device/account_file.h"

#include <thread>

#include "base/error.h"
#include "base/log.h"
#include "base/upgrade.h"
#include "inbox/schema.h"
#include "inbox/search_index.h"
#include "session/device/generation.h"
#include "session/device/schema.h"
#include "signal/schema.h"

namespace wasync {
namespace {

void warn_of(FileAge age, const AccountId& id) {
  if (age == FileAge::kRestored)
    log::warn(
        "{}: the account's file was put back from a backup. It goes on with new pre-keys and a new "
        "session with the phone. What was received after the backup is missing here: wa-sync pair "
        "--again brings it",
        id.str());
  if (age == FileAge::kFormerLink)
    log::warn(
        "{}: the account's file was put back from a backup, and the account was linked anew after "
        "it. WhatsApp will refuse this link: wa-sync pair --again",
        id.str());
}

AccountFile open_as(const StateDir& state, const AccountId& id, Database::Mode mode,
                    std::optional<bool> search_index) {
  AccountLock lock = AccountLock::acquire(state, id);
  auto database = std::make_unique<Database>(state.account_file(id), mode);
  upgrade(*database, account_tables());
  const bool had_index = has_search_index(*database);
  const bool wants_index = search_index.value_or(had_index);
  if (wants_index != had_index || is_search_index_behind(*database))
    observe_work(database->file(), [&](const OnMigrated& on_indexed) {
      switch_search_index(*database, wants_index, on_indexed);
    });
  forget_old_copies(database->file());
  std::filesystem::path generation_file = state.generation_file(id);
  warn_of(take_up_generation(*database, generation_file), id);
  return {.id = id,
          .lock = std::move(lock),
          .database = std::move(database),
          .generation_file = std::move(generation_file)};
}

}  // namespace

std::array<Tables, 3> account_tables() {
  return {inbox_tables(), signal_tables(), session_tables()};
}

AccountFile AccountFile::open(const StateDir& state, const AccountId& id,
                              std::optional<bool> search_index) {
  return open_as(state, id, Database::Mode::kReadWrite, search_index);
}

AccountFile AccountFile::create(const StateDir& state, const AccountId& id,
                                std::optional<bool> search_index) {
  state.create_account(id);
  return open_as(state, id, Database::Mode::kReadWriteCreate, search_index);
}

std::unique_ptr<Database> open_beside_holder(const StateDir& state, const AccountId& id,
                                             std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kLook{20};
  auto database = std::make_unique<Database>(state.account_file(id), Database::Mode::kReadWrite);
  const auto tables = account_tables();
  // A holder of our own version upgrades it first of all.
  for (std::chrono::milliseconds waited{0}; needs_upgrade(*database, tables); waited += kLook) {
    if (const auto lock = AccountLock::try_acquire(state, id)) {
      upgrade(*database, tables);
    } else if (waited >= patience) {
      const int pid = AccountLock::holder(state, id).value_or(0);
      throw Error(
          ErrorCode::kHeldElsewhere,
          Phrase{"an older wa-sync wrote {}, and {} holds the account",
                 "un wa-sync mai vechi a scris {}, iar contul este ținut de {}"}
              .with(database->file().string(),
                    pid > 0 ? Phrase{"process {}", "procesul {}"}.with(pid)
                            : Words(Phrase{"another process", "alt proces"})),
          Phrase{"It may be updating the file: try again. If it is the older wa-sync, end it: "
                 "systemctl restart wa-sync",
                 "Poate actualizează fișierul: încearcă din nou. Dacă este un wa-sync mai "
                 "vechi, oprește-l: systemctl restart wa-sync"});
    } else {
      std::this_thread::sleep_for(kLook);
    }
  }
  return database;
}

}  // namespace wasync
