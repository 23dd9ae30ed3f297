// However writes are cut into transactions, and however often they are repeated, the inbox
// ends up the same.
#include <random>

#include "fixture.h"

namespace batching_test {

using namespace wasync;
using namespace wasync::test;

namespace {

using Write = std::function<void(InboxWriter&)>;

constexpr int kPeople = 4;

Jid phone(int person) {
  return jid(std::to_string(40'700'000'000 + person) + "@s.whatsapp.net");
}
Jid lid(int person) {
  return jid(std::to_string(900'000 + person) + "@lid");
}

class Script {
 public:
  explicit Script(unsigned seed) : random_(seed) {}

  std::vector<Write> writes(int count) {
    std::vector<Write> out;
    for (int i = 0; i < count; ++i) out.push_back(one(i));
    return out;
  }

 private:
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  Jid chat() {
    if (below(4) == 0) return jid(kGroup);
    const int person = below(kPeople);
    return below(2) == 0 ? phone(person) : lid(person);
  }
  MessageKey target() { return {.id = "M" + std::to_string(below(30)), .from_me = below(2) == 0}; }

  Write one(int i) {
    switch (below(10)) {
      case 0: {
        Conversation c;
        c.chat = chat();
        c.name = below(2) == 0 ? "" : "Name " + std::to_string(below(5));
        c.last_activity = {kNow.value - below(1000)};
        return [c](InboxWriter& inbox) { inbox.put_conversation(c); };
      }
      case 1: {
        const int person = below(kPeople);
        const LidMapping mapping{.lid = lid(person), .phone = phone(person)};
        return [mapping](InboxWriter& inbox) { inbox.put_lid_mapping(mapping); };
      }
      case 2: {
        Contact contact{.jid = below(2) == 0 ? phone(below(kPeople)) : lid(below(kPeople))};
        if (below(2) == 0) contact.saved_name = "Saved " + std::to_string(below(3));
        if (below(2) == 0) contact.verified_name = "Verified " + std::to_string(below(3));
        return [contact](InboxWriter& inbox) { inbox.put_contact(contact); };
      }
      case 3: {
        const Reaction reaction{.chat = chat(),
                                .target = target(),
                                .by = phone(below(kPeople)),
                                .emoji = below(3) == 0 ? "" : "👍",
                                .at = {kNow.value - 1000 + i}};
        return [reaction](InboxWriter& inbox) { inbox.put_reaction(reaction); };
      }
      case 4: {
        const Edit edit{.chat = chat(),
                        .target = target(),
                        .by = below(2) == 0 ? Jid{} : phone(below(kPeople)),
                        .body = "edited " + std::to_string(i),
                        .at = {kNow.value - 1000 + i}};
        return [edit](InboxWriter& inbox) { inbox.put_edit(edit); };
      }
      default: return message();
    }
  }

  Write message() {
    Message m;
    m.chat = chat();
    m.key = target();
    m.key.remote_jid = m.chat.to_string();
    if (m.chat.is_group() && !m.key.from_me) {
      m.sender = below(2) == 0 ? phone(below(kPeople)) : lid(below(kPeople));
      m.key.participant = m.sender.to_string();
    }
    m.sent_at = {kNow.value - below(2000)};
    m.body = "text " + std::to_string(below(100));
    m.sender_name = below(2) == 0 ? "" : "push " + std::to_string(below(5));
    const int source = below(3);
    m.source = source == 0   ? SyncSource::kHistorySync
               : source == 1 ? SyncSource::kRealtime
                             : SyncSource::kBackfill;
    return [m](InboxWriter& inbox) { inbox.put_message(m); };
  }

  std::mt19937 random_;
};

std::string dump(InboxFile& file) {
  std::string out;
  for (const char* sql :
       {"SELECT jid, name, group_subject, last_message_at, newest_from_me, last_text,"
        " last_sender_name, unread, messages, redirect_to FROM threads ORDER BY jid",
        "SELECT t.jid, document_id, from_me, sent_at, body, original_body, sender, sender_name,"
        " key_remote_jid, key_participant, reactions, source FROM messages m"
        " JOIN threads t ON t.row_id = m.thread ORDER BY t.jid, document_id",
        "SELECT jid, saved_name, push_name, verified_name, lid, 0, 0, 0, 0, 0 FROM contacts"
        " ORDER BY jid"}) {
    auto query = file.db.prepare(sql);
    while (query.step()) {
      for (int column = 0; column < 10; ++column) out += query.text(column) + "|";
      out += "\n";
    }
  }
  return out;
}

// Every message is in a thread that exists and counts it; no thread is both redirected and full.
void check_sound(InboxFile& file) {
  CHECK(file.number("SELECT count(*) FROM threads t WHERE messages <>"
                    " (SELECT count(*) FROM messages WHERE thread = t.row_id)") == 0);
  CHECK(file.number("SELECT count(*) FROM threads WHERE redirect_to <> '' AND messages > 0") == 0);
  CHECK(file.number("SELECT count(*) FROM threads WHERE last_message_at < 1") == 0);
  CHECK(file.number("SELECT count(*) FROM threads t WHERE last_message_at <"
                    " (SELECT max(sent_at) FROM messages WHERE thread = t.row_id)") == 0);
  CHECK(file.number("SELECT count(*) FROM threads WHERE redirect_to <> '' AND redirect_to NOT IN"
                    " (SELECT jid FROM threads WHERE redirect_to = '')") == 0);
}

}  // namespace

TEST_CASE("one transaction or many: the same inbox") {
  for (unsigned seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    const std::vector<Write> writes = Script(seed).writes(120);
    InboxFile separate;
    separate.db.execute("PRAGMA synchronous = OFF");
    for (const Write& write : writes) separate.write(write);
    InboxFile together;
    together.write([&](InboxWriter& inbox) {
      for (const Write& write : writes) write(inbox);
    });
    InboxFile repeated;
    repeated.db.execute("PRAGMA synchronous = OFF");
    for (const Write& write : writes) {
      repeated.write(write);
      repeated.write(write);
    }
    CHECK(dump(repeated) == dump(separate));
    InboxFile flushed;
    flushed.write([&](InboxWriter& inbox) {
      for (const Write& write : writes) {
        write(inbox);
        inbox.flush();
      }
    });
    check_sound(separate);
    CHECK(dump(flushed) == dump(separate));
    check_sound(together);
  }
}

}  // namespace batching_test
