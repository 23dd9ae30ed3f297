// When the owner removes somebody from the phone's contacts, the saved name goes from wherever it
// was copied: messages keep the name that their sender had when they were stored, threads that of
// who wrote last.
//
// All names stored for that sender go, but the one that is left (a push name, say): nothing tells
// a saved name of earlier times from a push name of earlier times. A saved name that is merely
// changed stays in old messages: it is no secret of a person who is still known, and every
// message would have to be uploaded again for it.
//
// No index leads from a person to what they wrote: one is not worth its price for each message when
// names are removed some times a year. But it is known in which threads they wrote.
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "inbox/writer_state.h"

namespace wasync {
namespace {

bool is_lid(const std::string& address) {
  return address.ends_with("@lid");
}

struct Renamed {
  std::int64_t message = 0;
  std::optional<std::string> name;
};

}  // namespace

void InboxWriter::State::note_sender(const MessageRow& row) {
  const Message& m = row.message;
  if (m.key.from_me || m.sender.empty() || m.sender == m.chat) return;
  const std::string sender = m.sender.to_string();
  if (!senders[row.thread].insert(sender).second) return;
  database.prepare("INSERT OR IGNORE INTO senders (sender, thread) VALUES (?, ?)")
      .bind(sender, row.thread)
      .run();
}

std::vector<std::string> InboxWriter::State::addresses_of(const std::string& phone) {
  std::vector<std::string> addresses{phone};
  auto query = database.prepare("SELECT lid FROM lid_mappings WHERE phone = ?");
  query.bind(phone);
  while (query.step()) addresses.push_back(query.text(0));
  return addresses;
}

void InboxWriter::State::forget_removed_names() {
  // By each address of those who lost their saved name: what names them now.
  std::unordered_map<std::string, std::string> names;
  for (const std::string& jid : std::exchange(unnamed, {})) {
    const ContactRow& known = contact(jid);
    if (!known.saved_name.empty()) continue;  // saved again since
    for (std::string& address : addresses_of(jid)) names[std::move(address)] = best_name(known);
  }
  std::set<std::int64_t> wrote_in;
  for (const auto& [address, name] : names) {
    if (const ThreadRow* thread = thread_as_stored(address)) wrote_in.insert(thread->row_id);
    auto query = database.prepare("SELECT thread FROM senders WHERE sender = ?");
    query.bind(address);
    while (query.step()) wrote_in.insert(query.integer(0));
  }
  for (const std::int64_t thread : wrote_in) {
    forget_last_sender(thread, names);
    forget_senders(thread, names);
  }
}

void InboxWriter::State::forget_last_sender(
    std::int64_t thread, const std::unordered_map<std::string, std::string>& names) {
  std::string jid;
  std::string sender;
  {
    auto query = database.prepare(
        "SELECT t.jid, coalesce(m.sender, t.jid) FROM threads t LEFT JOIN messages m"
        " ON m.thread = t.row_id AND m.document_id = t.inbound_id"
        " WHERE t.row_id = ? AND t.last_sender_name <> ''");
    if (!query.bind(thread).step()) return;
    jid = query.text(0);
    sender = query.text(1);
  }
  const auto name = names.find(sender);
  if (name == names.end()) return;
  ThreadRow* const row = thread_as_stored(jid);
  row->shown.last_sender_name = name->second;
  save_thread(database, *row);
}

void InboxWriter::State::forget_senders(std::int64_t thread,
                                        const std::unordered_map<std::string, std::string>& names) {
  std::vector<Renamed> renamed;
  {
    auto query = database.prepare(
        "SELECT m.row_id, m.sender_name, coalesce(m.sender, t.jid)"
        " FROM messages m JOIN threads t ON t.row_id = m.thread"
        " WHERE m.thread = ? AND m.sender_name IS NOT NULL AND m.from_me = 0");
    query.bind(thread);
    while (query.step()) {
      const auto found = names.find(query.text(2));
      if (found == names.end() || found->second == query.text_view(1)) continue;
      // Without one of its own a message takes its contact's name, now and later; but none that
      // names its sender by a LID whose contact is the phone's by now.
      const bool by_former_lid =
          !found->second.empty() && is_lid(found->first) && contact(found->first).row_id == 0;
      renamed.push_back({.message = query.integer(0),
                         .name = by_former_lid ? std::optional(found->second) : std::nullopt});
    }
  }
  for (const Renamed& each : renamed) {
    database
        .prepare(
            "UPDATE messages SET sender_name = ?, revision = revision + 1, upload_error = NULL"
            " WHERE row_id = ?")
        .bind(each.name, each.message)
        .run();
  }
}

}  // namespace wasync
