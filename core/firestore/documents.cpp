#include "firestore/documents.h"

#include <algorithm>

#include "base/text.h"
#include "inbox/answers.h"

namespace wasync::firestore {
namespace {

// Room for a document's name and what the service adds.
constexpr std::size_t kDocumentOverhead = 4096;

// Adds fields one after the other. A field without a value is left out (set_if), null (set_or_null)
// or removed (set_or_remove).
class Fill {
 public:
  explicit Fill(DocumentWrite& write) : write_(write) {}

  void set(std::string name, Value value) {
    write_.fields.emplace_back(std::move(name), std::move(value));
  }
  void set_if(std::string name, const std::string& text) {
    if (!text.empty()) set(std::move(name), text);
  }
  void set_if(std::string name, UnixSeconds time) {
    if (time.known()) set(std::move(name), time);
  }
  template <typename T>
  void set_or_null(std::string name, const T& value) {
    set(std::move(name), or_null(value));
  }
  // On a first upload we may merely not know the value, and another writer may have set it: so only
  // a later upload removes the field.
  template <typename T>
  void set_or_remove(std::string name, const T& value, bool first_upload) {
    if (Value it = or_null(value); !std::holds_alternative<std::nullptr_t>(it.data))
      set(std::move(name), std::move(it));
    else if (!first_upload)
      write_.removed.push_back(std::move(name));
  }

 private:
  static Value or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }
  static Value or_null(UnixSeconds time) { return time.known() ? Value(time) : Value(); }

