#include "history/ingest.h"

#include <doctest/doctest.h>
#include <malloc.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/inflate.h"
#include "inbox/account.h"
#include "inbox/history_queue.h"
#include "inbox/store.h"
#include "proto/peer_message.pb.h"
#include "unit/history/synthetic.h"

namespace ingest_test {

using namespace wasync;
using synthetic::AccountFile;
using synthetic::add_conversation;
using synthetic::add_text;
using synthetic::kDay0;
using synthetic::source_of;

namespace {

constexpr const char* kAna = "40711111111@s.whatsapp.net";
constexpr const char* kAnaLid = "777@lid";

IngestResult take(AccountFile& file, const pb::HistorySync& history,
                  int type = pb::HISTORY_SYNC_INITIAL_BOOTSTRAP) {
  return ingest(file.database(), source_of(history), synthetic::options(type));
}

// Bytes allocated now. (Sanitizers replace malloc and report nothing here.)
std::size_t heap_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// `taken`: memory at most while it runs, beyond what was in use before.
IngestResult ingest_measured(AccountFile& file, const Bytes& blob, std::size_t& taken) {
  const std::size_t before = heap_in_use();
  IngestOptions options = synthetic::options();
  options.on_progress = [&](const IngestProgress&) {
    taken = std::max(taken, std::max(heap_in_use(), before) - before);
  };
  return ingest(file.database(), chunk_source(blob), options);
}

}  // namespace

TEST_CASE("conversations become threads, with and without messages") {
  pb::HistorySync history;
  auto& ana = add_conversation(history, kAna, kDay0);
  ana.set_name("Ana Pop");
  ana.set_unread_count(2);
  add_text(ana, "A2", "ce faci?", kDay0);
  add_text(ana, "A1", "salut", kDay0 - 60, true);
  auto& empty = add_conversation(history, "40722222222@s.whatsapp.net", kDay0 - 500);
  empty.set_name("Ion");
  add_conversation(history, "status@broadcast");

  AccountFile file;
  const IngestResult result = take(file, history);
  CHECK(result.conversations == 2);
  CHECK(result.threads_created == 2);
  CHECK(result.placeholders == 1);
  CHECK(result.messages_inserted == 2);
  CHECK(result.messages_seen == 2);
  CHECK(result.errors == 0);
  CHECK(file.count("threads") == 2);
  CHECK(file.text("SELECT name FROM threads WHERE messages = 2") == "Ana Pop");
  CHECK(file.text("SELECT last_text FROM threads WHERE messages = 2") == "ce faci?");
  CHECK(file.text("SELECT last_message_at FROM threads WHERE messages = 0") ==
        std::to_string(kDay0 - 500));
}

TEST_CASE("a business is known by its verified name") {
  pb::HistorySync history;
  auto& chat = add_conversation(history, kAna, kDay0);
  add_text(chat, "A2", "comanda este gata", kDay0).set_verified_biz_name("Cofetăria SRL");
  add_text(chat, "A1", "?", kDay0 - 60, true).set_verified_biz_name("Us SRL");
  add_text(chat, "A0", "vrem", kDay0 - 90).set_verified_biz_name("Former SRL");

  AccountFile file;
  take(file, history);
  CHECK(file.text("SELECT name FROM threads") == "Cofetăria SRL");
  CHECK(file.text("SELECT verified_name FROM contacts") == "Cofetăria SRL");
}

TEST_CASE("the same chunk twice changes nothing") {
  const pb::HistorySync history = synthetic::many(20, 30);
  AccountFile file;
  take(file, history);
  const std::string before = file.dump();
  const std::string revisions = file.text("SELECT sum(revision) FROM threads") +
                                file.text("SELECT sum(revision) FROM messages");
  const IngestResult again = take(file, history);
  CHECK(again.messages_inserted == 0);
  CHECK(again.messages_updated == 0);
  CHECK(again.messages_known == 600);
  CHECK(again.threads_created == 0);
  CHECK(file.dump() == before);
  CHECK(file.text("SELECT sum(revision) FROM threads") +
            file.text("SELECT sum(revision) FROM messages") ==
        revisions);
}

TEST_CASE("broken off at any commit and run again, the result is the same") {
  pb::HistorySync history = synthetic::many(7, 11);
  auto& lid = add_conversation(history, kAnaLid);
  add_text(lid, "L1", "prin lid", kDay0);
  auto& mapping = *history.add_phone_number_to_lid_mappings();
  mapping.set_lid_jid(kAnaLid);
  mapping.set_pn_jid(kAna);
  AccountFile whole;
  take(whole, history);

  for (int stop_at = 1; stop_at < 200; ++stop_at) {
    AccountFile file;
    IngestOptions options = synthetic::options();
    options.messages_per_transaction = 5;
    int commits = 0;
    options.interrupted = [&] { return ++commits == stop_at; };
    bool interrupted = false;
    try {
      ingest(file.database(), source_of(history), options);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kInterrupted);
      interrupted = true;
    }
    if (!interrupted) {
      CHECK(stop_at > 10);
      break;
    }
    options.interrupted = {};
    ingest(file.database(), source_of(history), options);
    CAPTURE(stop_at);
    CHECK(file.dump() == whole.dump());
    CHECK(read_account(file.database())->last_history_result.saved ==
          read_account(whole.database())->last_history_result.saved);
  }
}

