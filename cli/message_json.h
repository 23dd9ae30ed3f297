// A stored message as `--json` prints it, and how to call its writer.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "inbox/queries.h"

namespace wasync {

class Database;

// Names of those who write in one conversation: the saved name, push name of the message or of the
// contact, business name, phone, address, the first that is known. One look-up per writer. What it
// is made of must outlive it.
class SenderNames {
 public:
  SenderNames(const ThreadListing& thread, Database& database)
      : thread_(thread), database_(database) {}

  std::string operator()(const Message& message);

 private:
  std::string look_up(const Jid& writer);

  const ThreadListing& thread_;
  Database& database_;
  std::map<Jid, std::string> names_;
};

nlohmann::ordered_json message_json(const StoredMessage& stored, const ThreadId& thread,
                                    SenderNames& names);

}  // namespace wasync
