// Writing the inbox. All rules of the Inbox contract about threads, messages, contacts and
// LID mappings are here and nowhere else.
//
//   Transaction transaction(database, "inbox");
//   InboxWriter inbox(database);
//   inbox.put_conversation(conversation);
//   for (const Message& message : messages) inbox.put_message(message);
//   inbox.flush();
//   transaction.commit();
//
// A writer belongs to one open transaction: it caches the threads it touched, so that a
// thread touched by a hundred messages is updated once, by `flush`. What was not flushed is
// not written. After a rollback the writer must be dropped with the transaction.
//
// A commit costs an fsync (milliseconds), a message some microseconds: history does best with
// several conversations in one transaction, a thousand messages or so.
//
// Everything is idempotent: putting what is already there changes no row and no revision.
// Texts are repaired to valid UTF-8 and bounded here; callers need not.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/jid.h"
#include "inbox/account.h"
#include "inbox/amendment.h"
#include "inbox/message.h"
#include "inbox/sealed.h"

namespace wasync {

class Database;

enum class PutMessage {
  kInserted,
  kUpdated,    // known, and something (a status, a body that was missing) was added
  kUnchanged,  // known
  kNoThread,   // dropped: backfill never creates a thread
  kNoChat,     // dropped: the chat takes no messages (status broadcast, channel, malformed)
};

enum class PutConversation { kCreated, kUpdated, kUnchanged, kNoChat };

enum class Amend {
  kApplied,
  kUnchanged,   // already so, or older than what is known
  kNoMessage,   // the target is unknown; it is remembered and applied when it arrives
  kNotAllowed,  // not by the message's author: dropped
};

class InboxWriter {
 public:
  // `database` is migrated (migrate_inbox), holds an account row, and has a transaction open;
  // else Error(kInternal). `now` is only a fallback and a bound for absurd future times.
  explicit InboxWriter(Database& database, UnixSeconds now = UnixSeconds::now());
  ~InboxWriter();
  InboxWriter(const InboxWriter&) = delete;
  InboxWriter& operator=(const InboxWriter&) = delete;

  // From history: creates the thread (a placeholder until a message comes) or improves it.
  // Aliases become LID mappings first.
  PutConversation put_conversation(const Conversation& conversation);

  // Creates the thread for kHistorySync and kRealtime only. Reactions in the message are
  // merged; its push name improves the sender's contact.
  PutMessage put_message(Message message);

  // Returns whether anything changed. Empty fields of `contact` leave what is known unchanged.
  bool put_contact(const Contact& contact);
  bool put_push_name(const Jid& jid, std::string_view push_name);
  // A person has a new number. Their chat continues under it, with the name that the owner saved
  // for the old one until the phone gives another. The old chat stays as it is.
  void put_number_change(const Jid& old_jid, const Jid& new_jid);
  // The person has another identity key than the one we knew. Their chat, if there is one, shows
  // when: others make no row. Returns whether that is news: what comes within an hour of the change
  // that we know is taken for the same one, because a message and a notification both tell it, and
  // so that nobody keeps us busy with new keys.
  bool put_identity_change(const Jid& person, UnixSeconds at);
  // Takes the subject from a live notification; history gives it in put_conversation. Creates no
  // thread: the thread that the group's first message creates will have the subject.
  bool put_group_subject(const Jid& group, std::string_view subject);

  // The owner removed this person from the phone's contacts: the next best source names them. (The
  // chat's name in history does not: for a person it is the saved name of that time.) `flush`
  // removes the name from their messages too; it reads every message of the threads they wrote in.
  bool clear_saved_name(const Jid& jid);

  // Takes settings from app state, which knows better than history: they also hold for a thread
  // that comes later, whatever history then says.
  bool put_chat_settings(const Jid& chat, const ChatSettings& settings);
  // Another device marked the chat as read up to `up_to` (unknown: all of it), or as unread. Has no
  // effect on an unknown thread, or when a message newer than `up_to` has come.
  bool put_read_mark(const Jid& chat, bool read, UnixSeconds up_to);

  // Learns that the two are one person. Merges a thread of the LID into the phone's: its messages
  // move, and its row stays as a redirect. Returns true when the mapping was new.
  bool put_lid_mapping(const LidMapping& mapping);
  // The same for a thread that came by its LID after we learned the mapping.
  void merge_if_mapped(const Jid& lid);

  Amend put_reaction(const Reaction& reaction);
  Amend put_edit(const Edit& edit);
  Amend put_revoke(const Revoke& revoke);
  // Takes an answer to a poll or an event; kNotAllowed when the message is neither.
  Amend put_answer(const AnswerTo& answer);
  Amend put_poll_option(const AddedOption& added);
  // Delivery of our own messages; returns how many moved forward.
  int put_receipt(const Receipt& receipt);

  // Returns what opens it, or why nothing here does. Returns std::monostate for what is about a
  // deleted message: it no longer matters.
  std::variant<std::monostate, Seal, Unopened> seal_of(const Sealed& sealed);
  // Counts it once, and keeps it when its message or the secret may still come.
  void put_unopened(const Sealed& sealed, Unopened why);
  // Removes and returns the kept content whose secret has come since the last call; the caller
  // opens it.
  std::vector<Sealed> take_openable();

  // The time of the newest of these messages to us; unknown when we have none of them.
  UnixSeconds newest_of(const Jid& chat, const std::vector<std::string>& ids);

  // Sets the unread count when another device read the chat, or app state says so. Has no effect on
  // an unknown thread.
  bool set_unread(const Jid& chat, std::uint32_t count);
  // Sets backfill's marks. Has no effect on an unknown thread.
  bool set_backfilled(const Jid& chat, UnixSeconds at, bool exhausted);

  // So many messages of history were too large to take in. Has no effect on an unknown thread.
  void add_too_large(const Jid& chat, std::int64_t messages);

  // The address a chat is stored under: bare, and the phone for a LID with a known mapping.
  Jid canonical(const Jid& chat);
  bool has_thread(const Jid& chat);

  // Whether that message is stored.
  bool knows(const Jid& chat, const MessageKey& key);

  // Writes the touched threads. May be called more than once.
  void flush();

  struct Counts {
    std::int64_t threads_created = 0;
    std::int64_t placeholders = 0;  // created threads that have no message (after flush)
    std::int64_t messages_inserted = 0;
    std::int64_t messages_updated = 0;
    std::int64_t messages_unchanged = 0;
    std::int64_t messages_dropped = 0;
    std::int64_t contacts_changed = 0;
    std::int64_t identities_changed = 0;  // that are news
    // More than a sender, or all together, may keep waiting: amendments, sealed content, reactions.
    std::int64_t left_out = 0;
  };
  Counts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wasync