TEST_CASE("an exception in the last transaction leaves the queue item waiting") {
  AccountFile file;
  HistoryQueue queue(file.database());
  const auto id = queue.add({.received_at = {kDay0},
                             .notification = to_bytes(std::string_view("n")),
                             .message_id = "m",
                             .dedupe_key = "k",
                             .request_id = {},
                             .last_error = {}});
  REQUIRE(id);
  IngestOptions options = synthetic::options();
  options.queue_item = *id;
  options.before_last_commit = [](InboxWriter&, const IngestResult&) {
    throw Error(ErrorCode::kIo, "power cut");
  };
  CHECK_THROWS_AS(ingest(file.database(), source_of(synthetic::many(1, 1)), options), Error);
  CHECK(queue.counts().waiting == 1);
  CHECK(file.count("messages") == 0);
  CHECK_FALSE(file.database().in_transaction());

  options.before_last_commit = {};
  ingest(file.database(), source_of(synthetic::many(1, 1)), options);
  CHECK(queue.counts().done == 1);
  CHECK(queue.counts().waiting == 0);
  CHECK(file.count("messages") == 1);
}

TEST_CASE("a LID chat goes to its phone's thread although the mapping comes behind it") {
  pb::HistorySync history;
  auto& lid = add_conversation(history, kAnaLid);
  lid.set_name("Ana");
  add_text(lid, "L1", "prin lid", kDay0);
  auto& mapping = *history.add_phone_number_to_lid_mappings();
  mapping.set_lid_jid(kAnaLid);
  mapping.set_pn_jid(kAna);
  AccountFile file;
  const IngestResult result = take(file, history);
  CHECK(result.mappings_learned == 1);
  CHECK(result.conversations == 1);
  CHECK(result.messages_inserted == 1);
  CHECK(file.count("threads") == 1);  // no thread under the LID, not even for a moment
  CHECK(file.text("SELECT jid FROM threads") == kAna);
  // The key stays what WhatsApp used.
  CHECK(file.text("SELECT key_remote_jid FROM messages") == kAnaLid);
}

TEST_CASE("receipts of our own messages tell the phone of a LID") {
  pb::HistorySync history;
  auto& lid = add_conversation(history, kAnaLid);
  add_text(lid, "L2", "inbound first", kDay0);
  auto& sent = add_text(lid, "L1", "ours", kDay0 - 9, true);
  sent.add_user_receipt()->set_user_jid(kAna);
  AccountFile file;
  const IngestResult result = take(file, history);
  CHECK(result.mappings_learned == 1);
  CHECK(file.text("SELECT messages FROM threads WHERE redirect_to = ''") == "2");
  CHECK(file.text("SELECT jid FROM threads WHERE redirect_to = ''") == kAna);
}

TEST_CASE("a LID without any mapping keeps its own thread") {
  pb::HistorySync history;
  add_text(add_conversation(history, kAnaLid), "L1", "prin lid", kDay0);
  AccountFile file;
  take(file, history);
  CHECK(file.text("SELECT jid FROM threads") == kAnaLid);
  CHECK(file.count("messages") == 1);
}

