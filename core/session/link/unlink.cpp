#include "session/link/unlink.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <optional>

#include "base/deadline.h"
#include "base/error.h"
#include "base/sqlite.h"
#include "inbox/account.h"
#include "inbox/history_queue.h"
#include "session/connection/outdated_version.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

// Ends the stream with the outcome, which is what run() then throws: kInterrupted when the
// device was removed.
asio::awaitable<void> remove(std::shared_ptr<Stream> stream, Jid device) {
  try {
    Node target("remove-companion-device",
                {{"jid", std::move(device)}, {"reason", "user_initiated"}});
    Node request("iq", {{"to", server_jid()}, {"type", "set"}, {"xmlns", "md"}},
                 std::vector<Node>{std::move(target)});
    co_await stream->query(std::move(request));
    stream->close(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "unlinked")));
  } catch (...) {
    stream->close(std::current_exception());
  }
}

// Forgets the device; what it was to fetch cannot be had any more.
void forget(Database& database) {
  SignalStore signal(database);
  Transaction transaction(database, "unlink");
  forget_device(signal);
  HistoryQueue(database).clear();
  update_account(database, [](Account& row) {
    row.status = AccountStatus::kLoggedOut;
    row.last_disconnected_at = UnixSeconds::now();
    row.last_disconnect_reason = "unlinked from this host";
    row.last_error.clear();
  });
  transaction.commit();
}

}  // namespace

asio::awaitable<Unlinked> unlink_device(SessionOptions options, Device device) {
  const auto executor = co_await asio::this_coro::executor;
  Bytes payload = login_payload(options.companion, device);
  auto connection = co_await Connection::connect(options.endpoint, device.noise, std::move(payload),
                                                 options.connect_timeout);
  const auto stream = std::make_shared<Stream>(executor, std::move(connection), options.timings);
  const auto until = std::chrono::steady_clock::now() + options.timings.iq_timeout;
  const Deadline deadline(executor, until, [stream] {
    stream->close(std::make_exception_ptr(
        Error(ErrorCode::kTimeout, Phrase{"WhatsApp did not answer the request to unlink",
                                          "WhatsApp nu a răspuns la cererea de deconectare"})));
  });
  bool logged_in = false;
  try {
    co_await stream->run([&](const Node& node) {
      if (node.tag != "success" || logged_in) return;
      logged_in = true;
      asio::co_spawn(executor, remove(stream, device.jid), asio::detached);
    });
  } catch (const Error& error) {
    // The server may end the stream of a removed device before it answers.
    if (error.code() != ErrorCode::kInterrupted && error.code() != ErrorCode::kLoggedOut)
      std::rethrow_exception(with_version(std::current_exception(), options.companion));
  }
  co_return logged_in ? Unlinked::kNow : Unlinked::kAlready;
}

asio::awaitable<Unlinked> unlink_account(Database& database, SessionOptions options) {
  Unlinked outcome = Unlinked::kAlready;
  const auto device = load_device(database);
  const auto row = read_account(database);
  if (device && !(row && row->status == AccountStatus::kLoggedOut)) {
    Device linked = *device;
    outcome = co_await unlink_device(std::move(options), std::move(linked));
  }
  forget(database);
  co_return outcome;
}

}  // namespace wasync
