#include "diagnose/finding.h"

namespace wasync::diagnosis {

std::string_view name(CheckId check) {
  switch (check) {
    case CheckId::kConfig: return "config";
    case CheckId::kClock: return "clock";
    case CheckId::kStateDir: return "state_dir";
    case CheckId::kFile: return "file";
    case CheckId::kAccount: return "account";
    case CheckId::kPhone: return "phone";
    case CheckId::kHolder: return "holder";
    case CheckId::kConnection: return "connection";
    case CheckId::kLive: return "live";
    case CheckId::kHistory: return "history";
    case CheckId::kThreads: return "threads";
    case CheckId::kBackfill: return "backfill";
    case CheckId::kUploadQueue: return "upload_queue";
    case CheckId::kFirestore: return "firestore";
    case CheckId::kAccountDocument: return "account_document";
    case CheckId::kLease: return "lease";
    case CheckId::kInboxQuery: return "inbox_query";
    case CheckId::kHidden: return "hidden";
    case CheckId::kWithoutLastMessageAt: return "without_last_message_at";
    case CheckId::kMangledIds: return "mangled_ids";
    case CheckId::kDuplicates: return "duplicates";
    case CheckId::kSamePhone: return "same_phone";
  }
  return "unknown";
}

std::string_view name(CheckState state) {
  switch (state) {
    case CheckState::kOk: return "ok";
    case CheckState::kBroken: return "broken";
    case CheckState::kSkipped: return "skipped";
    case CheckState::kUnknown: return "unknown";
  }
  return "unknown";
}

}  // namespace wasync::diagnosis