  DocumentWrite& write_;
};

Value integer(std::int64_t number) {
  return {number};
}
template <typename Number>
Value integer_or_null(Number number) {
  return number == 0 ? Value() : Value(static_cast<std::int64_t>(number));
}

Value text_or_null(const std::string& text) {
  return text.empty() ? Value() : Value(text);
}

Value media_value(const Media& media) {
  return Fields{{"type", media.type},
                {"mimetype", text_or_null(media.mimetype)},
                {"filename", text_or_null(media.filename)},
                {"caption", text_or_null(media.caption)},
                {"size", integer_or_null(media.size_bytes)},
                {"seconds", integer_or_null(media.seconds)},
                {"width", integer_or_null(media.width)},
                {"height", integer_or_null(media.height)},
                {"url", nullptr}};
}

Value key_value(const Message& message) {
  Fields key = {{"id", message.key.id},
                {"remoteJid", message.key.remote_jid},
                {"fromMe", message.key.from_me}};
  if (!message.key.participant.empty()) key.emplace_back("participant", message.key.participant);
  key.emplace_back("timestamp", integer(message.sent_at.value));
  return key;
}

Value history_result(const HistoryResult& result) {
  return Fields{{"saved", integer(result.saved)},   {"skipped", integer(result.skipped)},
                {"errors", integer(result.errors)}, {"total", integer(result.total)},
                {"dryRun", result.dry_run},         {"placeholders", integer(result.placeholders)},
                {"chunks", integer(result.chunks)}, {"progress", integer(result.progress)}};
}

Value backfill_result(const BackfillResult& result) {
  Array threads;
  for (const BackfilledThread& each : result.first_threads)
    threads.emplace_back(Fields{
        {"threadId", each.thread}, {"result", each.result}, {"messages", integer(each.messages)}});
  return Fields{{"threads", integer(result.threads)},
                {"messages", integer(result.messages)},
                {"errors", integer(result.errors)},
                {"threadResults", std::move(threads)}};
}

Value auto_backfill_status(const AutoBackfill& it) {
  if (it.running)
    return Fields{{"running", true},
                  {"startedAt", it.started_at},
                  {"trigger", it.trigger},
                  {"holder", it.holder}};
  return Fields{{"ok", it.ok},
                {"running", false},
                {"threads", integer(it.threads)},
                {"messages", integer(it.messages)},
                {"errors", integer(it.errors)},
                {"durationMs", integer(it.duration_ms)},
                {"errorCode", text_or_null(it.error_code)},
                {"errorMessage", text_or_null(it.error_message)}};
}

void set_phone(Fill& fill, const std::string& phone) {
  for (const char* name : {"phoneE164", "phone", "phoneNumber"}) fill.set_if(name, phone);
}

void set_sender(Fill& fill, const Account& account, const Message& message) {
  const std::string sender = message.key.from_me      ? account.jid.bare().to_string()
                             : message.sender.empty() ? std::string()
                                                      : message.sender.to_string();
  fill.set_if("senderId", sender);
  fill.set_if("senderJid", sender);
  const std::string name = message.key.from_me ? "me" : message.sender_name;
  fill.set_if("senderName", name);
  fill.set_if("lastSenderName", name);
}

Value reactions_value(const Message& message) {
  Fields map;
  for (const auto& [participant, emoji] : message.reactions) map.emplace_back(participant, emoji);
  return map;
}

// In words, like the reactions. Of thousands, as many as a document has room for; the results count
// all of them.
Value answers_value(const Message& message) {
  constexpr std::size_t kMaxBytes = 128 * 1024;
  Fields map;
  std::size_t bytes = 0;
  for (const auto& [participant, answer] : message.answers) {
    std::string text;
    for (const std::string& each : picked(message, answer))
      text += (text.empty() ? "" : ", ") + each;
    bytes += participant.size() + text.size();
    if (bytes > kMaxBytes) break;
    map.emplace_back(participant, std::move(text));
  }
  return map;
}

Value results_value(const Message& message) {
  Array list;
  for (const AnswerCount& each : results_of(message))
    list.emplace_back(Fields{{"option", each.option}, {"count", integer(each.count)}});
  return list;
}

// Thousands of reactions and a long text together can be too large for one document. Then this cuts
// the text.
void fit(DocumentWrite& write) {
  const std::size_t size = stored_size(write.fields) + write.path.size() + kDocumentOverhead;
  if (size <= kMaxDocumentBytes) return;
  const std::size_t excess = size - kMaxDocumentBytes;
  for (auto& [name, value] : write.fields) {
    auto* body = std::get_if<std::string>(&value.data);
    if (name != "body" || body == nullptr) continue;
    body->resize(first_bytes(*body, body->size() - std::min(excess, body->size())).size());
  }
  std::erase(write.removed, "bodyTruncated");
  if (find(write.fields, "bodyTruncated") == nullptr)
    write.fields.emplace_back("bodyTruncated", true);
}

bool is_true(const Fields& fields, std::string_view name) {
  const bool* value = find<bool>(fields, name);
  return value != nullptr && *value;
}

// The app shows the conversations of accounts that are "connected". An account that we left in good
// order is still linked, and people must see what `pair` brought after it has ended.
AccountStatus shown_status(const Account& account) {
  const bool left =
      account.status == AccountStatus::kDisconnected && account.last_disconnect_reason.empty();
  return left ? AccountStatus::kConnected : account.status;
}

}  // namespace

DocumentWrite account_document(const Account& account, bool is_new) {
  DocumentWrite out{.path = "accounts/" + account.id.str()};
  Fill fill(out);
  fill.set_if("name", account.name);
  fill.set("phoneE164", account.phone);
  fill.set("phone", account.phone);
  fill.set("status", name(shown_status(account)));
  if (is_new) fill.set_if("createdAt", account.created_at);
  fill.set_if("lastConnectedAt", account.last_connected_at);
  fill.set_if("lastDisconnectedAt", account.last_disconnected_at);
  fill.set_or_null("lastDisconnectReason", account.last_disconnect_reason);
  fill.set_or_null("lastError", account.last_error);
  if (account.last_history_sync_at.known()) {
    fill.set("lastHistorySyncAt", account.last_history_sync_at);
    fill.set("historySyncCount", integer(account.history_sync_count));
    fill.set("lastHistorySyncResult", history_result(account.last_history_result));
  }
  if (account.last_backfill_at.known()) {
    fill.set("lastBackfillAt", account.last_backfill_at);
    fill.set("lastBackfillResult", backfill_result(account.last_backfill_result));
  }
  const AutoBackfill& scheduled = account.auto_backfill;
  fill.set_if("lastAutoBackfillAt", scheduled.at);
  fill.set_if("lastAutoBackfillAttemptAt", scheduled.attempt_at);
  fill.set_if("lastAutoBackfillSuccessAt", scheduled.success_at);
  if (scheduled.attempt_at.known())
    fill.set("lastAutoBackfillStatus", auto_backfill_status(scheduled));
  fill.set_if("lastRealtimeIngestAt", account.last_realtime_ingest_at);
  fill.set_if("lastRealtimeMessageAt", account.last_realtime_message_at);
  fill.set_if("lastRealtimeError", account.last_realtime_error);
  out.server_times = {"updatedAt"};
  return out;
}

