// The Inbox's documents: which fields a row of ours becomes. Field names, types and rules follow
// the Inbox contract; no other file knows them.
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
// In an adopted thread the Inbox may hold the message already. The first upload then writes only if
// the document is missing, so that what came first keeps its source and its times. `known`: the
// document turned out to be there; this is the write to send instead.
DocumentWrite message_document(const Account& account, const DirtyMessage& message,
                               bool known = false);
DocumentWrite contact_document(const AccountId& account, const DirtyContact& contact);

// The other way: what a thread document says.
AdoptedThread adopted_thread(const Document& document);
ThreadFacts thread_facts(const Document& document);

}  // namespace wasync::firestore
