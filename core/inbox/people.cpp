// Contacts, push names, and the two addresses a person may have.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/columns.h"
#include "inbox/ids.h"
#include "inbox/media_facts.h"
#include "inbox/writer_state.h"

namespace wasync {
namespace {

constexpr std::array kContact{
    column<&ContactRow::saved_name>("saved_name"), column<&ContactRow::push_name>("push_name"),
    column<&ContactRow::push_name_at>("push_name_at"),
    column<&ContactRow::verified_name>("verified_name"), column<&ContactRow::lid>("lid")};

constexpr std::int64_t kNameHolds_s = 60;
constexpr std::int64_t kIdentityHolds_s = 3600;

bool replace(std::string& known, const std::string& told) {
  if (told.empty() || known == told) return false;
  known = told;
  return true;
}

}  // namespace

const std::string& best_name(const ContactRow& contact) {
  if (!contact.saved_name.empty()) return contact.saved_name;
  return contact.push_name.empty() ? contact.verified_name : contact.push_name;
}

Jid InboxWriter::State::canonical(const Jid& jid) {
  Jid bare = jid.bare();
  if (!bare.is_lid()) return bare;
  const auto [place, is_new] = phones.try_emplace(bare.to_string());
  if (is_new) {
    auto query = database.prepare("SELECT phone FROM lid_mappings WHERE lid = ?");
    query.bind(place->first);
    if (query.step()) place->second = query.text(0);
  }
  if (place->second.empty()) return bare;
  return Jid::parse(place->second).value_or(bare);
}

bool InboxWriter::State::is_own(const Jid& bare) const {
  return bare == own_phone || (!own_lid.empty() && bare == own_lid) ||
         std::ranges::find(former_own_lids, bare) != former_own_lids.end();
}

bool InboxWriter::State::may_be_same(const Jid& a, const Jid& b) {
  const Jid left = canonical(a);
  const Jid right = canonical(b);
  return left == right || left.is_lid() != right.is_lid();
}

ContactRow& InboxWriter::State::contact(const std::string& jid) {
  const auto [place, is_new] = contacts.try_emplace(jid);
  if (is_new) {
    static const std::string kSelect =
        "SELECT row_id, " + column_names(kContact) + " FROM contacts WHERE jid = ?";
    auto query = database.prepare(kSelect);
    query.bind(jid);
    if (query.step()) {
      place->second.row_id = query.integer(0);
      read_columns(query, kContact, place->second, 1);
    }
  }
  return place->second;
}

bool InboxWriter::State::save_contact(const Jid& jid, const ContactRow& row) {
  const std::string address = jid.to_string();
  ContactRow& known = contact(address);
  if (known.row_id == 0) {
    static const std::string kInsert = "INSERT INTO contacts (jid, " + column_names(kContact) +
                                       ") VALUES (?, " + placeholders(kContact) + ")";
    auto insert_contact = database.prepare(kInsert);
    insert_contact.bind(address);
    bind_columns(insert_contact, kContact, row);
    insert_contact.run();
    known = row;
    known.row_id = database.last_insert_id();
  } else {
    static const std::string kUpdate =
        "UPDATE contacts SET " + assignments(kContact) +
        ", revision = revision + 1, upload_error = NULL WHERE row_id = ?";
    auto update = database.prepare(kUpdate);
    bind_columns(update, kContact, row);
    update.bind(known.row_id).run();
    const std::int64_t id = known.row_id;
    known = row;
    known.row_id = id;
  }
  ++counts.contacts_changed;
  if (ThreadRow* thread = find_thread(jid)) name_thread(*thread, known);
  return true;
}

void InboxWriter::State::name_thread(ThreadRow& thread, const ContactRow& contact_row) {
  improve_name(thread, contact_row.verified_name, NameRank::kVerified);
  improve_name(thread, contact_row.push_name, NameRank::kPush);
  improve_name(thread, contact_row.saved_name, NameRank::kSaved);
}

void InboxWriter::State::unname_thread(ThreadRow& thread, const ContactRow& without) {
  if (thread.shown.name_rank != NameRank::kSaved) return;
  thread.shown.name.clear();
  thread.shown.name_rank = NameRank::kNone;
  name_thread(thread, without);
}

// History tells messages from the newest on, each with the name its sender had then: only a
// name told later than the known one replaces it. Who changes it with each message would have us
// write, index and upload the conversation anew each time: within a minute the first name holds.
// The next message tells the name again.
bool InboxWriter::State::learn_push_name(const Jid& jid, const std::string& clean, UnixSeconds at) {
  if (clean.empty() || clean == kNoPushName || !jid.is_person() || is_own(jid)) return false;
  const ContactRow& known = contact(jid.to_string());
  if (known.push_name == clean) return false;
  if (!known.push_name.empty() && at.value < known.push_name_at.value + kNameHolds_s) return false;
  ContactRow better = known;
  better.push_name = clean;
  better.push_name_at = at;
  return save_contact(jid, better);
}

bool InboxWriter::put_push_name(const Jid& jid, std::string_view push_name) {
  return state_->learn_push_name(state_->canonical(jid), clean_name(push_name), state_->now);
}

bool InboxWriter::put_contact(const Contact& told) {
  State& s = *state_;
  bool changed = false;
  if (!told.lid.empty() && !told.jid.is_lid()) {
    changed = put_lid_mapping({.lid = told.lid, .phone = told.jid});
  }
  const Jid jid = s.canonical(told.jid);
  if (!jid.is_person() || jid.user.empty()) return changed;
  ContactRow better = s.contact(jid.to_string());
  bool differs = replace(better.saved_name, clean_name(told.saved_name));
  differs = replace(better.verified_name, clean_name(told.verified_name)) || differs;
  const Jid lid = told.jid.is_lid() ? told.jid.bare() : told.lid.bare();
  if (lid.is_lid() && lid != jid) differs = replace(better.lid, lid.to_string()) || differs;
  // Our own push name names nobody else.
  if (!s.is_own(jid) && replace(better.push_name, clean_name(told.push_name))) {
    better.push_name_at = s.now;
    differs = true;
  }
  return (differs && s.save_contact(jid, better)) || changed;
}

void InboxWriter::put_number_change(const Jid& old_jid, const Jid& new_jid) {
  State& s = *state_;
  const Jid from = s.canonical(old_jid);
  const Jid to = s.canonical(new_jid);
  if (from == to || !from.is_person() || !to.is_person() || s.is_own(from) || s.is_own(to)) return;
  const ContactRow known = s.contact(from.to_string());
  ContactRow better = s.contact(to.to_string());
  bool changed = better.saved_name.empty() && replace(better.saved_name, known.saved_name);
  if (better.push_name.empty() && replace(better.push_name, known.push_name)) {
    better.push_name_at = known.push_name_at;
    changed = true;
  }
  if (changed) s.save_contact(to, better);
}

bool InboxWriter::clear_saved_name(const Jid& told) {
  State& s = *state_;
  const Jid jid = s.canonical(told);
  if (!jid.is_person()) return false;
  ContactRow without = s.contact(jid.to_string());
  if (std::exchange(without.saved_name, {}).empty()) return false;
  for (const std::string& address : s.addresses_of(jid.to_string())) {
    if (ThreadRow* thread = s.thread_as_stored(address)) s.unname_thread(*thread, without);
  }
  s.unnamed.insert(jid.to_string());
  return s.save_contact(jid, without);
}

bool InboxWriter::put_lid_mapping(const LidMapping& mapping) {
  State& s = *state_;
  const Jid lid = mapping.lid.bare();
  const Jid phone = mapping.phone.bare();
  if (!lid.is_lid() || lid.user.empty() || !phone_of(phone)) return false;
  if (s.canonical(lid) == phone) return false;
  const std::string lid_text = lid.to_string();
  const std::string phone_text = phone.to_string();
  s.database
      .prepare(
          "INSERT INTO lid_mappings (lid, phone) VALUES (?, ?)"
          " ON CONFLICT (lid) DO UPDATE SET phone = excluded.phone")
      .bind(lid_text, phone_text)
      .run();
  s.phones[lid_text] = phone_text;
  s.merge_contacts(lid_text, phone);
  s.merge_threads(lid_text, phone);
  s.move_settings(lid_text, phone);
  return true;
}

bool InboxWriter::put_identity_change(const Jid& person, UnixSeconds at) {
  State& s = *state_;
  const Jid jid = s.canonical(person);
  if (!jid.is_person() || s.is_own(jid)) return false;
  ThreadRow* thread = s.find_thread(jid);
  if (thread == nullptr) return false;
  if (!at.known() || at > s.now) at = s.now;
  UnixSeconds& known = thread->kept.identity_changed_at;
  if (known.known() && at.value < known.value + kIdentityHolds_s) return false;
  known = at;
  ++s.counts.identities_changed;
  return true;
}

void InboxWriter::merge_if_mapped(const Jid& lid) {
  const Jid phone = state_->canonical(lid);
  if (!phone.is_lid()) state_->merge_threads(lid.bare().to_string(), phone);
}

void InboxWriter::State::merge_contacts(const std::string& lid, const Jid& phone) {
  const ContactRow from = contact(lid);
  if (from.row_id == 0) return;
  ContactRow better = contact(phone.to_string());
  if (better.saved_name.empty()) better.saved_name = from.saved_name;
  if (better.verified_name.empty()) better.verified_name = from.verified_name;
  if (better.push_name.empty() || from.push_name_at > better.push_name_at) {
    replace(better.push_name, from.push_name);
    better.push_name_at = std::max(better.push_name_at, from.push_name_at);
  }
  better.lid = lid;
  database.prepare("DELETE FROM contacts WHERE row_id = ?").bind(from.row_id).run();
  contacts[lid] = {};
  save_contact(phone, better);
}

void InboxWriter::State::merge_threads(const std::string& lid, const Jid& phone) {
  ThreadRow* from = thread_as_stored(lid);
  if (from == nullptr || !from->shown.redirect_to.empty()) return;
  save_thread(database, *from);
  ThreadRow& into = need_thread(phone);
  if (into.row_id == from->row_id) return;
  merge_thread(into, *from);
  move_messages(*from, into);
  from->shown.redirect_to = into.jid;
  from->shown.unread = 0;
  from->kept.messages = 0;
  auto count = database.prepare("SELECT count(*) FROM messages WHERE thread = ?");
  count.bind(into.row_id);
  count.step();
  into.kept.messages = count.integer(0);
  for (const std::string_view move :
       {"UPDATE OR REPLACE waiting_amendments SET chat = ? WHERE chat = ?",
        "UPDATE OR REPLACE sealed SET chat = ? WHERE chat = ?"}) {
    database.prepare(move).bind(into.jid, lid).run();
  }
}

// A moved message is a new document under the phone thread. Its key stays what WhatsApp used.
void InboxWriter::State::move_messages(const ThreadRow& from, ThreadRow& into) {
  std::int64_t newest_row = 0;
  {
    auto query = database.prepare("SELECT coalesce(max(row_id), 0) FROM messages");
    query.step();
    newest_row = query.integer(0);
  }
  // A new row id, so that an upload of the former document that is under way cannot mark the
  // new one as sent; the next free ones, because what only ever doubles soon has no more room.
  database
      .prepare(
          "WITH moved (former, place) AS (SELECT row_id, row_number() OVER (ORDER BY row_id)"
          " FROM messages WHERE thread = ?1 AND key_id IS NULL)"
          " UPDATE OR IGNORE messages SET row_id = ?2 + moved.place, thread = ?3,"
          " key_remote_jid = coalesce(key_remote_jid, ?4), revision = 1, uploaded_revision = 0,"
          " upload_error = NULL FROM moved WHERE messages.row_id = moved.former")
      .bind(from.row_id, newest_row, into.row_id, from.jid)
      .run();
  database.prepare("INSERT OR IGNORE INTO senders SELECT sender, ? FROM senders WHERE thread = ?")
      .bind(into.row_id, from.row_id)
      .run();
  // What is left is in both threads, or named by a hash of its chat's address.
  std::vector<MessageRow> left;
  {
    static const std::string kSelect =
        "SELECT " + message_columns() + " FROM messages m WHERE m.thread = ?";
    auto query = database.prepare(kSelect);
    query.bind(from.row_id);
    const Jid& lid = from.address;
    while (query.step()) left.push_back(read_message(query, lid));
  }
  const Jid& phone = into.address;
  for (MessageRow& row : left) {
    row.message.secret = secret_of(row.row_id);
    row.message.media_facts = load_media_facts(database, row.row_id);
    database.prepare("DELETE FROM messages WHERE row_id = ?").bind(row.row_id).run();
    row.thread = into.row_id;
    row.message.chat = phone;
    if (!row.message.key.from_me) row.message.sender = phone;
    const std::string former_id = row.document_id;
    row.document_id = message_document_id(row.message.key, phone).str();
    auto known = load_message(database, into.row_id, row.document_id, phone);
    if (known && !matches(*known, row.message.key)) {
      row.document_id = hashed_message_id(row.message.key, phone).str();
      known = load_message(database, into.row_id, row.document_id, phone);
    }
    if (known) {
      if (merge_message(*known, row)) update_message(database, *known);
      keep_secret(*known, row.message);
      keep_beside(*known, row.message);
    } else {
      auto again = database.prepare(insert_message_text());
      bind_message(again, row, secret_end(row));
      again.run();
      row.row_id = database.last_insert_id();
      keep_beside(row, row.message);
      note_sender(row);
    }
    if (into.kept.inbound_id == former_id) into.kept.inbound_id = row.document_id;
  }
}

}  // namespace wasync