TEST_CASE("an answer to an on-demand request creates no thread") {
  pb::HistorySync history;
  history.set_sync_type(pb::HISTORY_SYNC_ON_DEMAND);
  auto& known = add_conversation(history, kAna);
  add_text(known, "OLD", "de demult", kDay0 - 1000);
  known.set_end_of_history_transfer_type(pb::Conversation::END_OF_HISTORY_NO_MORE_ON_PRIMARY);
  auto& stranger = add_conversation(history, "40799999999@s.whatsapp.net");
  add_text(stranger, "X", "cine sunt", kDay0);

  AccountFile file;
  take(file, synthetic::many(1, 1));
  pb::HistorySync first;
  add_text(add_conversation(first, kAna), "NEW", "acum", kDay0);
  take(file, first);
  const std::int64_t saved = read_account(file.database())->last_history_result.saved;

  const IngestResult result = take(file, history, pb::HISTORY_SYNC_ON_DEMAND);
  CHECK(result.messages_inserted == 1);
  CHECK(result.messages_dropped == 1);
  REQUIRE(result.answered.size() == 2);
  CHECK(result.answered[0].exhausted);
  CHECK(result.answered[0].known);
  CHECK(result.answered[0].messages == 1);
  CHECK_FALSE(result.answered[1].known);
  CHECK(file.count("threads") == 2);
  CHECK(file.text("SELECT history_exhausted FROM threads WHERE jid = '" + std::string(kAna) +
                  "'") == "1");
  CHECK(file.text("SELECT source FROM messages WHERE document_id = 'OLD'") ==
        std::to_string(static_cast<int>(SyncSource::kBackfill)));
  CHECK(read_account(file.database())->last_history_result.saved == saved);
}

TEST_CASE("an answer under the other address finds the thread that was asked about") {
  pb::HistorySync first;
  add_text(add_conversation(first, kAna), "NEW", "acum", kDay0);
  pb::HistorySync history;
  history.set_sync_type(pb::HISTORY_SYNC_ON_DEMAND);
  auto& other = add_conversation(history, kAnaLid);
  add_text(other, "OLD2", "mai tarziu", kDay0 - 1000);
  add_text(other, "OLD1", "de demult", kDay0 - 2000);

  AccountFile file;
  take(file, first);
  IngestOptions options = synthetic::options(pb::HISTORY_SYNC_ON_DEMAND);
  options.requested_chat = *Jid::parse(kAna);
  const IngestResult result = ingest(file.database(), source_of(history), options);
  CHECK(result.messages_inserted == 2);
  CHECK(file.text("SELECT messages FROM threads WHERE redirect_to = ''") == "3");
  REQUIRE(result.answered.size() == 1);
  CHECK(result.answered[0].oldest.id == "OLD1");
  CHECK(result.answered[0].oldest_at.value == kDay0 - 2000);
}

TEST_CASE("an on-demand chunk under a bootstrap notification creates no thread either") {
  pb::HistorySync history;
  history.set_sync_type(pb::HISTORY_SYNC_ON_DEMAND);
  add_text(add_conversation(history, kAna), "A", "a", kDay0);
  AccountFile file;
  take(file, history, pb::HISTORY_SYNC_INITIAL_BOOTSTRAP);
  CHECK(file.count("threads") == 0);
}

TEST_CASE("push names, inline contacts and statuses give names, not threads") {
  pb::HistorySync history;
  const auto name = [&](const char* jid, const char* text) {
    history.add_pushnames()->set_id(jid);
    history.mutable_pushnames(history.pushnames_size() - 1)->set_pushname(text);
  };
  name(kAna, "Anuta");
  name(synthetic::kOwn.phone.to_string().c_str(), "Me Myself");
  name("nonsense", "x");
  auto& inlined = *history.add_inline_contacts();
  inlined.set_pn_jid("40722222222@s.whatsapp.net");
  inlined.set_lid_jid("888@lid");
  inlined.set_full_name("Ion Ionescu");
  auto& status = *history.add_status_v3_messages();
  status.mutable_key()->set_id("S1");
  status.mutable_key()->set_remote_jid("status@broadcast");
  status.set_participant("40733333333@s.whatsapp.net");
  status.set_push_name("Maria");
  status.mutable_message()->set_conversation("la mare");

  AccountFile file;
  const IngestResult result = take(file, history, pb::HISTORY_SYNC_PUSH_NAME);
  CHECK(result.push_names == 1);
  CHECK(result.statuses == 1);
  CHECK(result.mappings_learned == 1);
  CHECK(file.count("threads") == 0);
  CHECK(file.count("messages") == 0);
  CHECK(file.count("contacts WHERE push_name = 'Anuta'") == 1);
  CHECK(file.count("contacts WHERE push_name = 'Maria'") == 1);
  CHECK(file.count("contacts WHERE saved_name = 'Ion Ionescu'") == 1);
  CHECK(file.count("contacts WHERE push_name = 'Me Myself'") == 0);
}

