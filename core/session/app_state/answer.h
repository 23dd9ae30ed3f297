// What the server answers when asked for a collection, and taking it in. Facts: whatsmeow
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

// The request: from scratch (the server may then give a snapshot), or what follows a version.
Node collection_request(std::string_view name, std::uint64_t version, bool from_scratch);

// What a <notification type="server_sync"> says there is, in the caller's transaction. Returns
// whether any of it is news. Whoever it comes from: it makes us ask the server, no more.
bool take_announcement(Database& database, const Node& notification);

struct CollectionAnswer {
  std::optional<pb::ExternalBlobReference> snapshot{};
  std::vector<pb::SyncdPatch> patches{};
  bool more = false;  // ask again

  // Whether parts of it lie on the media servers.
  bool needs_download() const;
};

// Throws Error(kServerRefused) when the server refuses the collection, Error(kProtocol) when the
// answer is malformed.
CollectionAnswer parse_answer(const Node& iq, std::string_view name);

// Fetches and verifies a blob of app state.
using Download = std::function<Bytes(const pb::ExternalBlobReference& reference)>;

struct TakenIn {
  // Which keys are lacking; what precedes the part that needs them was taken in.
  std::vector<Bytes> missing_keys{};
  std::int64_t applied = 0;
  std::int64_t ignored = 0;  // of kinds that mean nothing to an inbox
};

// What is in force of a collection becomes what was opened of it, in the caller's transaction: what
// is not in that is gone. Returns how many entries mean something to an inbox.
struct Replaced {
  std::int64_t applied = 0;
  std::int64_t ignored = 0;
};
Replaced replace_collection(Database& database, std::string_view name, const Opened& opened,
                            InboxWriter& inbox);

// Opens the answer's parts and changes the inbox, the snapshot and each patch in a transaction of
// its own together with the collection's state. `from_scratch`: nothing that was known of the
// collection counts any more, and what is not in the snapshot is gone. Patches that are known are
// passed over. Blocks: for a worker thread.
//   Throws Error(kProtocol) or Error(kMedia) when the collection cannot be trusted, what
// `download` throws, and Error(kStore).
TakenIn take_in_answer(Database& database, std::string_view name, CollectionAnswer answer,
                       bool from_scratch, const Download& download);

}  // namespace wasync
