// The server's answer to a request for a collection, and how we take it in. Facts: whatsmeow
// appstate.go and appstate/decode.go.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "proto/app_state.pb.h"
#include "session/app_state/collection.h"
#include "session/app_state/patch.h"
#include "wire/node.h"

namespace wasync {

class Database;
class InboxWriter;

// The request for a collection: from scratch (the server may then give a snapshot), or for what
// follows `version`.
Node collection_request(std::string_view name, std::uint64_t version, bool from_scratch);

// Notes what a <notification type="server_sync"> announces, in the caller's transaction. Returns
// whether any of it is news. Its sender does not matter: it only makes us ask the server.
bool take_announcement(Database& database, const Node& notification);

struct CollectionAnswer {
  std::optional<pb::ExternalBlobReference> snapshot{};
  std::vector<pb::SyncdPatch> patches{};
  bool more = false;  // the server has more: ask again

  // Whether the media servers hold parts of it.
  bool needs_download() const;
};

// Throws Error(kServerRefused) when the server refuses the collection, Error(kProtocol) when the
// answer is malformed.
CollectionAnswer parse_answer(const Node& iq, std::string_view name);

// Fetches and verifies a blob of app state.
using Download = std::function<Bytes(const pb::ExternalBlobReference& reference)>;

struct TakenIn {
  // The keys that we lack. We took in everything before the part that needs them.
  std::vector<Bytes> missing_keys{};
  std::int64_t applied = 0;
  std::int64_t ignored = 0;  // of kinds that mean nothing to an inbox
};

// Replaces the entries in force of a collection with what we opened of it, in the caller's
// transaction: an entry that `opened` lacks is gone. Returns how many entries mean something to an
// inbox.
struct Replaced {
  std::int64_t applied = 0;
  std::int64_t ignored = 0;
};
Replaced replace_collection(Database& database, std::string_view name, const Opened& opened,
                            InboxWriter& inbox);

// Opens the answer's parts. Changes the inbox and the collection's state together, in one
// transaction for the snapshot and one for each patch. `from_scratch`: nothing that we knew of the
// collection counts any more, and an entry that the snapshot lacks is gone. Skips patches that it
// knows. Blocks: call it on a worker thread.
//   Throws Error(kProtocol) or Error(kMedia) when we cannot trust the collection, what `download`
// throws, and Error(kStore).
TakenIn take_in_answer(Database& database, std::string_view name, CollectionAnswer answer,
                       bool from_scratch, const Download& download);

}  // namespace wasync
