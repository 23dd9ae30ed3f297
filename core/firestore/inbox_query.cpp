#include "firestore/inbox_query.h"

#include <algorithm>

#include "firestore/documents.h"

namespace wasync::firestore {
namespace {

InboxThread inbox_thread(const Document& document) {
  InboxThread out{.facts = thread_facts(document)};
  out.name = display_name(out.facts);
  out.hidden_because = hidden_because(out.facts);
  out.sort_time = {sort_time_ms(out.facts) / 1000};
  const AdoptedThread told = adopted_thread(document);
  out.direction = told.direction;
  out.unread = told.unread;
  out.placeholder = !told.direction && out.facts.last_message_text.empty();
  return out;
}

}  // namespace

std::vector<InboxThread> inbox_threads(Client& client, const AccountId& account, std::size_t most) {
  const std::vector<Document> documents = client.run_query(
      {.collection = "threads",
       .equal = {{"accountId", account.str()}},
       .order_by = "lastMessageAt",
       .descending = true,
       .limit = static_cast<std::int64_t>(std::min<std::size_t>(most, kInboxQueryLimit))});
  std::vector<InboxThread> out;
  out.reserve(documents.size());
  for (const Document& document : documents) out.push_back(inbox_thread(document));
  std::ranges::stable_sort(out, std::ranges::greater{}, &InboxThread::sort_time);
  return out;
}

std::optional<std::string> account_status(Client& client, const AccountId& account) {
  const std::string path = "accounts/" + account.str();
  const auto document = client.batch_get(std::span(&path, 1), {"status"}).front();
  if (!document) return std::nullopt;
  return std::string(text_of(document->fields, "status"));
}

}  // namespace wasync::firestore