DocumentWrite thread_document(const AccountId& account, const DirtyThread& dirty) {
  const ThreadListing& thread = dirty.thread;
  DocumentWrite out{.path = "threads/" + thread.thread.str()};
  Fill fill(out);
  fill.set("accountId", account.str());
  fill.set("clientJid", thread.jid.to_string());
  fill.set("isLid", thread.jid.is_lid() && !dirty.redirect_to);
  set_phone(fill, thread.phone);
  fill.set_if("displayName", dirty.display_name);
  fill.set_if("groupSubject", dirty.group_subject);
  // Do not write a time again that the Inbox has: another writer may have set a later one.
  if (dirty.has_news) {
    fill.set("lastMessageAt", thread.last_message_at);
    fill.set("lastMessageAtMs", integer(thread.last_message_at.value * 1000));
  }
  if (!dirty.last_text.empty()) {
    fill.set("lastMessageText", dirty.last_text);
    fill.set("lastMessagePreview", dirty.last_text);
  }
  if (thread.direction) fill.set("lastMessageDirection", name(*thread.direction));
  fill.set_if("lastMessageSenderName", thread.last_sender_name);
  fill.set("unreadCount", integer(thread.unread));
  fill.set_if("lastBackfillAt", thread.last_backfill_at);
  if (thread.history_exhausted) fill.set("historyExhausted", true);
  if (dirty.redirect_to) {
    fill.set("redirectTo", dirty.redirect_to->str());
    fill.set("canonicalThreadId", dirty.redirect_to->str());
  }
  out.server_times = {"updatedAt"};
  return out;
}

DocumentWrite message_document(const Account& account, const DirtyMessage& dirty, bool known) {
  const StoredMessage& stored = dirty.message;
  const Message& message = stored.message;
  const bool first = dirty.mark.first_upload && !known;
  DocumentWrite out{.path = "threads/" + dirty.thread.str() + "/messages/" + stored.id.str()};
  Fill fill(out);
  fill.set("accountId", account.id.str());
  fill.set("clientJid", message.chat.to_string());
  fill.set("threadId", dirty.thread.str());
  fill.set("direction", name(message.direction()));
  const auto body = body_with_results(message);
  fill.set("body", body ? Value(*body) : Value());
  fill.set("messageType", message.type);
  if (message.media) fill.set("media", media_value(*message.media));
  fill.set("tsClient", message.sent_at);
  if (!known) fill.set("syncSource", name(message.source));
  // Another host may know of a later delivery than we do, so only "read" is safe to write.
  if (!known || message.status == DeliveryStatus::kRead) fill.set("status", name(message.status));
  fill.set_if("deliveredAt", stored.delivered_at);
  fill.set_if("readAt", stored.read_at);
  set_sender(fill, account, message);
  fill.set("key", key_value(message));
  if (message.quoted)
    fill.set("quoted", Fields{{"id", message.quoted->id},
                              {"participant", text_or_null(message.quoted->participant)},
                              {"preview", text_or_null(message.quoted->preview)}});
  if (!message.reactions.empty())
    fill.set("reactions", reactions_value(message));
  else if (!dirty.mark.first_upload)
    out.removed.emplace_back("reactions");
  if (!message.answers.empty()) {
    fill.set("answers", answers_value(message));
    fill.set("results", results_value(message));
  } else if (!dirty.mark.first_upload) {
    out.removed.emplace_back("answers");
    out.removed.emplace_back("results");
  }
  fill.set_if("editedAt", message.edited_at);
  fill.set_or_remove("originalBody", stored.original_body, first || known);
  fill.set_if("deletedAt", message.deleted_at);
  if (stored.body_truncated)
    fill.set("bodyTruncated", true);
  else if (!dirty.mark.first_upload)
    out.removed.emplace_back("bodyTruncated");
  if (message.unknown_field) fill.set("unknownField", integer(*message.unknown_field));
  out.server_times = {"updatedAt", "syncedAt"};
  if (first) out.server_times.emplace_back("createdAt");
  out.only_if_missing = first && dirty.thread_adopted;
  fit(out);
  return out;
}

