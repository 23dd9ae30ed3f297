#include <algorithm>

#include "base/text.h"
#include "diagnose/repair_firestore.h"
#include "inbox/mend.h"
#include "inbox/message.h"

namespace wasync::diagnosis {
namespace {

using firestore::Document;
using firestore::DocumentWrite;
using firestore::FailedRequest;
using firestore::FailureKind;

constexpr std::int64_t kMostAhead_ms = 24 * 3600 * 1000;  // of our clock
constexpr std::int64_t kEarliest_ms = 1'000'000'000'000;  // before that there was no WhatsApp
constexpr std::size_t kPreviewCharacters = 100;
constexpr std::size_t kMostOfBody = 4096;

bool lacks(const Document& thread, const char* field) {
  const firestore::Value* value = find(thread.fields, field);
  return value == nullptr || std::holds_alternative<std::nullptr_t>(value->data);
}

// Adds what the Inbox contract has beside the time, from the newest message, if no writer has set
// it.
void add_activity(DocumentWrite& write, const Document& thread, const firestore::Fields& message) {
  const std::string_view direction = text_of(message, "direction");
  const bool inbound = direction == name(Direction::kInbound);
  if (!inbound && direction != name(Direction::kOutbound)) return;
  if (lacks(thread, "lastMessageDirection"))
    write.fields.emplace_back("lastMessageDirection", direction);
  if (!inbound) return;
  const std::string_view body = text_of(message, "body");
  const std::string text = folded_whitespace(repaired_utf8(first_bytes(body, kMostOfBody)));
  const std::string_view preview = first_characters(text, kPreviewCharacters);
  if (!preview.empty() && lacks(thread, "lastMessageText") && lacks(thread, "lastMessagePreview")) {
    write.fields.emplace_back("lastMessageText", preview);
    write.fields.emplace_back("lastMessagePreview", preview);
  }
  const std::string_view sender = text_of(message, "senderName");
  if (!sender.empty() && lacks(thread, "lastMessageSenderName"))
    write.fields.emplace_back("lastMessageSenderName", sender);
}

}  // namespace

std::vector<std::string> thread_fields() {
  return {"clientJid",
          "lastMessageAt",
          "lastMessageAtMs",
          "lastMessageDirection",
          "lastMessageText",
          "lastMessagePreview",
          "lastMessageSenderName",
          "unreadCount",
          "normalizedPhone",
          "phoneE164",
          "phone",
          "phoneNumber",
          "redirectTo",
          "canonicalThreadId",
          "hidden",
          "archived"};
}

std::vector<std::optional<Document>> read_threads(FirestoreSite& site,
                                                  std::span<const std::string> paths) {
  auto out = site.client.batch_get(paths, thread_fields());
  site.reads += static_cast<std::int64_t>(paths.size());
  return out;
}

bool is_undated(const Document& thread) {
  return lacks(thread, "lastMessageAt");
}

bool points_elsewhere(const Document& thread) {
  return !text_of(thread.fields, "redirectTo").empty() ||
         !text_of(thread.fields, "canonicalThreadId").empty();
}

bool is_out_of_sight(const Document& thread) {
  const auto is_true = [&](const char* field) {
    const bool* value = firestore::find<bool>(thread.fields, field);
    return value != nullptr && *value;
  };
  return !text_of(thread.fields, "redirectTo").empty() || is_true("hidden") || is_true("archived");
}

bool changed_meanwhile(const FailedRequest& error) {
  return error.failure.kind == FailureKind::kFailedPrecondition ||
         error.failure.kind == FailureKind::kAborted ||
         error.failure.kind == FailureKind::kAlreadyExists ||
         error.failure.kind == FailureKind::kNotFound;
}

// Three sources can tell the time: the newest message, the thread's own lastMessageAtMs, and this
// host's time for the thread. All are real times, so the latest one counts.
Newest newest_of(FirestoreSite& site, const Document& thread) {
  Newest out;
  const std::int64_t latest_ms = site.now.value * 1000 + kMostAhead_ms;
  const auto consider = [&](std::int64_t time_ms) {
    if (time_ms < kEarliest_ms || time_ms > latest_ms)
      out.implausible = true;
    else
      out.time_ms = std::max(out.time_ms, time_ms);
  };
  const auto messages =
      site.client.run_query({.parent = thread.path,
                             .collection = "messages",
                             .order_by = "tsClient",
                             .descending = true,
                             .limit = 1,
                             .fields = {"tsClient", "direction", "body", "senderName"}});
  ++site.reads;
  if (!messages.empty()) {
    consider(firestore::time_ms(find(messages.front().fields, "tsClient")).value_or(0));
    if (out.time_ms > 0) out.message = messages.front().fields;
  }
  // A person must look at the thread's messages first.
  if (out.implausible) return out;
  if (const auto stated = firestore::time_ms(find(thread.fields, "lastMessageAtMs")))
    consider(*stated);
  if (const auto id = ThreadId::parse(thread.id()))
    if (const UnixSeconds here = thread_time(site.database, id->jid()); here.known())
      consider(here.value * 1000);
  return out;
}

void add_time(DocumentWrite& write, std::int64_t time_ms) {
  write.fields.emplace_back(
      "lastMessageAt",
      firestore::Timestamp{.seconds = time_ms / 1000,
                           .nanos = static_cast<std::int32_t>(time_ms % 1000) * 1'000'000});
  write.fields.emplace_back("lastMessageAtMs", time_ms);
}

RepairOutcome set_time(FirestoreSite& site, const Repair& repair) {
  for (int tries = 1;; ++tries) {
    const auto thread = read_threads(site, std::span(&repair.document, 1)).front();
    if (!thread || !is_undated(*thread)) return {.end = RepairEnd::kAlready};
    const Newest newest = newest_of(site, *thread);
    if (newest.time_ms == 0 || !thread->updated_at) return {.end = RepairEnd::kAlready};
    DocumentWrite write{.path = repair.document, .server_times = {"updatedAt"}};
    add_time(write, newest.time_ms);
    add_activity(write, *thread, newest.message);
    try {
      site.client.commit({&write, 1}, thread->updated_at);
      return {.end = RepairEnd::kDone};
    } catch (const FailedRequest& error) {
      if (!changed_meanwhile(error) || tries >= kMostTries) throw;
    }
  }
}

}  // namespace wasync::diagnosis