TEST_CASE("control messages and notices are counted, not stored") {
  pb::HistorySync history;
  auto& ana = add_conversation(history, kAna);
  auto& setting = add_text(ana, "P", "", kDay0);
  setting.mutable_message()->Clear();
  setting.mutable_message()->mutable_protocol_message()->set_type(
      pb::ProtocolMessage::PROTOCOL_EPHEMERAL_SETTING);
  auto& notice = add_text(ana, "N", "", kDay0);
  notice.clear_message();
  notice.set_message_stub_type(39);
  auto& nameless = add_text(ana, "", "fara id", kDay0);
  (void)nameless;
  AccountFile file;
  const IngestResult result = take(file, history);
  CHECK(result.messages_nothing == 2);
  CHECK(result.errors == 1);
  CHECK(result.placeholders == 1);
  CHECK(file.count("messages") == 0);
}

TEST_CASE("reactions and edits reach messages that come later in the chunk") {
  pb::HistorySync history;
  auto& ana = add_conversation(history, kAna);
  auto& edit = add_text(ana, "E", "", kDay0);
  edit.mutable_message()->Clear();
  auto& protocol = *edit.mutable_message()->mutable_protocol_message();
  protocol.set_type(pb::ProtocolMessage::PROTOCOL_MESSAGE_EDIT);
  protocol.mutable_key()->set_id("A1");
  protocol.mutable_key()->set_from_me(true);  // as Ana sees it
  protocol.mutable_edited_message()->set_conversation("corectat");
  add_text(ana, "A1", "gresit", kDay0 - 60);
  AccountFile file;
  take(file, history);
  CHECK(file.text("SELECT body FROM messages WHERE document_id = 'A1'") == "corectat");
  CHECK(file.count("messages") == 1);
}

TEST_CASE("the account's totals and the progress are kept") {
  AccountFile file;
  std::vector<IngestProgress> seen;
  IngestOptions options = synthetic::options(pb::HISTORY_SYNC_RECENT);
  options.messages_per_transaction = 10;
  options.on_progress = [&](const IngestProgress& progress) { seen.push_back(progress); };
  ingest(file.database(), source_of(synthetic::many(5, 10)), options);
  REQUIRE(seen.size() >= 5);
  CHECK(seen.back().messages == 50);
  CHECK(seen.back().threads == 5);
  CHECK(seen.back().percent == 100);
  CHECK(seen.back().chunk_order == 1);
  CHECK(seen.front().messages < 50);
  const Account account = *read_account(file.database());
  CHECK(account.last_history_result.saved == 50);
  CHECK(account.last_history_result.total == 50);
  CHECK(account.last_history_result.chunks == 1);
  CHECK(account.last_history_result.progress == 100);
  CHECK(account.history_sync_count == 1);
  CHECK(account.history_complete);
  CHECK(account.last_history_sync_at == options.now);
}

TEST_CASE("a dry run counts and writes no rows") {
  AccountFile file;
  IngestOptions options = synthetic::options();
  options.dry_run = true;
  const IngestResult result = ingest(file.database(), source_of(synthetic::many(3, 4)), options);
  CHECK(result.messages_seen == 12);
  CHECK(result.conversations == 3);
  CHECK(file.count("threads") == 0);
  CHECK(file.count("messages") == 0);
  CHECK(result.messages_inserted == 12);  // would have been
  CHECK(result.threads_created == 3);
  CHECK(read_account(file.database())->last_history_result.dry_run);
}

