// Asks for names that never came: of groups, which the server tells, and of businesses. We ask
// about one group at a time and about people by the dozen, a few per round, and about each once a
// week at most: a user of WhatsApp Web never asks for all at once. Facts: whatsmeow group.go,
// user.go.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/jid.h"
#include "session/receive/stanza_group.h"
#include "wire/node.h"

namespace wasync {

class Database;

inline constexpr std::size_t kMostPeople = 20;  // in one question

struct Nameless {
  std::vector<Jid> groups{};  // ten at most
  std::vector<Jid> people{};  // `kMostPeople` at most
};

// Those of the newest 500 threads that have no name and that we should ask about now.
Nameless find_nameless(Database& database, UnixSeconds now);
// Whether we asked about `who` within the last week.
bool was_asked_about(Database& database, const Jid& who, UnixSeconds now);
// Writes in the caller's transaction; call it before you ask about them.
void note_asked_about(Database& database, const std::vector<Jid>& who, UnixSeconds now);

Node group_question(const Jid& group);
// `id` tells one question from another.
Node people_question(const std::vector<Jid>& people, std::string id);

// Stores, in `group`'s transaction, the subject and who the members are. `answer` is the result IQ.
void take_group_answer(const Jid& asked, const Node& answer, StanzaGroup& group);
// Stores the verified names of businesses, and the LIDs, of those we asked about.
void take_people_answer(const std::vector<Jid>& asked, const Node& answer, StanzaGroup& group);

}  // namespace wasync
