#include "session/receive/refused_stanzas.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/sqlite.h"

namespace wasync {
namespace {

constexpr std::int64_t kMostDeliveries = 3;
constexpr std::int64_t kMostRemembered = 1'000;

// Whoever writes us chooses the id, also its length.
Bytes digest_of(const Node& stanza) {
  std::string name = stanza.tag;
  for (const char* key : {"id", "from", "participant"}) name += '\n' + stanza.text(key);
  return to_bytes(BytesView(sha256(as_bytes(name))));
}

}  // namespace

RefusedStanzas::RefusedStanzas(Database& database)
    : database_(database),
      login_(static_cast<std::int64_t>(read_big_endian(random_bytes(8)) >> 1)) {}

bool RefusedStanzas::enough(const Node& stanza, Nack why) {
  const Bytes digest = digest_of(stanza);
  const bool waited = stanza.has("offline") && why != Nack::kUnhandledError;
  std::int64_t deliveries = 1;
  bool later_login = false;
  bool known = false;
  {
    auto query =
        database_.prepare("SELECT login, deliveries FROM refused_stanzas WHERE digest = ?");
    query.bind(digest);
    if (query.step()) {
      known = true;
      later_login = query.integer(0) != login_;
      deliveries += query.integer(1);
    }
  }
  if (known) {
    database_.prepare("UPDATE refused_stanzas SET deliveries = ? WHERE digest = ?")
        .bind(deliveries, digest)
        .run();
  } else {
    log::warn("a stanza cannot be used ({}): {}", static_cast<int>(why), stanza.describe());
    database_.prepare("INSERT INTO refused_stanzas (digest, login, deliveries) VALUES (?, ?, ?)")
        .bind(digest, login_, deliveries)
        .run();
    database_.prepare("DELETE FROM refused_stanzas WHERE row_id <= ?")
        .bind(database_.last_insert_id() - kMostRemembered)
        .run();
  }
  return waited || later_login || deliveries >= kMostDeliveries;
}

}  // namespace wasync
