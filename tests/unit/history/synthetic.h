// History as a phone would make it, and an account file to put it in.
#pragma once

#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/sqlite.h"
#include "history/ingest.h"
#include "history/media_crypto.h"
#include "proto/history_sync.pb.h"
#include "scratch_dir.h"

namespace wasync::synthetic {

inline constexpr std::int64_t kDay0 = 1'700'000'000;  // 2023-11-14

inline const OwnIdentity kOwn{.phone = {.user = "40700000001", .server = "s.whatsapp.net"},
                              .lid = {.user = "100000000000001", .server = "lid"}};

// A migrated account file with the account `kOwn` in it.
class AccountFile {
 public:
  AccountFile();
  Database& database() { return database_; }
  const std::filesystem::path& directory() const { return scratch_.path(); }
  std::int64_t count(const std::string& sql_from);  // SELECT count(*) FROM …
  std::string text(const std::string& sql);         // first column of the first row
  // Every row of the inbox in a fixed order, without revisions and clocks: two files with the
  // same content compare equal.
  std::string dump();

 private:
  test::ScratchDir scratch_;
  Database database_;
};

pb::Conversation& add_conversation(pb::HistorySync& history, const std::string& jid,
                                   std::int64_t at = kDay0);
pb::WebMessageInfo& add_text(pb::Conversation& conversation, const std::string& id,
                             const std::string& text, std::int64_t at, bool from_me = false);

// `chats` conversations of `messages` texts each.
pb::HistorySync many(int chats, int messages);

Bytes compressed(const pb::HistorySync& history);
ChunkSource source_of(const pb::HistorySync& history);

IngestOptions options(int sync_type = pb::HISTORY_SYNC_INITIAL_BOOTSTRAP);

}  // namespace wasync::synthetic