TEST_CASE("after a chunk every commit is synced again") {
  AccountFile file;
  IngestOptions options = synthetic::options();
  options.messages_per_transaction = 2;
  bool deferred = false;
  options.on_progress = [&](const IngestProgress&) {
    deferred = deferred || file.text("PRAGMA synchronous") == "1";
  };
  ingest(file.database(), source_of(synthetic::many(2, 2)), options);
  CHECK(deferred);
  CHECK(file.text("PRAGMA synchronous") == "2");  // FULL: what an ack promises
  options.before_last_commit = [&](InboxWriter&, const IngestResult&) {
    CHECK(file.text("PRAGMA synchronous") == "2");
    throw Error(ErrorCode::kIo, "power cut");
  };
  CHECK_THROWS_AS(ingest(file.database(), source_of(synthetic::many(3, 3)), options), Error);
  CHECK(file.text("PRAGMA synchronous") == "2");
  const Bytes garbage(100, 0x78);
  CHECK_THROWS_AS(ingest(file.database(), chunk_source(garbage), synthetic::options()), Error);
  CHECK(file.text("PRAGMA synchronous") == "2");
}

TEST_CASE("a notification tells what its chunk will be") {
  pb::HistorySyncNotification notification;
  notification.set_sync_type(pb::HISTORY_SYNC_RECENT);
  notification.set_chunk_order(3);
  notification.set_progress(400);
  notification.set_oldest_msg_in_chunk_timestamp_sec(kDay0);
  const IngestOptions options = ingest_options_for(notification);
  CHECK(options.sync_type == pb::HISTORY_SYNC_RECENT);
  CHECK(options.chunk_order == 3);
  CHECK(options.percent == 100);
  CHECK(options.oldest_message_at.value == kDay0);
}

TEST_CASE("a notification without data is done at once") {
  AccountFile file;
  const IngestResult result =
      ingest(file.database(), {}, synthetic::options(pb::HISTORY_SYNC_NO_HISTORY));
  CHECK(result.conversations == 0);
  CHECK(read_account(file.database())->history_sync_count == 1);
}

TEST_CASE("damaged data is a protocol error, and what was committed stays usable") {
  AccountFile file;
  const Bytes good = synthetic::compressed(synthetic::many(50, 20));
  Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(good.size() / 2));
  IngestOptions options = synthetic::options();
  options.messages_per_transaction = 50;
  CHECK_THROWS_AS(ingest(file.database(), chunk_source(cut), options), Error);
  CHECK_FALSE(file.database().in_transaction());
  CHECK(file.count("messages") > 0);
  CHECK(file.count("messages") < 1000);
  ingest(file.database(), chunk_source(good), options);
  CHECK(file.count("messages") == 1000);

  CHECK_THROWS_AS(
      ingest(file.database(), chunk_source(to_bytes(std::string_view("not zlib"))), options),
      Error);
}

TEST_CASE("a zlib bomb ends with an error before memory does") {
  AccountFile file;
  IngestOptions options = synthetic::options();
  options.limits.total_bytes = 1 << 20;
  // One endless field: 64 MiB of zeros behind an unknown field's head.
  Bytes bomb{0x9a, 0x01, 0x80, 0x80, 0x80, 0x20};
  bomb.resize(std::size_t{64} << 20);
  CHECK_THROWS_AS(ingest(file.database(), chunk_source(deflate(bomb)), options), Error);
}

