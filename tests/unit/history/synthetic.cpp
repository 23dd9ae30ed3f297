#include "unit/history/synthetic.h"

#include <memory>
#include <stdexcept>
#include <vector>

#include "base/inflate.h"
#include "inbox/account.h"
#include "inbox/schema.h"

namespace wasync::synthetic {

AccountFile::AccountFile() : database_(scratch_.path() / "wa-sync.db") {
  migrate_inbox(database_);
  Transaction transaction(database_, "test");
  const std::string phone = "+" + kOwn.phone.user;
  put_account(database_, Account{.id = account_id_for(phone),
                                 .phone = phone,
                                 .name = {},
                                 .push_name = "Me Myself",
                                 .jid = kOwn.phone,
                                 .lid = kOwn.lid,
                                 .platform = "android"});
  transaction.commit();
}

std::int64_t AccountFile::count(const std::string& sql_from) {
  return std::stoll(text("SELECT count(*) FROM " + sql_from));
}

std::string AccountFile::text(const std::string& sql) {
  // Statements are cached by the address of their text, which must outlive the database.
  static std::vector<std::unique_ptr<std::string>> kept;
  kept.push_back(std::make_unique<std::string>(sql));
  auto query = database_.prepare(*kept.back());
  return query.step() && !query.is_null(0) ? query.text(0) : std::string{};
}

std::string AccountFile::dump() {
  std::string out;
  const auto table = [&](std::string_view sql, int columns) {
    auto query = database_.prepare(sql);
    while (query.step()) {
      for (int i = 0; i < columns; ++i) {
        out += query.text(i);
        out += '|';
      }
      out += '\n';
    }
  };
  table(
      "SELECT jid, name, group_subject, last_message_at, newest_at, newest_from_me, inbound_id,"
      " last_text, last_sender_name, unread, messages, history_exhausted, redirect_to"
      " FROM threads ORDER BY jid",
      13);
  table(
      "SELECT jid, document_id, sent_at, from_me, type, status, source, body, key_remote_jid,"
      " key_participant, sender, sender_name, media_type, mimetype, filename, size_bytes,"
      " quoted_id, reactions, edited_at, deleted_at, unknown_field"
      " FROM messages JOIN threads ON threads.row_id = thread ORDER BY jid, document_id",
      21);
  table("SELECT jid, saved_name, push_name, verified_name, lid FROM contacts ORDER BY jid", 5);
  table("SELECT lid, phone FROM lid_mappings ORDER BY lid", 2);
  return out;
}

pb::Conversation& add_conversation(pb::HistorySync& history, const std::string& jid,
                                   std::int64_t at) {
  pb::Conversation& conversation = *history.add_conversations();
  conversation.set_id(jid);
  conversation.set_conversation_timestamp(static_cast<std::uint64_t>(at));
  return conversation;
}

pb::WebMessageInfo& add_text(pb::Conversation& conversation, const std::string& id,
                             const std::string& text, std::int64_t at, bool from_me) {
  pb::WebMessageInfo& info = *conversation.add_messages()->mutable_message();
  info.mutable_key()->set_id(id);
  info.mutable_key()->set_remote_jid(conversation.id());
  info.mutable_key()->set_from_me(from_me);
  info.mutable_message()->set_conversation(text);
  info.set_message_timestamp(static_cast<std::uint64_t>(at));
  return info;
}

pb::HistorySync many(int chats, int messages) {
  pb::HistorySync history;
  history.set_sync_type(pb::HISTORY_SYNC_RECENT);
  history.set_chunk_order(1);
  history.set_progress(100);
  for (int c = 0; c < chats; ++c) {
    auto& conversation =
        add_conversation(history, std::to_string(40'710'000'000 + c) + "@s.whatsapp.net");
    for (int m = 0; m < messages; ++m) {
      add_text(conversation, "3A" + std::to_string(c) + "X" + std::to_string(m),
               "message " + std::to_string(m), kDay0 - m * 60, m % 3 == 0);
    }
  }
  return history;
}

Bytes compressed(const pb::HistorySync& history) {
  return deflate(as_bytes(history.SerializeAsString()));
}

ChunkSource source_of(const pb::HistorySync& history) {
  return chunk_source(compressed(history));
}

IngestOptions options(int sync_type) {
  IngestOptions out;
  out.own = kOwn;
  out.sync_type = sync_type;
  out.now = {kDay0 + 3600};
  return out;
}

}  // namespace wasync::synthetic
