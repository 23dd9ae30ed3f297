#include "session/receive/chat_addresses.h"

#include "inbox/queries.h"

namespace wasync {

std::vector<Jid> chat_addresses(Database& database, const Jid& chat) {
  const Jid known = chat.bare();
  if (known.is_lid()) {
    const auto phone = phone_for_lid(database, known);
    if (!phone) return {known};
    return {known, {.user = phone->substr(1), .server = std::string(jid_server::kUser)}};
  }
  const auto lid = phone_of(known) ? lid_for_phone(database, known) : std::nullopt;
  if (!lid) return {known};
  return {lid->bare(), known};
}

}  // namespace wasync