TEST_CASE("memory does not grow with the history") {
  // 100 conversations of a megabyte: 100 MB inflated.
  pb::HistorySync one;
  auto& chat = add_conversation(one, kAna);
  for (int i = 0; i < 250; ++i) {
    add_text(chat, "M" + std::to_string(i), std::string(4000, 'm'), kDay0);
  }
  std::string wire;
  for (int i = 0; i < 100; ++i) wire += one.SerializeAsString();
  const Bytes blob = deflate(as_bytes(wire));
  wire = {};

  AccountFile file;
  take(file, one);  // caches are warm
  std::size_t taken = 0;
  const IngestResult result = ingest_measured(file, blob, taken);
  CHECK(result.messages_seen == 25'000);
  CHECK(taken < (std::size_t{16} << 20));
}

TEST_CASE("a conversation of any size is taken in, and what is too large of it is named") {
  pb::HistorySync history;
  auto& ana = add_conversation(history, kAnaLid);
  ana.set_name("Ana");
  ana.set_pn_jid(kAna);
  for (int i = 0; i < 60; ++i) add_text(ana, "A" + std::to_string(i), std::string(100, 'a'), kDay0);
  add_text(add_conversation(history, "40722222222@s.whatsapp.net"), "B", "b", kDay0);
  AccountFile whole;
  take(whole, history);
  add_text(ana, "HUGE", std::string(2000, 'h'), kDay0);
  IngestOptions options = synthetic::options();
  options.limits.conversation_bytes = 5000;
  options.limits.other_part_bytes = 1000;
  options.messages_per_transaction = 7;
  AccountFile file;
  const IngestResult result = ingest(file.database(), source_of(history), options);
  CHECK(result.conversations == 2);
  CHECK(result.messages_inserted == 61);
  CHECK(result.messages_seen == 62);
  CHECK(result.errors == 1);
  CHECK(file.text("SELECT jid || name || too_large FROM threads WHERE too_large > 0") ==
        std::string(kAna) + "Ana1");
  file.database().execute("UPDATE threads SET too_large = 0");
  CHECK(file.dump() == whole.dump());
}

TEST_CASE("memory does not grow with a conversation") {
  pb::Conversation part;
  for (int i = 0; i < 250; ++i) {
    add_text(part, "M" + std::to_string(i), std::string(4000, 'm'), kDay0);
  }
  pb::HistorySync one;
  add_conversation(one, kAna);
  std::string inside = one.conversations(0).SerializeAsString();
  const std::string messages = part.SerializeAsString();
  for (int i = 0; i < 100; ++i) inside += messages;  // 100 MB
  one.mutable_conversations(0)->Clear();
  std::string wire(1, '\x12');
  for (std::size_t length = inside.size(); length > 0; length >>= 7)
    wire += static_cast<char>((length & 0x7f) | (length > 0x7f ? 0x80 : 0));
  wire += inside;
  inside = {};
  const Bytes blob = deflate(as_bytes(wire));
  wire = {};

  AccountFile file;
  take(file, synthetic::many(1, 250));  // caches are warm
  std::size_t taken = 0;
  const IngestResult result = ingest_measured(file, blob, taken);
  CHECK(result.messages_seen == 25'000);
  CHECK(result.errors == 0);
  CHECK(taken < (std::size_t{16} << 20));
}

TEST_CASE("what the phone could not decrypt is awaited, until it comes") {
  AccountFile file;
  pb::HistorySync history;
  pb::Conversation& chat = add_conversation(history, "40711111111@s.whatsapp.net");
  pb::WebMessageInfo& info = add_text(chat, "A1", "", kDay0);
  info.clear_message();
  info.set_message_stub_type(2);
  add_text(chat, "A2", "after it", kDay0 + 1);
  const IngestResult first = ingest(file.database(), source_of(history), synthetic::options());
  REQUIRE(first.awaited.size() == 1);
  CHECK(first.awaited[0].key.id == "A1");
  CHECK(first.awaited[0].chat.to_string() == "40711111111@s.whatsapp.net");
  CHECK(first.messages_inserted == 2);
  CHECK(file.text("SELECT type FROM messages WHERE document_id = 'A1'") == "undecryptable");
  // Taken in again, it is still awaited; once it is there, it is not.
  CHECK(ingest(file.database(), source_of(history), synthetic::options()).awaited.size() == 1);
  info.clear_message_stub_type();
  info.mutable_message()->set_conversation("decrypted");
  CHECK(ingest(file.database(), source_of(history), synthetic::options()).awaited.empty());
  CHECK(file.text("SELECT body FROM messages WHERE document_id = 'A1'") == "decrypted");
  info.clear_message();
  info.set_message_stub_type(2);
  CHECK(ingest(file.database(), source_of(history), synthetic::options()).awaited.empty());
}

TEST_CASE("a channel's posts are dropped, and counted as such") {
  AccountFile file;
  pb::HistorySync history;
  pb::Conversation& channel = add_conversation(history, "120363000000000009@newsletter");
  add_text(channel, "N1", "news", kDay0);
  add_text(channel, "N2", "more news", kDay0);
  const IngestResult result = ingest(file.database(), source_of(history), synthetic::options());
  CHECK(result.messages_dropped == 2);
  CHECK(result.errors == 0);
  CHECK(file.count("threads") == 0);
}

}  // namespace ingest_test
