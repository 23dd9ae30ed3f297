// One masked write of a document. It touches the named fields and no others, so what other writers
// keep in the same document survives. To send it twice has the same effect as to send it once.
#pragma once

#include <string>
#include <vector>

#include "firestore/value.h"

namespace wasync::firestore {

struct DocumentWrite {
  std::string path{};                       // "threads/ID/messages/ID", of safe ids
  Fields fields{};                          // to set
  std::vector<std::string> removed{};       // to remove
  std::vector<std::string> server_times{};  // to set to the time of the request
  bool only_if_missing = false;             // fails with kAlreadyExists when the document is there
};

// The JSON that documents:batchWrite and documents:commit take. `root` is the database's document
// root, "projects/P/databases/D/documents".
void append_json(std::string& out, const DocumentWrite& write, const std::string& root);

}  // namespace wasync::firestore
