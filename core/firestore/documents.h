// The Inbox's documents: which fields a row of ours becomes. The field names, their types and the
// rules are those of the Inbox contract, and stand here and nowhere else.
#pragma once

#include <string>

#include "firestore/client.h"
#include "firestore/write.h"
#include "inbox/account.h"
#include "inbox/adopt.h"
#include "inbox/dirty.h"
#include "inbox/visibility.h"

namespace wasync::firestore {

inline constexpr std::size_t kMaxDocumentBytes = 1 << 20;

// `is_new`: the Inbox does not know the account yet.
DocumentWrite account_document(const Account& account, bool is_new);
DocumentWrite thread_document(const AccountId& account, const DirtyThread& thread);
// A message the Inbox may hold already, in an adopted thread, is written only if it is missing:
// what came first keeps its source and its times. `known`: it turned out to be there.
DocumentWrite message_document(const Account& account, const DirtyMessage& message,
                               bool known = false);
DocumentWrite contact_document(const AccountId& account, const DirtyContact& contact);

// The other way: what a thread document says.
AdoptedThread adopted_thread(const Document& document);
ThreadFacts thread_facts(const Document& document);

}  // namespace wasync::firestore
