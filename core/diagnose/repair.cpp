#include "diagnose/repair.h"

namespace wasync::diagnosis {

std::string_view name(const Repair& repair) {
  if (std::holds_alternative<RetryDocument>(repair.work)) return "retry_document";
  if (std::holds_alternative<SetTime>(repair.work)) return "set_last_message_at";
  return "redirect_duplicate";
}

std::string_view name(LeftBecause why) {
  switch (why) {
    case LeftBecause::kMangledId: return "mangled_id";
    case LeftBecause::kNoMessage: return "no_message";
    case LeftBecause::kImplausibleTime: return "implausible_time";
    case LeftBecause::kNotOnePerson: return "not_one_person";
    case LeftBecause::kNoOtherThread: return "no_other_thread";
    case LeftBecause::kCount: break;
  }
  return "unknown";
}

}  // namespace wasync::diagnosis
