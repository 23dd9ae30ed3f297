// A scratch directory, and an account's file with values to put in it.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/sqlite.h"
#include "inbox/account.h"
#include "inbox/dirty.h"
#include "inbox/ids.h"
#include "inbox/message.h"
#include "inbox/queries.h"
#include "inbox/schema.h"
#include "inbox/store.h"
#include "scratch_dir.h"

namespace wasync::test {

inline Jid jid(std::string_view text) {
  const auto parsed = Jid::parse(text);
  REQUIRE(parsed);
  return *parsed;
}

inline constexpr std::string_view kPhone = "+40737123397";
inline constexpr UnixSeconds kNow{1'760'000'000};

struct InboxFile {
  ScratchDir scratch;
  AccountId account = account_id_for(kPhone);
  Database db{scratch.path() / "wa-sync.db"};

  InboxFile() {
    migrate_inbox(db);
    Transaction transaction(db, "test");
    put_account(db, Account{.id = account,
                            .phone = std::string(kPhone),
                            .name = "Shop",
                            .push_name = "Our Own Name",
                            .jid = jid("40737123397:3@s.whatsapp.net"),
                            .lid = jid("99887766:3@lid"),
                            .platform = "android",
                            .status = AccountStatus::kConnected,
                            .created_at = kNow});
    transaction.commit();
  }

  // One committed transaction.
  void write(const std::function<void(InboxWriter&)>& work) {
    Transaction transaction(db, "test");
    InboxWriter inbox(db, kNow);
    work(inbox);
    inbox.flush();
    transaction.commit();
  }
  template <typename Value>
  Value put(const std::function<Value(InboxWriter&)>& work) {
    Value value{};
    write([&](InboxWriter& inbox) { value = work(inbox); });
    return value;
  }
  PutMessage put(const Message& message) {
    return put<PutMessage>([&](InboxWriter& inbox) { return inbox.put_message(message); });
  }

  ThreadId thread_id(std::string_view chat) const { return thread_id_for(account, jid(chat)); }
  // The thread's row as `threads list --hidden` shows it; redirects are not followed.
  ThreadListing thread(std::string_view chat) {
    for (ThreadListing& listing : list_threads(
             db, {.limit = std::nullopt, .include_hidden = true, .search = {}, .since = {}})) {
      if (listing.thread == thread_id(chat)) return std::move(listing);
    }
    throw Error(ErrorCode::kInternal, "no such thread");
  }
  bool has_thread(std::string_view chat) {
    auto query = db.prepare("SELECT 1 FROM threads WHERE jid = ?");
    query.bind(chat);
    return query.step();
  }
  std::vector<StoredMessage> messages(std::string_view chat) {
    return thread_messages(db, thread_id(chat));
  }
  std::int64_t number(std::string_view static_sql) {
    auto query = db.prepare(static_sql);
    REQUIRE(query.step());
    return query.integer(0);
  }
  // Sum of all revisions: unchanged means that nothing became dirty.
  std::int64_t revisions() {
    return number(
        "SELECT (SELECT sum(revision) FROM threads) + (SELECT coalesce(sum(revision), 0) FROM"
        " messages) + (SELECT coalesce(sum(revision), 0) FROM contacts)");
  }
};

inline constexpr std::string_view kAna = "40711111111@s.whatsapp.net";
inline constexpr std::string_view kAnaLid = "555444333@lid";
inline constexpr std::string_view kGroup = "120363041234567890@g.us";

// From `chat`'s other side, at kNow minus `age_s`.
inline Message inbound(std::string_view chat, std::string id, std::string body,
                       std::int64_t age_s = 100) {
  Message m;
  m.key = {
      .id = std::move(id), .remote_jid = std::string(chat), .from_me = false, .participant = {}};
  m.chat = jid(chat);
  m.sent_at = {kNow.value - age_s};
  m.body = std::move(body);
  m.source = SyncSource::kRealtime;
  return m;
}

inline Message outbound(std::string_view chat, std::string id, std::string body,
                        std::int64_t age_s = 100) {
  Message m = inbound(chat, std::move(id), std::move(body), age_s);
  m.key.from_me = true;
  return m;
}

inline Message from_history(Message m) {
  m.source = SyncSource::kHistorySync;
  return m;
}

inline Message in_group(std::string id, std::string_view sender, std::string body,
                        std::int64_t age_s = 100) {
  Message m = inbound(kGroup, std::move(id), std::move(body), age_s);
  m.sender = jid(sender);
  m.key.participant = std::string(sender);
  return m;
}

inline Conversation conversation(std::string_view chat, std::string name = {},
                                 std::int64_t age_s = 50) {
  Conversation c;
  c.chat = jid(chat);
  c.name = std::move(name);
  c.last_activity = {kNow.value - age_s};
  return c;
}

// What is to be uploaded, of all threads.
inline std::vector<DirtyThread> all_dirty_threads(Database& db) {
  std::vector<DirtyThread> out;
  for (const std::int64_t row : dirty_threads(db)) out.push_back(dirty_thread(db, row).value());
  return out;
}

inline std::vector<DirtyMessage> all_dirty_messages(Database& db) {
  std::vector<DirtyMessage> out;
  for (const std::int64_t thread : threads_with_dirty_messages(db))
    for (DirtyMessage& each : dirty_messages(db, thread, 1000)) out.push_back(std::move(each));
  return out;
}

}  // namespace wasync::test
