#include "history/ingest.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/inflate.h"
#include "base/log.h"
#include "base/sqlite.h"
#include "history/conversation.h"
#include "history/sealed_content.h"
#include "inbox/account.h"
#include "inbox/history_queue.h"
#include "inbox/ids.h"
#include "inbox/queries.h"
#include "inbox/store.h"
#include "proto/history_sync.pb.h"

namespace wasync {
namespace {

// What one transaction adds to the account's totals.
struct Tally {
  std::int64_t seen = 0;
  std::int64_t nothing = 0;
  std::int64_t dropped = 0;
  std::int64_t errors = 0;
};

// The transactions of a chunk need not each survive a power cut. Only the last one must, because it
// marks the chunk done; and when it becomes durable, the earlier ones do too. So until then SQLite
// may sync less often, copy its log into the file in larger portions, and hold more of the file in
// memory. SQLite does not change its syncing inside a transaction.
class DeferredSync {
 public:
  explicit DeferredSync(Database& database) : database_(database) {
    database_.execute(
        "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 8192; "
        "PRAGMA cache_size = -4096");
  }
  ~DeferredSync() {
    try {
      database_.execute(
          "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; "
          "PRAGMA cache_size = -256; PRAGMA shrink_memory");
    } catch (const Error&) {
      // The connection is broken then, and its owner learns that from the next use.
    }
  }
  DeferredSync(const DeferredSync&) = delete;
  DeferredSync& operator=(const DeferredSync&) = delete;

 private:
  Database& database_;
};

// The other types carry names or settings, and their percentage says nothing.
bool tells_progress(int sync_type) {
  return sync_type == pb::HISTORY_SYNC_INITIAL_BOOTSTRAP || sync_type == pb::HISTORY_SYNC_RECENT ||
         sync_type == pb::HISTORY_SYNC_FULL;
}

class Ingestion {
 public:
  Ingestion(Database& database, const IngestOptions& options)
      : database_(database), options_(options) {
    result_.sync_type = options.sync_type;
    result_.chunk_order = options.chunk_order;
    result_.percent = options.percent;
  }

  IngestResult run(const ChunkSource& source);

  void operator()(ConversationEvent& event);
  void operator()(MessageEvent& event);
  void operator()(StatusEvent& event);
  void operator()(PushNameEvent& event);
  void operator()(BusinessNameEvent& event);
  void operator()(LidMapping& mapping) { learn(mapping); }
  void operator()(Contact& contact) { inbox().put_contact(contact); }
  void operator()(TooLargeEvent&);
  void operator()(DamageEvent&) { ++tally_.errors; }

  // What a message of history turns out to be.
  void operator()(Message& message);
  void operator()(Reaction& reaction) { inbox().put_reaction(reaction); }
  void operator()(Edit& edit) { inbox().put_edit(edit); }
  void operator()(Revoke& revoke) { inbox().put_revoke(revoke); }
  void operator()(AddedOption& added) { inbox().put_poll_option(added); }
  void operator()(Sealed& sealed) { store_sealed(sealed, inbox()); }
  void operator()(VerifiedName& verified);
  void operator()(Notice) { ++tally_.nothing; }
  void operator()(NothingToShow) { ++tally_.nothing; }
  void operator()(Unusable) { ++tally_.errors; }

 private:
  void pass(const ChunkSource& source);
  bool waits_for_mapping(const Conversation& conversation);
  bool add_to_known_thread(const ConversationEvent& event);
  void learn_requested(const ConversationEvent& event);
  void note_oldest(MessageEvent& event);
  void drop(const ConversationEvent& event);
  void learn(const LidMapping& mapping);
  void store_too_large();
  void learn_receiver(const Jid& receiver);
  InboxWriter& inbox();
  void commit(bool last);
  void roll_back();
  void report_progress() const;
  void add_counts(const InboxWriter::Counts& counts);
  void update_totals(const InboxWriter::Counts& counts, bool last);

  Database& database_;
  const IngestOptions& options_;
  // Set at the first commit that is not the last one; a small chunk has only one commit.
  std::optional<DeferredSync> deferred_sync_;
  IngestResult result_;

