// Choosing accounts and explaining an empty list, over real account files.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/error.h"
#include "cli/account_choice.h"
#include "cli/empty_inbox.h"
#include "inbox/schema.h"
#include "inbox/state_dir.h"
#include "inbox/store.h"
#include "scratch_dir.h"

namespace listing_test {

using namespace wasync;

namespace {

struct Scratch {
  test::ScratchDir directory;

  GlobalOptions options(const std::string& account = {}) const {
    GlobalOptions options;
    options.state_dir = directory / "state";
    options.account = account;
    return options;
  }

  Account add(const std::string& phone, const std::string& name) const {
    const StateDir state = StateDir::open(directory / "state");
    Account account{.id = account_id_for(phone)};
    account.phone = phone;
    account.name = name;
    account.jid = *Jid::parse(phone.substr(1) + ":3@s.whatsapp.net");
    state.create_account(account.id);
    Database database(state.account_file(account.id));
    migrate_inbox(database);
    Transaction transaction(database, "test");
    put_account(database, account);
    transaction.commit();
    return account;
  }

  void make_newer(const Account& account) const {
    const StateDir state = StateDir::open(directory / "state");
    Database database(state.account_file(account.id));
    database.execute("UPDATE schema_versions SET version = 999 WHERE component = 'inbox'");
  }
};

std::string explanation(const std::vector<OpenAccount>& accounts, bool filtered = false,
                        Language language = Language::kEnglish) {
  Console console;
  console.language = language;
  return explain_empty_list(console, accounts, filtered);
}

ErrorCode failure(const GlobalOptions& options) {
  try {
    chosen_accounts(options);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

void change(const OpenAccount& account, const std::function<void(Account&)>& how) {
  update_account(*account.database, how);
}

}  // namespace

TEST_CASE("without any account the advice is to pair one") {
  const Scratch scratch;
  CHECK(failure(scratch.options()) == ErrorCode::kNotPaired);
  CHECK_FALSE(std::filesystem::exists(scratch.options().state_dir));  // looking makes nothing
}

TEST_CASE("an account is found by id, phone or name, and never by guessing") {
  const Scratch scratch;
  const Account shop = scratch.add("+40737123397", "Shop");
  const Account home = scratch.add("+40722000111", "Shop at home");
  const auto chosen = [&](const std::string& text) {
    const auto accounts = chosen_accounts(scratch.options(text)).open;
    CHECK(accounts.size() == 1);
    return accounts.front().account.phone;
  };
  CHECK(chosen_accounts(scratch.options()).open.size() == 2);
  CHECK(chosen(shop.id.str()) == shop.phone);
  CHECK(chosen("+40 737 123 397") == shop.phone);
  CHECK(chosen("0040722000111") == home.phone);
  CHECK(chosen("40722000111@s.whatsapp.net") == home.phone);
  CHECK(chosen("shop") == shop.phone);  // the whole name before a part of one
  CHECK(chosen("HOME") == home.phone);
  CHECK(failure(scratch.options("sho")) == ErrorCode::kUsage);
  CHECK(failure(scratch.options("nobody")) == ErrorCode::kUsage);
}

TEST_CASE("an account that cannot be read is named, and the others are there") {
  const Scratch scratch;
  const Account shop = scratch.add("+40737123397", "Shop");
  const Account home = scratch.add("+40722000111", "Home");
  scratch.make_newer(home);
  const Accounts both = chosen_accounts(scratch.options());
  REQUIRE(both.open.size() == 1);
  CHECK(both.open.front().account.id == shop.id);
  REQUIRE(both.unreadable.size() == 1);
  CHECK(both.unreadable.front().account.phone == home.phone);
  CHECK(both.unreadable.front().why.code() == ErrorCode::kStoreTooNew);

  // One that is named is all that counts, and so is why it cannot be read.
  CHECK(chosen_accounts(scratch.options("Shop")).unreadable.empty());
  CHECK(chosen_account(scratch.options("Shop")).id == shop.id);
  CHECK(failure(scratch.options("Home")) == ErrorCode::kStoreTooNew);
  CHECK(failure(scratch.options(home.id.str())) == ErrorCode::kStoreTooNew);
  // With two accounts here, a command for one of them does not take the one it can read.
  CHECK_THROWS_AS(chosen_account(scratch.options()), Error);
  // When none can be read, there is nothing to list.
  scratch.make_newer(shop);
  CHECK(failure(scratch.options()) == ErrorCode::kStoreTooNew);
}

TEST_CASE("an account that fails while it is read does not take the others along") {
  const Scratch scratch;
  const Account shop = scratch.add("+40737123397", "Shop");
  scratch.add("+40722000111", "Home");
  Accounts accounts = chosen_accounts(scratch.options());
  int read = 0;
  accounts.for_each([&](const OpenAccount& each) {
    if (each.account.id == shop.id) throw Error(ErrorCode::kStore, "a damaged page");
    ++read;
  });
  CHECK(read == 1);
  REQUIRE(accounts.unreadable.size() == 1);
  CHECK(accounts.unreadable.front().account.id == shop.id);
  CHECK(accounts.open.size() == 1);
}

TEST_CASE("an empty list is explained by what is known") {
  const Scratch scratch;
  scratch.add("+40737123397", "Shop");
  const auto load = [&] { return chosen_accounts(scratch.options()).open; };

  CHECK(explanation(load()).find("sent no history") != std::string::npos);
  CHECK(explanation(load()).find("pair --again") != std::string::npos);
  CHECK(explanation(load()).ends_with("\nIs anything else wrong? wa-sync diagnose"));
  CHECK(explanation(load(), false, Language::kRomanian).find("trimite/primește un mesaj nou") !=
        std::string::npos);

  change(load().front(), [](Account& account) {
    account.history_sync_count = 2;
    account.last_history_result.progress = 40;
  });
  CHECK(explanation(load()).find("40%") != std::string::npos);

  change(load().front(), [](Account& account) { account.history_complete = true; });
  CHECK(explanation(load()).find("no chats in it") != std::string::npos);

  {
    const auto accounts = load();
    Transaction transaction(*accounts.front().database, "test");
    InboxWriter inbox(*accounts.front().database);
    inbox.put_conversation({.chat = *Jid::parse("40722000111@s.whatsapp.net"),
                            .name = "Ana",
                            .last_activity = {1'772'366'400}});
    inbox.flush();
    transaction.commit();
  }
  CHECK(explanation(load(), true).find("1 in all") == std::string::npos);
  CHECK(explanation(load(), true).find("1 conversation") != std::string::npos);
  CHECK(explanation(load()).find("--hidden") != std::string::npos);
}

}  // namespace listing_test
