// An account in a state directory, and what the parts of its run see of it, without a network.
#pragma once

#include <doctest/doctest.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "service/held_account.h"
#include "session/device/account_file.h"
#include "session/device/device.h"
#include "unit/inbox/fixture.h"
#include "unit/wire/loopback.h"

namespace wasync::test {

// Looks again and again, for what is no event of the loop: what other threads do, say.
template <typename Condition>
void until(wasync::testing::Loop& loop, Condition condition) {
  const auto looking = [](boost::asio::io_context& io,
                          Condition met) -> boost::asio::awaitable<void> {
    boost::asio::steady_timer timer(io);
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!met()) {
      REQUIRE_MESSAGE(std::chrono::steady_clock::now() < limit, "took too long");
      timer.expires_after(std::chrono::milliseconds(1));
      co_await timer.async_wait(boost::asio::use_awaitable);
    }
  };
  loop.run(looking(loop.io, condition));
}

// A linked account's file.
struct StoredAccount {
  ScratchDir scratch;
  StateDir state = StateDir::open(scratch.path() / "state");
  AccountId id = account_id_for(kPhone);

  StoredAccount() {
    const AccountFile file = AccountFile::create(state, id);
    const DeviceKeys keys = DeviceKeys::generate();
    SignalStore store(*file.database);
    Transaction transaction(*file.database, "test");
    const wasync::Device device{.noise = keys.noise,
                                .jid = jid("40737123397:3@s.whatsapp.net"),
                                .lid = jid("99887766:3@lid"),
                                .platform = "android",
                                .signed_identity = {1},
                                .full_history_requested = true};
    replace_device(store, device, keys);
    put_account(*file.database, {.id = id,
                                 .phone = std::string(kPhone),
                                 .jid = device.jid,
                                 .lid = device.lid,
                                 .status = AccountStatus::kConnecting});
    transaction.commit();
  }
  // Beside whoever has it.
  Database open() const { return Database(state.account_file(id)); }
  Account row() const {
    Database database = open();
    return read_account(database).value();
  }
  void change(const std::function<void(Account&)>& what) const {
    Database database = open();
    update_account(database, what);
  }
  void put_message(std::string_view chat, const std::string& message) const {
    Database database = open();
    Transaction transaction(database, "test");
    InboxWriter inbox(database, kNow);
    inbox.put_message(inbound(chat, message, "text"));
    inbox.flush();
    transaction.commit();
  }
};

// The account, taken.
struct Held : StoredAccount {
  wasync::testing::Loop loop;
  std::optional<AccountFile> file = AccountFile::open(state, id);
  AccountState now = AccountState::kOnline;
  bool history_busy = false;
  std::vector<ServiceEvent> told{};
  std::vector<std::string> ended{};  // why connections were
  int wakes = 0;
  HeldAccount held{
      .id = id,
      .state = [this] { return now; },
      .database = [this] { return file ? file->database.get() : nullptr; },
      .is_online = [this] { return now == AccountState::kOnline; },
      .session = [] { return nullptr; },
      .history_busy = [this] { return history_busy; },
      .end_connection = [this](const std::exception_ptr& why) { ended.push_back(what(why)); },
      .wake_uploads = [this] { ++wakes; },
      .report = [this](const ServiceEvent& event) { told.push_back(event); }};

  Database& db() { return *file->database; }
  Account row() { return read_account(db()).value(); }
  static std::string what(const std::exception_ptr& reason) {
    try {
      std::rethrow_exception(reason);
    } catch (const std::exception& error) {
      return error.what();
    }
  }
};

// Those of one kind.
template <typename Event>
std::vector<Event> events(const std::vector<ServiceEvent>& told) {
  std::vector<Event> out;
  for (const ServiceEvent& event : told)
    if (const auto* found = std::get_if<Event>(&event)) out.push_back(*found);
  return out;
}

}  // namespace wasync::test