  Jid chat_;               // of the conversation at hand
  bool skipping_ = false;  // skips the conversation's messages, for good or until the second pass
  // Conversations under a LID whose phone is unknown: the mapping usually comes after them. A
  // second pass takes them in.
  std::vector<std::uint64_t> deferred_;
  std::map<std::uint64_t, ConversationEvent> large_;  // of those, what is too large to be held
  std::map<Jid, std::int64_t> too_large_;             // messages that were left out, by chat
  bool second_pass_ = false;

  std::unique_ptr<Transaction> transaction_;
  std::unique_ptr<InboxWriter> inbox_;  // belongs to the transaction: destroyed before it
  std::size_t since_commit_ = 0;
  Tally tally_;
};

IngestResult Ingestion::run(const ChunkSource& source) {
  if (source) {
    pass(source);
    if (!deferred_.empty()) {
      second_pass_ = true;
      pass(source);
    }
  }
  if (deferred_sync_) {
    commit(false);
    deferred_sync_.reset();
  }
  commit(true);
  return std::move(result_);
}

void Ingestion::pass(const ChunkSource& source) {
  const ReadOptions read{.own = options_.own,
                         .sync_type = options_.sync_type,
                         .oldest_message_at = options_.oldest_message_at,
                         .now = options_.now,
                         .limits = options_.limits,
                         .only = second_pass_ ? &deferred_ : nullptr,
                         .large = second_pass_ ? &large_ : nullptr};
  const ChunkHeader header = read_history_ahead(source, read, [&](HistoryEvent& event) {
    std::visit(*this, event);
    if (++since_commit_ >= options_.messages_per_transaction) commit(false);
  });
  if (header.chunk_order != 0) result_.chunk_order = header.chunk_order;
  if (!header.deletion_secret.empty()) result_.deletion_secret = header.deletion_secret;
  if (header.progress != 0) result_.percent = std::min<std::uint32_t>(header.progress, 100);
}

void Ingestion::operator()(ConversationEvent& event) {
  const Conversation& conversation = event.conversation;
  chat_ = conversation.chat;
  skipping_ = false;
  if (!takes_messages(chat_)) {
    if (chat_.empty()) ++tally_.errors;
    return drop(event);
  }
  learn_requested(event);
  if (!second_pass_ && (event.large || waits_for_mapping(conversation))) {
    deferred_.push_back(event.ordinal);
    if (event.large) large_.emplace(event.ordinal, std::move(event));
    skipping_ = true;
    return;
  }
  ++result_.conversations;
  if (!event.on_demand) {
    inbox().put_conversation(conversation);
  } else if (!add_to_known_thread(event)) {
    drop(event);
  }
}

bool Ingestion::waits_for_mapping(const Conversation& conversation) {
  return conversation.chat.is_lid() && conversation.phone_alias.empty() &&
         inbox().canonical(conversation.chat).is_lid();
}

// An answer to a request for older messages adds only to a thread that exists: backfill creates
// none.
bool Ingestion::add_to_known_thread(const ConversationEvent& event) {
  const Conversation& conversation = event.conversation;
  for (const Jid& alias : {conversation.phone_alias, conversation.lid_alias}) {
    if (const auto mapping = lid_mapping(conversation.chat, alias)) learn(*mapping);
  }
  const bool known = inbox().has_thread(conversation.chat);
  if (known) {
    inbox().set_backfilled(conversation.chat, options_.now, conversation.history_exhausted);
  }
  result_.answered.push_back({.chat = conversation.chat,
                              .messages = static_cast<std::int64_t>(event.messages),
                              .exhausted = conversation.history_exhausted,
                              .no_access = event.older_denied,
                              .known = known});
  return known;
}

// The phone may answer under the person's other address: then the two are a mapping.
void Ingestion::learn_requested(const ConversationEvent& event) {
  if (!event.on_demand || event.ordinal != 0) return;
  const auto mapping = lid_mapping(event.conversation.chat, options_.requested_chat);
  if (mapping && inbox().canonical(mapping->lid).is_lid()) learn(*mapping);
}

// If several messages have the same second, the last one is the oldest: history tells the newest
// first.
void Ingestion::note_oldest(MessageEvent& event) {
  if (event.key.id.empty() || !event.sent_at.known() || result_.answered.empty()) return;
  AnsweredChat& answered = result_.answered.back();
  if (!answered.oldest.id.empty() && event.sent_at > answered.oldest_at) return;
  answered.oldest = std::move(event.key);
  answered.oldest_at = event.sent_at;
}

void Ingestion::drop(const ConversationEvent& event) {
  tally_.seen += static_cast<std::int64_t>(event.messages);
  tally_.dropped += static_cast<std::int64_t>(event.messages);
  skipping_ = true;
}

void Ingestion::operator()(MessageEvent& event) {
  if (skipping_) return;
  ++tally_.seen;
  if (!event.receiver.empty()) learn_receiver(event.receiver);
  note_oldest(event);
  std::visit(*this, event.entry);
  for (const Sealed& sealed : event.sealed) store_sealed(sealed, inbox());
}

void Ingestion::operator()(TooLargeEvent&) {
  if (skipping_) return;
  ++tally_.seen;
  ++tally_.errors;
  ++too_large_[chat_];
}

// Only when the chunk is done, because it is read again until then.
void Ingestion::store_too_large() {
  for (const auto& [chat, messages] : too_large_) {
    log::warn("{} messages of {} in the history are too large to take in", messages,
              chat.to_string());
    inbox().add_too_large(chat, messages);
  }
}

// What an interrupted ingestion has stored before is awaited no less.
void Ingestion::operator()(Message& message) {
  constexpr std::size_t kMostAwaited = 1'000;
  if (message.type != message_type::kUndecryptable || result_.awaited.size() == kMostAwaited) {
    inbox().put_message(std::move(message));
    return;
  }
  AwaitedInHistory awaited{.key = message.key,
                           .chat = message.chat,
                           .sender = message.sender,
                           .sent_at = message.sent_at};
  inbox().put_message(std::move(message));
  if (awaits_content(database_, awaited.chat, awaited.key)) {
    result_.awaited.push_back(std::move(awaited));
  }
}

void Ingestion::operator()(StatusEvent& event) {
  ++result_.statuses;
  if (!event.author.empty()) inbox().put_push_name(event.author, event.push_name);
}

void Ingestion::operator()(PushNameEvent& event) {
  ++result_.push_names;
  inbox().put_push_name(event.jid, event.push_name);
}

// A name that we know already is newer than the history's.
void Ingestion::operator()(BusinessNameEvent& event) {
  const auto known = find_contact(database_, event.jid);
  if (known && !known->verified_name.empty()) return;
  Contact contact;
  contact.jid = std::move(event.jid);
  contact.verified_name = std::move(event.name);
  inbox().put_contact(contact);
}

void Ingestion::operator()(VerifiedName& verified) {
  ++tally_.nothing;
  Contact contact;
  contact.jid = std::move(verified.jid);
  contact.verified_name = std::move(verified.name);
  inbox().put_contact(contact);
}

void Ingestion::learn(const LidMapping& mapping) {
  if (inbox().put_lid_mapping(mapping)) ++result_.mappings_learned;
}

// Old chunks have no list of mappings, and their conversations do not name the other address. Then
// the receiver of our own message tells it (Baileys learns from the same place).
void Ingestion::learn_receiver(const Jid& receiver) {
  const std::optional<LidMapping> mapping = lid_mapping(chat_, receiver);
  if (!mapping || options_.own.is(receiver) || !inbox().canonical(chat_).is_lid()) return;
  learn(*mapping);
}

InboxWriter& Ingestion::inbox() {
  if (!transaction_) transaction_ = std::make_unique<Transaction>(database_, "history");
  if (!inbox_) inbox_ = std::make_unique<InboxWriter>(database_, options_.now);
  return *inbox_;
}

void Ingestion::commit(bool last) {
  if (options_.dry_run && !last) return;  // a dry run is one transaction, rolled back at the end
  open_kept(inbox());
  inbox().flush();
  const InboxWriter::Counts counts = inbox().counts();
  add_counts(counts);
  if (options_.dry_run) roll_back();
  update_totals(counts, last);
  if (last) {
    if (!options_.dry_run) store_too_large();
    if (options_.before_last_commit) options_.before_last_commit(inbox(), result_);
    inbox().flush();
    if (options_.queue_item) HistoryQueue(database_).done(*options_.queue_item, options_.now);
  }
  inbox_.reset();
  transaction_->commit();
  transaction_.reset();
  since_commit_ = 0;
  tally_ = {};
  report_progress();
  if (!last) let_others_write();
  if (!last && !deferred_sync_) deferred_sync_.emplace(database_);
  if (!last && options_.interrupted && options_.interrupted()) {
    throw Error(
        ErrorCode::kInterrupted,
        Phrase{"interrupted while reading history", "întrerupt în timpul citirii istoricului"},
        Phrase{"wa-sync keeps what it has read, and reads the rest when it runs again.",
               "wa-sync păstrează ce a citit și citește restul la următoarea rulare."});
  }
}

void Ingestion::roll_back() {
  if (options_.before_roll_back) options_.before_roll_back(database_);
  inbox_.reset();
  transaction_ = nullptr;
  transaction_ = std::make_unique<Transaction>(database_, "history");
}

void Ingestion::report_progress() const {
  if (!options_.on_progress) return;
  options_.on_progress({.sync_type = result_.sync_type,
                        .chunk_order = result_.chunk_order,
                        .percent = result_.percent,
                        .threads = result_.conversations,
                        .messages = result_.messages_inserted + result_.messages_updated,
                        .contacts = result_.contacts_changed});
}

void Ingestion::add_counts(const InboxWriter::Counts& counts) {
  result_.threads_created += counts.threads_created;
  result_.placeholders += counts.placeholders;
  result_.messages_inserted += counts.messages_inserted;
  result_.messages_updated += counts.messages_updated;
  result_.messages_known += counts.messages_unchanged;
  result_.contacts_changed += counts.contacts_changed;
  result_.left_out += counts.left_out;
  result_.messages_seen += tally_.seen;
  result_.messages_nothing += tally_.nothing;
  result_.messages_dropped += tally_.dropped + counts.messages_dropped;
  result_.errors += tally_.errors;
}

// Runs in the same transaction as the rows: after a crash, the repeated part counts as known, and
// never twice as saved.
void Ingestion::update_totals(const InboxWriter::Counts& counts, bool last) {
  if (options_.sync_type == pb::HISTORY_SYNC_ON_DEMAND) return;
  update_account(database_, [&](Account& account) {
    HistoryResult& total = account.last_history_result;
    total.saved += counts.messages_inserted + counts.messages_updated;
    total.skipped +=
        counts.messages_unchanged + counts.messages_dropped + tally_.nothing + tally_.dropped;
    total.errors += tally_.errors;
    total.total += tally_.seen;
    total.placeholders += counts.placeholders;
    total.dry_run = options_.dry_run;
    if (!last) return;
    ++total.chunks;
    if (tells_progress(options_.sync_type)) total.progress = static_cast<int>(result_.percent);
    account.last_history_sync_at = options_.now;
    ++account.history_sync_count;
    if (options_.sync_type == pb::HISTORY_SYNC_RECENT ||
        options_.sync_type == pb::HISTORY_SYNC_FULL) {
      account.history_complete = result_.percent >= 100;
    }
  });
}

}  // namespace

IngestOptions ingest_options_for(const pb::HistorySyncNotification& notification) {
  IngestOptions out;
  out.sync_type = notification.sync_type();
  out.chunk_order = notification.chunk_order();
  out.percent = std::min<std::uint32_t>(notification.progress(), 100);
  out.oldest_message_at = {notification.oldest_msg_in_chunk_timestamp_sec()};
  return out;
}

IngestResult ingest(Database& database, const ChunkSource& source, const IngestOptions& options) {
  return Ingestion(database, options).run(source);
}

}  // namespace wasync
