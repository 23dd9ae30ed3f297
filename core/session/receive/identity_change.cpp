#include "session/receive/identity_change.h"

#include "base/log.h"

namespace wasync {

void note_identity_change(const Jid& who, UnixSeconds at, StanzaGroup& group) {
  if (who.device != 0 || !who.is_person()) return;
  if (group.inbox().put_identity_change(who, at)) {
    log::info("{} has a new identity key: the safety number changed", who.bare().to_string());
  }
}

}  // namespace wasync
