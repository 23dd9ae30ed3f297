// What an InboxWriter knows during its transaction. Private to the inbox.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/sqlite.h"
#include "inbox/message_row.h"
#include "inbox/sealed.h"
#include "inbox/store.h"
#include "inbox/thread_row.h"

namespace wasync {

struct ContactRow {
  std::int64_t row_id = 0;  // 0: not in the file
  std::string saved_name{};
  std::string push_name{};
  UnixSeconds push_name_at{};
  std::string verified_name{};
  std::string lid{};
};

// The name in lists and groups: saved, else push, else verified name.
const std::string& best_name(const ContactRow& contact);

struct InboxWriter::State {
  State(Database& db, UnixSeconds at);

  Database& database;
  UnixSeconds now{};
  Jid own_phone{};  // bare
  Jid own_lid{};    // bare; empty while unknown
  std::vector<Jid> former_own_lids{};
  Counts counts;
  std::int64_t stored_left_out = 0;  // of counts.left_out

  // Caches by bare JID; an empty value means "known to be absent".
  std::unordered_map<std::string, std::string> phones;
  std::unordered_map<std::string, std::unique_ptr<ThreadRow>> threads;
  std::unordered_map<std::string, ContactRow> contacts;
  std::unordered_set<std::string> unnamed{};  // lost a saved name; canonical
  bool has_taken_back = false;                // a message
  std::optional<bool> keeps_waiting{};  // whether amendments wait for messages; nothing: not asked
  std::optional<Statement> insert{};

  // threads (store.cpp)
  ThreadRow* thread_as_stored(const std::string& jid);  // redirected ones too
  ThreadRow* find_thread(const Jid& canonical);
  ThreadRow& need_thread(const Jid& canonical);
  PutMessage merge_known(ThreadRow& thread, MessageRow& told);
  bool insert_message(ThreadRow& thread, MessageRow& row, SyncSource source);
  void after_change(ThreadRow& thread, const MessageRow& row);
  UnixSeconds oldest_in(const ThreadRow& thread) const;
  bool tells_known = false;  // the last message from history was known already
  bool was_told(const ThreadRow& thread, const Message& message);

  // chat settings (chat_settings.cpp)
  void apply_settings(ThreadRow& row);
  void move_settings(const std::string& lid, const Jid& phone);

  // people (people.cpp)
  Jid canonical(const Jid& jid);
  bool is_own(const Jid& bare) const;
  ContactRow& contact(const std::string& jid);
  bool save_contact(const Jid& jid, const ContactRow& contact);
  bool learn_push_name(const Jid& canonical, const std::string& clean, UnixSeconds at);
  void name_thread(ThreadRow& thread, const ContactRow& contact);
  void unname_thread(ThreadRow& thread, const ContactRow& contact);
  void merge_contacts(const std::string& lid, const Jid& phone);
  void merge_threads(const std::string& lid, const Jid& phone);
  void move_messages(const ThreadRow& from, ThreadRow& into);

  // removed names (removed_names.cpp)
  std::unordered_map<std::int64_t, std::unordered_set<std::string>> senders{};  // by thread
  void note_sender(const MessageRow& row);
  std::vector<std::string> addresses_of(const std::string& phone);
  void forget_removed_names();  // call once all threads are saved
  void forget_last_sender(std::int64_t thread,
                          const std::unordered_map<std::string, std::string>& names);
  void forget_senders(std::int64_t thread,
                      const std::unordered_map<std::string, std::string>& names);

  // Whether both addresses may be one person's: a LID and a phone may be while their mapping is
  // unknown.
  bool may_be_same(const Jid& a, const Jid& b);

  // the media facts of a message, and what waits for it
  void keep_beside(const MessageRow& row, const Message& told);

  // secrets (secrets.cpp)
  void drop_malformed_secret(Message& message);
  UnixSeconds secret_end(const MessageRow& row) const;  // unknown: the row has none
  void keep_secret(MessageRow& known, const Message& told);
  Bytes secret_of(std::int64_t message);
  void remove_old_secrets();

  // content sealed with secrets (sealed.cpp)
  std::optional<bool>
      keeps_sealed{};  // whether any is kept that may still open; nothing: not asked
  std::vector<std::pair<std::string, std::string>> secrets_came{};  // thread's jid, document id
  void note_secret(const MessageRow& row);
  void forget_sealed(const MessageRow& target);
  void count_unopened(SealedKind kind, Unopened why, std::int64_t more);
  std::vector<std::string> spellings(const Jid& jid);

  // amendments (amend.cpp)
  enum class Kind { kReaction, kEdit, kRevoke, kAnswer, kPollOption };
  struct Amendment {
    Kind kind = Kind::kReaction;
    MessageKey target{};
    Jid by{};  // canonical; empty: ourselves
    bool by_admin = false;
    std::optional<std::string> text{};
    UnixSeconds at{};
    // Only for an edit whose message is here.
    std::vector<PollOption> poll_options{};
    std::optional<MediaFacts> media_facts{};
  };
  std::optional<MessageRow> find_target(const ThreadRow& thread, const MessageKey& target);
  bool matches(const MessageRow& row, const MessageKey& target);
  Amend amend(const Jid& chat, Amendment amendment);
  Amend apply(ThreadRow& thread, MessageRow& row, const Amendment& amendment);
  bool is_author(const MessageRow& row, const Jid& by);
  void remember(const Jid& chat, const Amendment& amendment);
  void apply_waiting(ThreadRow& thread, const MessageRow& inserted);
};

}  // namespace wasync
