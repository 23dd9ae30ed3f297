#include "firestore/adoption.h"

#include "base/error.h"
#include "base/log.h"
#include "base/sqlite.h"
#include "firestore/documents.h"
#include "inbox/account.h"

namespace wasync::firestore {
namespace {

constexpr std::int64_t kPage = 300;

// The fields that the Inbox's rules use. We do not read the rest of a thread document.
std::vector<std::string> thread_fields() {
  return {"displayName",
          "groupSubject",
          "lastMessageAt",
          "lastMessageAtMs",
          "lastMessageText",
          "lastMessagePreview",
          "lastMessageDirection",
          "lastMessageSenderName",
          "unreadCount",
          "hidden",
          "archived",
          "historyExhausted",
          "lastBackfillAt",
          "redirectTo",
          "canonicalThreadId"};
}

// One page; returns the last document's path, empty after the last page.
std::string adopt_page(Database& database, Client& client, const AccountId& account,
                       const Query& query, std::int64_t& threads) {
  const std::vector<Document> page = client.run_query(query);
  Transaction transaction(database, "adopted");
  for (const Document& document : page) {
    // Our own writes go to the document with this id, so the id must name this account too.
    const auto id = ThreadId::parse(document.id());
    if (id && id->account() == account && adopt_thread(database, adopted_thread(document)))
      ++threads;
    else
      log::info("a thread document of another form was left alone");
  }
  transaction.commit();
  return static_cast<std::int64_t>(page.size()) < query.limit ? std::string() : page.back().path;
}

}  // namespace

std::string name_of(const Target& target) {
  const std::string where = target.emulator.empty() ? target.origin : target.emulator;
  return (where.empty() ? where : where + "/") + target.root();
}

std::int64_t adopt(Database& database, Client& client) {
  const std::string target = name_of(client.target());
  if (upload_target(database) == target) return 0;
  const auto account = read_account(database);
  if (!account)
    throw Error(ErrorCode::kNotPaired,
                Phrase{"this account file has no account", "fișierul nu conține niciun cont"});
  if (!upload_target(database).empty()) {
    Transaction transaction(database, "upload target left");
    forget_uploads(database);
    transaction.commit();
  }
  const std::string path = "accounts/" + account->id.str();
  const bool known = client.batch_get(std::span(&path, 1), {"createdAt"}).front().has_value();

  Query query{.collection = "threads",
              .equal = {{"accountId", account->id.str()}},
              .limit = kPage,
              .fields = thread_fields()};
  std::int64_t threads = 0;
  do {
    query.start_after = adopt_page(database, client, account->id, query, threads);
  } while (!query.start_after.empty());

  Transaction transaction(database, "upload target");
  set_upload_target(database, target);
  if (known) mark_account_known(database);
  transaction.commit();
  return threads;
}

}  // namespace wasync::firestore
