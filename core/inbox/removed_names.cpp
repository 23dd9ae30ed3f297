// When the owner removes somebody from the phone's contacts, the saved name goes from wherever it
// was copied: messages keep the name that their sender had when they were stored, threads that of
// who wrote last.
//
// All names stored for that sender go, but the one that is left (a push name, say): nothing tells
// a saved name of earlier times from a push name of earlier times. A saved name that is merely
// changed stays in old messages: it is no secret of a person who is still known, and every
// message would have to be uploaded again for it.
//
// No index leads from a person to what they wrote in groups: one is not worth its price for each
// message when names are removed some times a year. All removals of a transaction share one
// passage over the messages.
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
  if (names.empty()) return;
  forget_last_senders(names);
  forget_senders(names);
}

void InboxWriter::State::forget_last_senders(
    const std::unordered_map<std::string, std::string>& names) {
  std::vector<std::pair<std::string, std::string>> wrote_last;  // in which thread, who
  for (const auto& [address, name] : names) wrote_last.emplace_back(address, address);
  {
    auto query = database.prepare(
        "SELECT t.jid, m.sender FROM threads t JOIN messages m"
        " ON m.thread = t.row_id AND m.document_id = t.inbound_id"
        " WHERE t.last_sender_name <> '' AND m.sender IS NOT NULL");
    while (query.step()) {
      if (names.contains(query.text(1))) wrote_last.emplace_back(query.text(0), query.text(1));
    }
  }
  for (const auto& [chat, sender] : wrote_last) {
    ThreadRow* thread = thread_as_stored(chat);
    if (thread == nullptr || thread->shown.last_sender_name.empty()) continue;
    thread->shown.last_sender_name = names.at(sender);
    save_thread(database, *thread);
  }
}

void InboxWriter::State::forget_senders(const std::unordered_map<std::string, std::string>& names) {
  std::vector<Renamed> renamed;
  {
    auto query = database.prepare(
        "SELECT m.row_id, m.sender_name, coalesce(m.sender, t.jid)"
        " FROM messages m JOIN threads t ON t.row_id = m.thread"
        " WHERE m.sender_name IS NOT NULL AND m.from_me = 0");
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