DocumentWrite contact_document(const AccountId& account, const DirtyContact& dirty) {
  const Contact& contact = dirty.contact;
  const bool first = dirty.mark.first_upload;
  DocumentWrite out{.path = "contacts/" + contact_document_id(account, contact.jid)};
  Fill fill(out);
  fill.set("accountId", account.str());
  fill.set("jid", contact.jid.to_string());
  fill.set_or_remove("name", contact.saved_name, first);
  fill.set_or_remove("notify", contact.push_name, first);
  fill.set_or_remove("verifiedName", contact.verified_name, first);
  fill.set_if("phoneE164", dirty.phone);
  fill.set_if("lid", contact.lid.empty() ? std::string() : contact.lid.to_string());
  out.server_times = {"updatedAt"};
  return out;
}

ThreadFacts thread_facts(const Document& document) {
  const Fields& fields = document.fields;
  ThreadFacts out{.thread_id = document.id(),
                  .client_jid = std::string(text_of(fields, "clientJid")),
                  .display_name = std::string(text_of(fields, "displayName")),
                  .group_subject = std::string(text_of(fields, "groupSubject")),
                  .last_message_text = std::string(text_of(fields, "lastMessageText")),
                  .last_sender_name = std::string(text_of(fields, "lastMessageSenderName"))};
  for (const char* name : {"normalizedPhone", "phoneE164", "phone", "phoneNumber"})
    if (out.phone.empty()) out.phone = text_of(fields, name);
  out.redirect_to = text_of(fields, "redirectTo");
  out.canonical_thread_id = text_of(fields, "canonicalThreadId");
  out.hidden = is_true(fields, "hidden");
  out.archived = is_true(fields, "archived");
  out.last_message_at_ms = time_ms(find(fields, "lastMessageAtMs"));
  out.last_message_at_time_ms = time_ms(find(fields, "lastMessageAt"));
  out.updated_at_ms = time_ms(find(fields, "updatedAt"));
  return out;
}

AdoptedThread adopted_thread(const Document& document) {
  const Fields& fields = document.fields;
  const std::string id = document.id();
  // An id of another form than ours names no chat. The caller drops such a document.
  const auto thread = ThreadId::parse(id);
  AdoptedThread out;
  if (thread) out.chat = thread->jid();
  for (const char* name : {"redirectTo", "canonicalThreadId"})
    if (const auto target = ThreadId::parse(text_of(fields, name))) out.redirect_to = target->jid();
  out.display_name = text_of(fields, "displayName");
  out.group_subject = text_of(fields, "groupSubject");
  out.last_message_at =
      std::max(seconds_of(fields, "lastMessageAt"), seconds_of(fields, "lastMessageAtMs"));
  const std::string_view preview = text_of(fields, "lastMessagePreview");
  out.last_text = preview.empty() ? text_of(fields, "lastMessageText") : preview;
  const std::string_view direction = text_of(fields, "lastMessageDirection");
  if (direction == name(Direction::kInbound)) out.direction = Direction::kInbound;
  if (direction == name(Direction::kOutbound)) out.direction = Direction::kOutbound;
  out.last_sender_name = text_of(fields, "lastMessageSenderName");
  const auto* unread = find<std::int64_t>(fields, "unreadCount");
  if (unread != nullptr)
    out.unread = static_cast<std::uint32_t>(std::clamp<std::int64_t>(*unread, 0, 1'000'000));
  out.hidden = is_true(fields, "hidden");
  out.archived = is_true(fields, "archived");
  out.history_exhausted = is_true(fields, "historyExhausted");
  out.last_backfill_at = seconds_of(fields, "lastBackfillAt");
  return out;
}

}  // namespace wasync::firestore
