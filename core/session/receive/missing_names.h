// Names that never came: of groups, which the server tells, and of businesses. Asked for one group
// at a time and people by the dozen, a few of them a round, each once a week at most: nobody who
// looks at WhatsApp Web asks for all at once. Facts: whatsmeow group.go, user.go.
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

// Among the newest 500 threads, those that are without a name and are to be asked about now.
Nameless find_nameless(Database& database, UnixSeconds now);
// Within the last week.
bool was_asked_about(Database& database, const Jid& who, UnixSeconds now);
// In the caller's transaction, before they are asked about.
void note_asked_about(Database& database, const std::vector<Jid>& who, UnixSeconds now);

Node group_question(const Jid& group);
// `id` tells one question from another.
Node people_question(const std::vector<Jid>& people, std::string id);

// In the group's transaction: the subject, and who its members are. `answer` is the result IQ.
void take_group_answer(const Jid& asked, const Node& answer, StanzaGroup& group);
// Verified names of businesses, and LIDs, of whom we asked about.
void take_people_answer(const std::vector<Jid>& asked, const Node& answer, StanzaGroup& group);

}  // namespace wasync
