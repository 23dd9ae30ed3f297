#include "inbox/listing.h"

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
                Phrase{"restore the file from a backup, or move it away and pair again",
                       "restaurează fișierul dintr-o copie sau mută-l și conectează din nou"});
  }
  return *jid;
}

}  // namespace

ListedThread read_listing(const Statement& query, const AccountId& account) {
  const Jid jid = thread_jid(query.text_view(1));
  ListedThread out{.listing = {.thread = thread_id_for(account, jid), .jid = jid},
                   .display_name = query.text(2),
                   .group_subject = query.text(3),
                   .redirect_to = std::nullopt};
  ThreadListing& listing = out.listing;
  listing.phone = phone_of(jid).value_or(std::string());
  listing.last_message_at = query.time(4);
  listing.time_known = listing.last_message_at > kNoTimeTold;
  listing.last_message = query.text(5);
  listing.last_sender_name = query.text(6);
  if (!query.is_null(7)) {
    listing.direction = query.integer(7) != 0 ? Direction::kOutbound : Direction::kInbound;
  }
  listing.unread = static_cast<std::uint32_t>(query.integer(8));
  listing.messages = query.integer(9);
  listing.placeholder = listing.messages == 0;
  listing.history_exhausted = query.integer(13) != 0;
  listing.last_backfill_at = query.time(14);
  listing.adopted = query.integer(17) != 0;
  const std::string redirect_to = query.text(12);
  if (!redirect_to.empty()) out.redirect_to = thread_id_for(account, thread_jid(redirect_to));

  const std::string target = out.redirect_to ? out.redirect_to->str() : std::string();
  const ThreadFacts facts{.thread_id = listing.thread.str(),
                          .client_jid = jid.to_string(),
                          .display_name = out.display_name,
                          .group_subject = out.group_subject,
                          .last_message_text = listing.last_message,
                          .last_sender_name = listing.last_sender_name,
                          .phone = listing.phone,
                          .redirect_to = target,
                          .canonical_thread_id = target,
                          .hidden = query.integer(10) != 0,
                          .archived = query.integer(11) != 0,
                          .last_message_at_ms = listing.last_message_at.value * 1000,
                          .last_message_at_time_ms = listing.last_message_at.value * 1000,
                          .updated_at_ms = std::nullopt};
  listing.name = display_name(facts);
  listing.hidden_because = hidden_because(facts);
  return out;
}

StoredMessage read_stored_message(const Statement& query) {
  MessageRow row = read_message(query, thread_jid(query.text_view(kMessageColumns)));
  if (!query.is_null(kMessageColumns + 3))
    row.message.sender_name = query.text(kMessageColumns + 3);
  std::erase_if(row.message.reactions, [](const auto& entry) { return entry.second.empty(); });
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

AccountId account_of(Database& database) {
  const auto account = read_account(database);
  if (!account) {
    throw Error(ErrorCode::kNotPaired,
                Phrase{"this account file has no account", "fișierul nu conține niciun cont"},
                Phrase{"run: wa-sync pair", "rulează: wa-sync pair"});
  }
  return account->id;
}

}  // namespace wasync
