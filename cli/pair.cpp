#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "cli/account_choice.h"
#include "cli/commands.h"
#include "cli/env.h"
#include "cli/inbox_choice.h"
#include "cli/pair_run.h"
#include "cli/server.h"
#include "inbox/dirty.h"
#include "inbox/phone_forms.h"
#include "inbox/state_dir.h"
#include "session/device/account_file.h"
#include "session/device/device.h"
#include "session/device/schema.h"

namespace wasync {
namespace {

std::string account_namespace() {
  const std::string chosen = env("ACCOUNT_NAMESPACE");
  return chosen.empty() ? std::string(kDefaultAccountNamespace) : chosen;
}

// A setting of the backend that used these accounts before us; nothing but a clear yes counts.
bool only_tries_history() {
  const std::string wanted = search_key(env("WHATSAPP_HISTORY_SYNC_DRY_RUN"));
  return wanted == "true" || wanted == "1" || wanted == "yes" || wanted == "on";
}

bool awaits_history(Database& database) {
  const auto device = load_device(database);
  return device && device->history_awaited;
}

bool is_unfinished(Database& database, bool uploads) {
  return awaits_history(database) || (uploads && count_dirty(database).rows > 0);
}

// An account that is here already has its id from one of the ways to write its number.
AccountId account_of_phone(const std::string& phone, const StateDir& state) {
  const AccountId id = account_id_for(phone, account_namespace());
  const auto other = other_form(phone);
  if (state.has_account(id) || !other) return id;
  const AccountId other_id = account_id_for(*other, account_namespace());
  return state.has_account(other_id) ? other_id : id;
}

// --phone says it best. --account may name an account that is to be made: then it must be a phone
// number. Left out, it is the one that a former run left unfinished, if there is exactly one;
// otherwise whichever the phone that scans belongs to, which re-pairs a known one and adds a new
// one.
std::optional<AccountId> meant_account(const GlobalOptions& global, const PairOptions& options,
                                       const StateDir& state, bool uploads) {
  if (!options.phone.empty()) {
    const AccountId by_phone = account_of_phone(options.phone, state);
    if (global.account.empty() || meant_account(global, {}, state, uploads) == by_phone)
      return by_phone;
    throw Error(ErrorCode::kUsage,
                Phrase{"--phone and --account name different accounts",
                       "--phone și --account numesc conturi diferite"},
                Phrase{"Leave one of them out.", "Omite una dintre ele."});
  }
  if (const auto phone = normalized_phone(global.account)) return account_of_phone(*phone, state);
  if (!global.account.empty()) return chosen_accounts(global).open.front().account.id;
  std::optional<AccountId> interrupted;
  for (const OpenAccount& each : all_accounts(global).open) {
    if (!is_unfinished(*each.database, uploads)) continue;
    if (interrupted) return std::nullopt;
    interrupted = each.account.id;
  }
  return interrupted;
}

PairingOptions pairing_options(const GlobalOptions& global, const PairOptions& options,
                               const StateDir& state, bool uploads) {
  PairingOptions out;
  out.endpoint = traced_endpoint_of(global);
  out.companion = companion_of(global);
  out.companion.full_history = options.full_history;
  out.companion_again = companion_again(global);
  out.account_namespace = account_namespace();
  out.account = meant_account(global, options, state, uploads);
  if (options.by_code) out.code_phone = options.phone;
  out.account_name = options.name;
  out.search_index = global.search_index;
  out.again = options.again;
  out.wait_for_history = options.wait;
  out.dry_run = only_tries_history();
  out.scan_timeout = options.timeout;
  // The built-in patience, where the user has not less of it.
  for (auto* patience : {&out.stall, &out.settle, &out.timings.iq_timeout})
    *patience = std::min<std::chrono::milliseconds>(*patience, options.timeout);
  return out;
}

// All that is left to do of the account is to send what is here already.
bool only_upload_is_left(const StateDir& state, const PairingOptions& pairing) {
  if (pairing.again || !pairing.account || !state.has_account(*pairing.account)) return false;
  const auto database = open_beside_holder(state, *pairing.account);
  return !awaits_history(*database) && is_unfinished(*database, true);
}

}  // namespace

int pair(const Console& console, const GlobalOptions& global, const PairOptions& options) {
  std::optional<std::filesystem::path> chosen;
  if (!global.state_dir.empty()) chosen = global.state_dir;
  StateDir state = StateDir::open(resolve_state_dir(chosen));
  std::optional<FirestoreInbox> inbox = firestore_inbox(global);
  PairingOptions pairing = pairing_options(global, options, state, inbox.has_value());
  PairRun run(console, options, state, std::move(inbox));
  if (run.uploads() && only_upload_is_left(state, pairing)) return run.upload(*pairing.account);
  return run.pair(std::move(pairing));
}

}  // namespace wasync
