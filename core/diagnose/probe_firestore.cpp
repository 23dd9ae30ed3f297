#include <algorithm>
#include <set>

#include "base/error.h"
#include "diagnose/probes.h"
#include "firestore/inbox_query.h"

namespace wasync::diagnosis {
namespace {

using firestore::Client;
using firestore::Document;
using firestore::FailedRequest;
using firestore::FailureKind;

constexpr std::int64_t kMostOfAPhone = 10;

std::int64_t limit_of(std::size_t most) {
  return static_cast<std::int64_t>(most);
}

// Google counts one read for an empty answer too.
std::int64_t cost(std::int64_t documents) {
  return std::max<std::int64_t>(1, documents);
}

bool is_no_answer(FailureKind kind) {
  return kind == FailureKind::kUnreachable || kind == FailureKind::kUnavailable ||
         kind == FailureKind::kExhausted || kind == FailureKind::kAborted ||
         kind == FailureKind::kMalformed;
}

// The answer, or the refusal of Firestore or of the token server. Rethrows other errors.
template <typename Answer>
std::variant<Answer, Refusal> answer_of(const std::function<Answer()>& ask) {
  try {
    return ask();
  } catch (const FailedRequest& refused) {
    const firestore::Failure& why = refused.failure;
    return Refusal{.unreachable = is_no_answer(why.kind),
                   .message = why.message.empty() ? Words(name(why.kind)) : why.message,
                   .create_index_link = why.create_index_link};
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInterrupted) throw;
    return Refusal{.unreachable = error.code() == ErrorCode::kFirestoreUnreachable,
                   .message = error.message()};
  }
}

UnixSeconds time_of(const Document& document, const char* field) {
  const auto* time = firestore::find<firestore::Timestamp>(document.fields, field);
  return time == nullptr ? UnixSeconds{} : UnixSeconds{time->seconds};
}

struct Account {
  AccountDocument document{};
  std::string phone{};
};

Account read_document(Client& client, const AccountId& account) {
  const std::string path = "accounts/" + account.str();
  const auto document = client
                            .batch_get(std::span(&path, 1), {"status", "phoneE164", "claimedBy",
                                                             "claimedLife", "leaseUntil"})
                            .front();
  if (!document) return {};
  return {.document = {.exists = true,
                       .status = std::string(text_of(document->fields, "status")),
                       .claimed_by = std::string(text_of(document->fields, "claimedBy")),
                       .claimed_life = std::string(text_of(document->fields, "claimedLife")),
                       .lease_until = time_of(*document, "leaseUntil")},
          .phone = std::string(text_of(document->fields, "phoneE164"))};
}

InboxSight query(Client& client, const AccountId& account, std::size_t most) {
  InboxSight out;
  std::set<std::string> phones;
  for (const firestore::InboxThread& thread : firestore::inbox_threads(client, account, most)) {
    add_to(out, thread.hidden_because, thread.placeholder);
    const std::string& phone = thread.facts.phone;
    if (!thread.hidden_because && !phone.empty() && !phones.insert(phone).second) ++out.same_phone;
  }
  return out;
}

struct Counts {
  std::int64_t threads = 0;
  std::int64_t with_time = 0;  // others the app's query passes over
};
Counts count_threads(Client& client, const AccountId& account, std::int64_t read,
                     std::size_t most) {
  firestore::Query all{.collection = "threads", .equal = {{"accountId", account.str()}}};
  Counts out{.threads = client.count(all), .with_time = read};
  if (read < static_cast<std::int64_t>(most)) return out;
  all.order_by = "lastMessageAt";
  all.descending = true;
  out.with_time = client.count(all);
  return out;
}

std::vector<SameAccount> others_of(Client& client, const AccountId& account,
                                   const std::string& phone) {
  std::vector<SameAccount> out;
  for (const Document& each : client.run_query({.collection = "accounts",
                              .equal = {{"phoneE164", phone}},
                              .limit = kMostOfAPhone,
                              .fields = {"status"}}))
    if (each.id() != account.str())
      out.push_back({.id = each.id(), .status = std::string(text_of(each.fields, "status"))});
  return out;
}

}  // namespace

void probe_firestore(Client& client, const AccountId& id, std::size_t most,
                     const std::function<void(const std::function<void(InFirestore&)>&)>& tell) {
  const auto begun = std::chrono::steady_clock::now();
  const auto account = answer_of<Account>([&] { return read_document(client, id); });
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begun);
  const auto* read = std::get_if<Account>(&account);
  tell([&](InFirestore& out) {
    out.document_took = took;
    if (read == nullptr) {
      out.document = std::variant<AccountDocument, Refusal>(std::get<Refusal>(account));
      return;
    }
    out.document = std::variant<AccountDocument, Refusal>(read->document);
    out.reads += 1;
  });
  if (read == nullptr) return;

  auto sight = answer_of<InboxSight>([&] { return query(client, id, most); });
  auto* threads = std::get_if<InboxSight>(&sight);
  std::int64_t reads = threads != nullptr ? cost(threads->threads) : 0;
  if (threads != nullptr && threads->shown == 0 && threads->threads == limit_of(most)) {
    most = kInboxQueryLimit;
    sight = answer_of<InboxSight>([&] { return query(client, id, most); });
    threads = std::get_if<InboxSight>(&sight);
    if (threads != nullptr) reads += cost(threads->threads);
  }
  tell([&](InFirestore& out) {
    out.query = sight;
    out.reads += reads;
  });
  if (threads == nullptr) return;

  const Counts counts = count_threads(client, id, threads->threads, most);
  threads->not_read = std::max<std::int64_t>(
      0, std::min(counts.with_time, limit_of(kInboxQueryLimit)) - threads->threads);
  tell([&](InFirestore& out) {
    out.query = sight;
    out.without_last_message_at = std::max<std::int64_t>(0, counts.threads - counts.with_time);
    out.reads += 2 + (counts.threads + counts.with_time) / 1000;
  });
  if (read->phone.empty()) return;
  auto others = others_of(client, id, read->phone);
  tell([&](InFirestore& out) {
    out.reads += static_cast<std::int64_t>(others.size()) + 1;
    out.same_phone = std::move(others);
  });
}

}  // namespace wasync::diagnosis
