// One masked write of a document: it touches the named fields and no others, so that what other
// writers keep in the same document survives, and doing it twice is doing it once.
#pragma once

#include <string>
#include <vector>

#include "firestore/value.h"

namespace wasync::firestore {

struct DocumentWrite {
  std::string path{};                       // "threads/ID/messages/ID", of safe ids
  Fields fields{};                          // are set
  std::vector<std::string> removed{};       // are absent afterwards
  std::vector<std::string> server_times{};  // are set to the time of the request
  bool only_if_missing = false;             // else the write fails: kAlreadyExists
};

// As documents:batchWrite and documents:commit want it. `root` is the database's document root,
// "projects/P/databases/D/documents".
void append_json(std::string& out, const DocumentWrite& write, const std::string& root);

}  // namespace wasync::firestore
