#include "session/session.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/error.h"
#include "base/log.h"
#include "base/sqlite.h"
#include "inbox/account.h"
#include "session/pre_keys.h"
#include "session/receipt.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

Device require_device(Database& database) {
  if (auto device = load_device(database)) return *std::move(device);
  throw Error(ErrorCode::kNotPaired, "this account is not linked to a phone",
              "link it: wa-sync pair");
}

asio::awaitable<void> keep_alive(std::shared_ptr<Stream> stream) {
  co_await stream->keep_alive();
}

}  // namespace

Session::Session(asio::any_io_executor executor, Database& database, SessionOptions options,
                 SessionEvents events)
    : executor_(std::move(executor)),
      database_(database),
      options_(std::move(options)),
      events_(std::move(events)),
      store_(database),
      device_(require_device(database)),
      receiver_(store_, device_) {}

asio::awaitable<void> Session::run() {
  const auto self = shared_from_this();
  std::exception_ptr reason;
  try {
    Endpoint endpoint = options_.endpoint;
    endpoint.routing_info = device_.routing_info;
    Bytes payload = login_payload(options_.companion, device_);
    auto connection = co_await Connection::connect(endpoint, device_.noise, std::move(payload),
                                                   options_.connect_timeout);
    stream_ = std::make_shared<Stream>(executor_, std::move(connection), options_.timings);
    if (closed_early_) stream_->close(closed_early_);
    asio::co_spawn(executor_, keep_alive(stream_), asio::detached);
    co_await stream_->run([self](const Node& node) { self->handle(node); });
  } catch (...) {
    reason = std::current_exception();
  }
  mark_disconnected(reason);
  std::rethrow_exception(reason);
}

void Session::close(std::exception_ptr reason) {
  if (stream_) {
    stream_->close(reason);
  } else {
    closed_early_ = reason;
  }
}

void Session::handle(const Node& node) {
  if (node.tag == "message") {
    handle_message(node);
  } else if (node.tag == "success") {
    handle_success(node);
  } else if (node.tag == "ib") {
    handle_info(node);
  } else if (node.tag == "iq") {
    if (node.text("type") == "get") {  // the server's ping
      stream_->send(
          Node("iq", {{"to", server_jid()}, {"type", "result"}, {"id", node.text("id")}}));
    }
  } else if (node.tag == "receipt" || node.tag == "notification" || node.tag == "call") {
    stream_->send(ack(node));
  } else {
    log::debug("ignored: {}", node.describe());
  }
}

void Session::handle_message(const Node& node) {
  const MessageReceiver::Outcome outcome = receiver_.receive(node);
  for (const Node& answer : outcome.answers) stream_->send(answer);
  if (outcome.history_queued && events_.on_history_queued) events_.on_history_queued();
  if (outcome.stored && events_.on_message) events_.on_message();
}

void Session::handle_success(const Node& node) {
  logged_in_ = true;
  if (const auto lid = node.jid("lid"); lid && lid->is_lid() && *lid != device_.lid) {
    device_.lid = *lid;
    Transaction transaction(database_);
    store_lid(database_, *lid);
    transaction.commit();
  }
  asio::co_spawn(
      executor_,
      [](std::shared_ptr<Session> self) -> asio::awaitable<void> {
        try {
          co_await self->after_login();
        } catch (...) {
          self->stream_->close(std::current_exception());
        }
      }(shared_from_this()),
      asio::detached);
}

asio::awaitable<void> Session::after_login() {
  co_await replenish_pre_keys(stream_, store_);
  Node active("iq", {{"to", server_jid()}, {"type", "set"}, {"xmlns", "passive"}},
              std::vector<Node>{Node("active")});
  co_await stream_->query(std::move(active));
  mark_connected();
  if (events_.on_ready) events_.on_ready();
}

void Session::handle_info(const Node& node) {
  for (const Node& child : node.children()) {
    if (child.tag != "edge_routing") continue;
    const Node* routing = child.child("routing_info");
    if (routing == nullptr || routing->bytes().empty()) continue;
    Transaction transaction(database_);
    store_routing_info(database_, routing->bytes());
    transaction.commit();
  }
}

void Session::mark_connected() {
  update_account(database_, [](Account& account) {
    account.status = AccountStatus::kConnected;
    account.last_connected_at = UnixSeconds::now();
    account.last_error.clear();
  });
}

void Session::mark_disconnected(const std::exception_ptr& reason) {
  std::string why;
  bool logged_out = false;
  try {
    std::rethrow_exception(reason);
  } catch (const Error& error) {
    why = error.what();
    logged_out = error.code() == ErrorCode::kLoggedOut;
  } catch (const std::exception& error) {
    why = error.what();
  }
  try {
    update_account(database_, [&](Account& account) {
      account.status = logged_out ? AccountStatus::kLoggedOut : AccountStatus::kDisconnected;
      account.last_disconnected_at = UnixSeconds::now();
      account.last_disconnect_reason = why;
    });
  } catch (const Error& error) {
    log::warn("the account's status could not be stored: {}", error.what());
  }
}

asio::awaitable<std::vector<std::string>> Session::media_hosts() {
  const auto self = shared_from_this();
  const auto now = std::chrono::steady_clock::now();
  if (!media_hosts_.empty() && now < media_hosts_expire_) co_return media_hosts_;
  if (!stream_) throw Error(ErrorCode::kNetwork, "not connected to WhatsApp");
  Node request("iq", {{"to", server_jid()}, {"type", "set"}, {"xmlns", "w:m"}},
               std::vector<Node>{Node("media_conn")});
  const Node answer = co_await stream_->query(std::move(request));
  const Node* media = answer.child("media_conn");
  std::vector<std::string> hosts;
  if (media != nullptr) {
    // Behind a plain loopback server (the simulator) the media are plain as well.
    const std::string scheme = options_.endpoint.url.starts_with("ws://") ? "http://" : "";
    for (const Node* host : media->children_named("host")) {
      hosts.push_back(scheme + host->text("hostname"));
    }
  }
  if (hosts.empty()) {
    throw Error(ErrorCode::kProtocol, "WhatsApp named no host to download history from");
  }
  media_hosts_ = hosts;
  media_hosts_expire_ = now + std::chrono::seconds(media->number("ttl").value_or(60));
  co_return hosts;
}

}  // namespace wasync
