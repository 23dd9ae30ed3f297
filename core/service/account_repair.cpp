#include "service/account_repair.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "inbox/ids.h"
#include "service/control.h"
#include "service/control_line.h"
#include "session/device/account_file.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;
using diagnosis::StoredRepair;

constexpr std::array<std::pair<StoredRepair::What, std::string_view>, 3> kNames{
    {{StoredRepair::What::kRetryDocuments, "retry_documents"},
     {StoredRepair::What::kSetTime, "set_time"},
     {StoredRepair::What::kMerge, "merge"}}};

}  // namespace

Json to_json(const StoredRepair& repair) {
  const auto* named = std::ranges::find(kNames, repair.what, &decltype(kNames)::value_type::first);
  Json json{{"request", "repair"}, {"what", named->second}};
  if (repair.what != StoredRepair::What::kRetryDocuments)
    json["thread"] = repair.thread.to_string();
  return json;
}

StoredRepair stored_repair_from(const Json& json) {
  const auto* named =
      std::ranges::find(kNames, text_in(json, "what"), &decltype(kNames)::value_type::second);
  if (named != kNames.end() && named->first == StoredRepair::What::kRetryDocuments) return {};
  const auto thread = Jid::parse(text_in(json, "thread"));
  if (named == kNames.end() || !thread || !can_be_thread(*thread))
    throw Error(
        ErrorCode::kUsage,
        Phrase{"the request names no usable repair", "cererea nu numește o reparație bună"},
        Phrase{"Use a wa-sync of the same version.", "Folosește un wa-sync de aceeași versiune."});
  return {.what = named->first, .thread = thread->bare()};
}

void check_repairable(const StateDir& state, const AccountId& id,
                      std::chrono::milliseconds patience) {
  if (!ask_holder(state, id, {{"request", "status"}}, patience))
    (void)AccountLock::acquire(state, id);
}

RepairedBy repair_account(const StateDir& state, const AccountId& id, const StoredRepair& repair,
                          std::chrono::milliseconds patience, std::int64_t& changed,
                          const std::function<void()>& while_ours) {
  if (const auto answer = ask_holder(state, id, to_json(repair), patience)) {
    changed = number_in(*answer, "changed");
    return RepairedBy::kListener;
  }
  const AccountFile file = AccountFile::open(state, id);
  changed = diagnosis::repair_stored(*file.database, repair);
  if (while_ours) while_ours();
  return RepairedBy::kUs;
}

}  // namespace wasync
