#include "session/receive/stanza_group.h"

#include "inbox/left_out.h"
#include "signal/store.h"

namespace wasync {

Database& StanzaGroup::database() {
  return store().database();
}

SignalStore& StanzaGroup::store() {
  if (!transaction_) transaction_.emplace(store_.database(), "message");
  return store_;
}

InboxWriter& StanzaGroup::inbox() {
  if (!inbox_) inbox_.emplace(database());
  return *inbox_;
}

SignalCipher& StanzaGroup::cipher(IdentityPolicy policy) {
  auto& cipher = policy == IdentityPolicy::kRefuseChanges ? refusing_ : trusting_;
  if (!cipher) cipher.emplace(store(), policy);
  return *cipher;
}

void StanzaGroup::commit() {
  if (!transaction_) return;
  const UnixSeconds now = UnixSeconds::now();
  add_left_out(store_.database(), LeftOut::kOfShare, outcome.left_out, now);
  add_left_out(store_.database(), LeftOut::kNotAsked, outcome.not_asked, now);
  if (inbox_) {
    inbox_->flush();  // which counts its own
    outcome.left_out += inbox_->counts().left_out;
    outcome.identities_changed += inbox_->counts().identities_changed;
  }
  transaction_->commit();
  inbox_.reset();
  transaction_.reset();
}

}  // namespace wasync
