#include "firestore/upload_pass.h"

#include <algorithm>
#include <set>

#include "unit/inbox/fixture.h"

namespace upload_pass_test {

using namespace wasync;
using namespace wasync::firestore;
using namespace wasync::test;

namespace {

constexpr std::string_view kBogdan = "40722222222@s.whatsapp.net";
constexpr std::string_view kCora = "40733333333@s.whatsapp.net";

struct Inbox : InboxFile {
  std::string thread_path(std::string_view chat) const {
    return "threads/" + thread_id(chat).str();
  }
  std::string message_path(std::string_view chat, const std::string& id) const {
    return thread_path(chat) + "/messages/" + id;
  }
  std::string contact_path() const { return "contacts/" + contact_document_id(account, jid(kAna)); }
  std::string account_path() const { return "accounts/" + account.str(); }
};

// Two messages of Ana's, a newer one of Bogdan's, Cora's thread without any, a contact.
void fill(Inbox& file) {
  file.write([](InboxWriter& inbox) {
    inbox.put_message(inbound(kAna, "A1", "older", 200));
    inbox.put_message(inbound(kAna, "A2", "newer", 100));
    inbox.put_message(inbound(kBogdan, "B", "newest", 5));
    inbox.put_conversation(conversation(kCora, "Cora", 300));
    inbox.put_contact({.jid = jid(kAna), .saved_name = "Ana"});
  });
}

// What comes, each settled as it comes.
std::vector<std::string> all_of(UploadPass& pass, const std::set<std::string>& failing = {}) {
  std::vector<std::string> paths;
  while (const auto upload = pass.next()) {
    paths.push_back(upload->write.path);
    pass.settle(*upload, !failing.contains(upload->write.path));
  }
  return paths;
}

}  // namespace

TEST_CASE("newest threads first, their messages newest first, then the rest") {
  Inbox file;
  fill(file);
  UploadPass pass(file.db, {});
  const std::vector<std::string> expected = {file.message_path(kBogdan, "B"),
                                             file.message_path(kAna, "A2"),
                                             file.thread_path(kBogdan),
                                             file.message_path(kAna, "A1"),
                                             file.thread_path(kAna),
                                             file.thread_path(kCora),
                                             file.contact_path(),
                                             file.account_path()};
  const auto paths = all_of(pass);
  CHECK(std::multiset(paths.begin(), paths.end()) ==
        std::multiset(expected.begin(), expected.end()));
  CHECK(paths.front() == expected.front());
  const auto place = [&](const std::string& path) { return std::ranges::find(paths, path); };
  CHECK(place(file.message_path(kAna, "A2")) < place(file.message_path(kAna, "A1")));
  CHECK(place(file.thread_path(kBogdan)) < place(file.thread_path(kAna)));
  CHECK(place(file.thread_path(kAna)) < place(file.thread_path(kCora)));
  CHECK(std::vector(paths.end() - 2, paths.end()) ==
        std::vector{file.contact_path(), file.account_path()});
  CHECK_FALSE(pass.next());
}

TEST_CASE("a thread waits until its last message is there") {
  Inbox file;
  fill(file);
  UploadPass pass(file.db, {.contacts = false, .account = AccountTurn::kNever});
  std::vector<Upload> messages;
  std::vector<std::string> others;
  while (auto upload = pass.next()) {
    if (upload->thread == 0)
      others.push_back(upload->write.path);
    else
      messages.push_back(*std::move(upload));
  }
  CHECK(messages.size() == 3);
  CHECK(others == std::vector{file.thread_path(kCora)});
  pass.settle(messages[1], true);
  CHECK_FALSE(pass.next());
  pass.settle(messages[2], true);
  REQUIRE(messages[1].thread == messages[2].thread);
  CHECK(pass.next()->write.path == file.thread_path(kAna));
  CHECK_FALSE(pass.next());
  pass.settle(messages[0], true);
  CHECK(pass.next()->write.path == file.thread_path(kBogdan));
  CHECK_FALSE(pass.next());
}

TEST_CASE("a thread whose message failed is for another pass") {
  Inbox file;
  fill(file);
  UploadPass pass(file.db, {});
  const auto paths = all_of(pass, {file.message_path(kAna, "A2")});
  CHECK(std::ranges::count(paths, file.thread_path(kAna)) == 0);
  CHECK(std::ranges::count(paths, file.thread_path(kBogdan)) == 1);
  CHECK(std::ranges::count(paths, file.message_path(kAna, "A1")) == 1);
  UploadPass again(file.db, {});
  CHECK(std::ranges::count(all_of(again), file.thread_path(kAna)) == 1);
}

TEST_CASE("what is set aside is not offered and holds nothing up") {
  Inbox file;
  fill(file);
  for (const DirtyMessage& each : all_dirty_messages(file.db)) {
    Transaction transaction(file.db, "test");
    set_aside(file.db, each.mark, "refused");
    transaction.commit();
  }
  UploadPass pass(file.db, {});
  const auto paths = all_of(pass);
  CHECK(paths.size() == 5);
  CHECK(std::ranges::count(paths, file.thread_path(kAna)) == 1);
}

TEST_CASE("contacts and the account come when they are asked for") {
  Inbox file;
  fill(file);
  const auto with = [&](UploadPass::Scope scope) {
    UploadPass pass(file.db, scope);
    return all_of(pass);
  };
  CHECK(with({.account = AccountTurn::kFirst}).front() == file.account_path());
  CHECK(with({.account = AccountTurn::kLast}).back() == file.account_path());
  for (const AccountTurn turn : {AccountTurn::kFirst, AccountTurn::kLast})
    CHECK(with({.account = turn}).size() == 8);
  CHECK(with({.account = AccountTurn::kNever}).back() == file.contact_path());
  const auto bare = with({.contacts = false, .account = AccountTurn::kNever});
  CHECK(bare.size() == 6);
  CHECK(std::ranges::count(bare, file.contact_path()) == 0);
}

TEST_CASE("many messages come each once, also where they were sent in the same second") {
  Inbox file;
  file.write([](InboxWriter& inbox) {
    for (int i = 0; i < 1201; ++i)
      inbox.put_message(inbound(kAna, "A" + std::to_string(i), "text", i / 700));
  });
  UploadPass pass(file.db, {.contacts = false, .account = AccountTurn::kNever});
  const auto paths = all_of(pass);
  CHECK(paths.size() == 1202);
  CHECK(std::set(paths.begin(), paths.end()).size() == 1202);
  CHECK(paths.back() == file.thread_path(kAna));
}

TEST_CASE("huge messages are read a few at a time, and all come") {
  Inbox file;
  const std::string body(800'000, 'x');
  file.write([&](InboxWriter& inbox) {
    for (int i = 0; i < 12; ++i)
      inbox.put_message(inbound(kAna, "A" + std::to_string(i), body, 100 + i));
  });
  const std::int64_t thread = threads_with_dirty_messages(file.db).at(0);
  CHECK(dirty_messages(file.db, thread, 500).size() <= 4);
  UploadPass pass(file.db, {.contacts = false, .account = AccountTurn::kNever});
  const auto paths = all_of(pass);
  REQUIRE(paths.size() == 13);
  for (int i = 0; i < 12; ++i)
    CHECK(paths[static_cast<std::size_t>(i)] == file.message_path(kAna, "A" + std::to_string(i)));
}

TEST_CASE("what changes during a pass is for the next one") {
  Inbox file;
  file.put(inbound(kAna, "A", "first", 100));
  UploadPass pass(file.db, {.contacts = false, .account = AccountTurn::kNever});
  const auto first = pass.next();
  REQUIRE(first);
  file.put(inbound(kAna, "B", "second", 50));
  pass.settle(*first, true);
  const auto rest = all_of(pass);
  CHECK(std::ranges::count(rest, file.message_path(kAna, "A")) == 0);
  // The thread may come now or later, but only once.
  CHECK(std::ranges::count(rest, file.thread_path(kAna)) == 1);
  UploadPass next(file.db, {.contacts = false, .account = AccountTurn::kNever});
  CHECK(std::ranges::count(all_of(next), file.message_path(kAna, "B")) == 1);
}

TEST_CASE("without an account there is nothing to walk over") {
  ScratchDir scratch;
  Database db(scratch.path() / "wa-sync.db");
  migrate_inbox(db);
  try {
    const UploadPass pass(db, {});
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kNotPaired);
  }
}

}  // namespace upload_pass_test
