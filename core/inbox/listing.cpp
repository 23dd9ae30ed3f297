#include "inbox/listing.h"

#include <array>
#include <cstdint>

#include "base/columns.h"
#include "base/error.h"
#include "inbox/thread_row.h"

namespace wasync {
namespace {

Jid thread_jid(std::string_view text) {
  auto jid = Jid::parse(text);
  if (!jid || !can_be_thread(*jid)) {
    throw Error(ErrorCode::kStore,
                Phrase{"a conversation of this account file has a malformed address",
                       "o conversație din fișierul contului are o adresă malformată"},
                Phrase{"Restore the file from a backup, or move it away and pair again.",
                       "Restaurează fișierul dintr-o copie sau mută-l și conectează din nou."});
  }
  return *jid;
}

// As it is stored.
struct Row {
  std::string jid{};
  std::string name{};
  std::string group_subject{};
  UnixSeconds last_message_at{};
  std::string last_text{};
  std::string last_sender_name{};
  std::optional<bool> newest_from_me{};
  std::uint32_t unread = 0;
  std::int64_t messages = 0;
  bool hidden = false;
  bool archived = false;
  std::string redirect_to{};
  bool history_exhausted = false;
  UnixSeconds last_backfill_at{};
  bool adopted = false;
  UnixSeconds identity_changed_at{};
  std::int64_t too_large = 0;
};

constexpr std::array kListed{column<&Row::jid>("jid"),
                             column<&Row::name>("name"),
                             column<&Row::group_subject>("group_subject"),
                             column<&Row::last_message_at>("last_message_at"),
                             column<&Row::last_text>("last_text"),
                             column<&Row::last_sender_name>("last_sender_name"),
                             column<&Row::newest_from_me>("newest_from_me"),
                             column<&Row::unread>("unread"),
                             column<&Row::messages>("messages"),
                             column<&Row::hidden>("hidden"),
                             column<&Row::archived>("archived"),
                             column<&Row::redirect_to>("redirect_to"),
                             column<&Row::history_exhausted>("history_exhausted"),
                             column<&Row::last_backfill_at>("last_backfill_at"),
                             column<&Row::adopted>("adopted"),
                             column<&Row::identity_changed_at>("identity_changed_at"),
                             column<&Row::too_large>("too_large")};
static_assert(kListingColumns == static_cast<int>(kListed.size()) + 3);

}  // namespace

const std::string& listing_columns() {
  static const std::string kText =
      "t.row_id, " + column_names(kListed, "t") + ", t.revision, t.uploaded_revision";
  return kText;
}

const std::string& newest_threads_text() {
  static const std::string kText = "SELECT " + listing_columns() +
                                   " FROM threads t WHERE t.last_message_at >= ?"
                                   " ORDER BY t.last_message_at DESC, t.jid";
  return kText;
}

ListedThread read_listing(const Statement& query, const AccountId& account) {
  Row row;
  read_columns(query, kListed, row, 1);
  const Jid jid = thread_jid(row.jid);
  ListedThread out{.listing = {.thread = thread_id_for(account, jid), .jid = jid},
                   .display_name = row.name,
                   .group_subject = row.group_subject,
                   .redirect_to = std::nullopt};
  ThreadListing& listing = out.listing;
  listing.phone = phone_of(jid).value_or(std::string());
  listing.last_message_at = row.last_message_at;
  listing.time_known = row.last_message_at > kNoTimeTold;
  listing.last_message = row.last_text;
  listing.last_sender_name = row.last_sender_name;
  if (row.newest_from_me)
    listing.direction = *row.newest_from_me ? Direction::kOutbound : Direction::kInbound;
  listing.unread = row.unread;
  listing.messages = row.messages;
  listing.placeholder = row.messages == 0;
  listing.history_exhausted = row.history_exhausted;
  listing.last_backfill_at = row.last_backfill_at;
  listing.adopted = row.adopted;
  listing.identity_changed_at = row.identity_changed_at;
  listing.too_large = row.too_large;
  if (!row.redirect_to.empty())
    out.redirect_to = thread_id_for(account, thread_jid(row.redirect_to));

  const std::string target = out.redirect_to ? out.redirect_to->str() : std::string();
  const ThreadFacts facts{.thread_id = listing.thread.str(),
                          .client_jid = row.jid,
                          .display_name = row.name,
                          .group_subject = row.group_subject,
                          .last_message_text = row.last_text,
                          .last_sender_name = row.last_sender_name,
                          .phone = listing.phone,
                          .redirect_to = target,
                          .canonical_thread_id = target,
                          .hidden = row.hidden,
                          .archived = row.archived,
                          .last_message_at_ms = row.last_message_at.value * 1000,
                          .last_message_at_time_ms = row.last_message_at.value * 1000,
                          .updated_at_ms = std::nullopt};
  listing.name = display_name(facts);
  listing.hidden_because = hidden_because(facts);
  return out;
}

const std::string& joined_message_columns() {
  static const std::string kText =
      message_columns() +
      ", t.jid, m.revision, m.uploaded_revision, CASE WHEN m.from_me = 0 AND m.sender_name IS NULL"
      " THEN (SELECT coalesce(nullif(c.saved_name, ''), nullif(c.push_name, ''), c.verified_name)"
      " FROM contacts c WHERE c.jid = coalesce(m.sender, t.jid)) END";
  return kText;
}

StoredMessage read_stored_message(const Statement& query) {
  MessageRow row = read_message(query, thread_jid(query.text_view(kMessageColumns)));
  if (!query.is_null(kMessageColumns + 3))
    row.message.sender_name = query.text(kMessageColumns + 3);
  std::erase_if(row.message.reactions, [](const auto& entry) { return entry.second.empty(); });
  std::erase_if(row.message.answers, [](const auto& entry) { return entry.second.picks.empty(); });
  const auto id = MessageId::parse(row.document_id);
  if (!id)
    throw Error(ErrorCode::kStore, Phrase{"a message of this account file has a malformed id",
                                          "un mesaj din fișierul contului are un id malformat"});
  return {.id = *id,
          .message = std::move(row.message),
          .original_body = std::move(row.original_body),
          .body_truncated = row.body_truncated,
          .delivered_at = row.delivered_at,
          .read_at = row.read_at};
}

}  // namespace wasync
