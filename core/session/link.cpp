#include "session/link.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/error.h"
#include "base/log.h"
#include "session/adv.h"
#include "session/qr_payload.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

using Clock = std::chrono::steady_clock;

// After the pairing the server closes the connection within a second; we do not insist.
constexpr std::chrono::seconds kRestartPatience{10};

Error nobody_scanned() {
  return {ErrorCode::kTimeout, "nobody scanned the QR code in time",
          "run the command again; on the phone: WhatsApp > Linked devices > Link a device"};
}

// One connection on which a phone may scan one of a batch of codes.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(asio::any_io_executor executor, const LinkOptions& options, const LinkEvents& events,
          Stop& stop, Clock::time_point deadline)
      : executor_(executor),
        options_(options),
        events_(events),
        stop_(stop),
        deadline_(deadline),
        timer_(executor) {}

  // True when linked; false when all codes were used up.
  asio::awaitable<bool> run() {
    const auto self = shared_from_this();
    Bytes payload = registration_payload(options_.companion, keys_);
    auto connection = co_await Connection::connect(options_.endpoint, keys_.noise,
                                                   std::move(payload), options_.connect_timeout);
    stream_ = std::make_shared<Stream>(executor_, std::move(connection), options_.timings);
    stop_.wake_by([stream = stream_](std::exception_ptr reason) { stream->close(reason); });
    asio::co_spawn(executor_, keep_alive(stream_), asio::detached);
    // Also a server that never sends a code must not keep us waiting.
    wait_then_close(options_.timings.iq_timeout,
                    Error(ErrorCode::kTimeout, "WhatsApp sent no QR code",
                          "check the network, then run the command again"));
    try {
      co_await stream_->run([self](const Node& node) { self->handle(node); });
    } catch (const Error&) {
      timer_.cancel();
      if (!linked_ && !used_up_) throw;
    }
    co_return linked_;
  }

 private:
  static asio::awaitable<void> keep_alive(std::shared_ptr<Stream> stream) {
    co_await stream->keep_alive();
  }

  void handle(const Node& node) {
    if (node.tag != "iq") return;
    if (const Node* pair_device = node.child("pair-device")) {
      reply(node);
      asio::co_spawn(executor_, show_codes(shared_from_this(), *pair_device), asio::detached);
    } else if (const Node* success = node.child("pair-success")) {
      handle_success(node, *success);
    } else if (node.text("type") == "get") {
      reply(node);
    }
  }

  void reply(const Node& request, std::vector<Node> content = {}) {
    Node answer("iq", {{"to", server_jid()}, {"type", "result"}, {"id", request.text("id")}});
    if (!content.empty()) answer.content = std::move(content);
    stream_->send(answer);
  }

  // `pair_device` is copied: the stanza is gone once this first suspends.
  static asio::awaitable<void> show_codes(std::shared_ptr<Attempt> self, Node pair_device) {
    try {
      auto lifetime = self->options_.first_code_lifetime;
      for (const Node* ref : pair_device.children_named("ref")) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(self->deadline_ - Clock::now());
        if (left <= std::chrono::milliseconds::zero()) throw nobody_scanned();
        lifetime = std::min(lifetime, left);
        self->events_.on_code(qr_payload(as_text(ref->bytes()), self->keys_), lifetime);
        if (!co_await self->wait(lifetime)) co_return;
        lifetime = self->options_.code_lifetime;
      }
      self->used_up_ = true;
      throw nobody_scanned();
    } catch (...) {
      self->stream_->close(std::current_exception());
    }
  }

  // False when the wait ended early because something happened.
  asio::awaitable<bool> wait(std::chrono::milliseconds duration) {
    timer_.expires_after(duration);
    boost::system::error_code cancelled;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    co_return !cancelled;
  }

  void wait_then_close(std::chrono::milliseconds duration, Error reason) {
    timer_.expires_after(duration);
    timer_.async_wait([self = shared_from_this(), reason](boost::system::error_code cancelled) {
      if (!cancelled) self->stream_->close(std::make_exception_ptr(reason));
    });
  }

  void handle_success(const Node& request, const Node& success) {
    timer_.cancel();
    try {
      const Node* identity = success.child("device-identity");
      const Node* device_node = success.child("device");
      const auto jid = device_node != nullptr ? device_node->jid("jid") : std::nullopt;
      if (identity == nullptr || !jid || !phone_of(*jid)) {
        throw Error(ErrorCode::kProtocol, "WhatsApp confirmed the link without saying whose it is");
      }
      const VerifiedIdentity verified = verify_and_sign(identity->bytes(), keys_);
      const Node* platform = success.child("platform");
      const Node* business = success.child("biz");
      const Device device{.noise = keys_.noise,
                          .jid = *jid,
                          .lid = device_node->jid("lid").value_or(Jid{}),
                          .platform = platform != nullptr ? platform->text("name") : "",
                          .business_name = business != nullptr ? business->text("name") : "",
                          .signed_identity = verified.signed_identity,
                          .paired_at = UnixSeconds::now(),
                          .full_history_requested = options_.companion.full_history};
      events_.on_linked(device, keys_, verified.account_key);
      confirm(request, verified);
    } catch (const Error& error) {
      refuse(request, error);
      throw;
    }
  }

  void confirm(const Node& request, const VerifiedIdentity& verified) {
    Node identity("device-identity", {{"key-index", std::to_string(verified.key_index)}},
                  verified.reply);
    std::vector<Node> sign;
    sign.emplace_back("pair-device-sign", Node::Attributes{}, std::vector<Node>{identity});
    reply(request, std::move(sign));
    linked_ = true;
    wait_then_close(kRestartPatience,
                    Error(ErrorCode::kNetwork, "WhatsApp did not ask for a new connection"));
  }

  void refuse(const Node& request, const Error& error) {
    const bool untrusted = error.code() == ErrorCode::kPairingFailed;
    Node reason("error", {{"code", untrusted ? "401" : "500"},
                          {"text", untrusted ? "signature-mismatch" : "internal-error"}});
    stream_->send(Node("iq", {{"to", server_jid()}, {"type", "error"}, {"id", request.text("id")}},
                       std::vector<Node>{reason}));
  }

  asio::any_io_executor executor_;
  const LinkOptions& options_;
  const LinkEvents& events_;
  Stop& stop_;
  Clock::time_point deadline_;
  asio::steady_timer timer_;
  DeviceKeys keys_ = DeviceKeys::generate();
  std::shared_ptr<Stream> stream_;
  bool linked_ = false;
  bool used_up_ = false;
};

}  // namespace

asio::awaitable<void> link_device(LinkOptions options, LinkEvents events, Stop& stop) {
  const auto executor = co_await asio::this_coro::executor;
  const auto deadline = Clock::now() + options.timeout;
  while (true) {
    const auto attempt = std::make_shared<Attempt>(executor, options, events, stop, deadline);
    if (co_await attempt->run()) co_return;
    stop.throw_if_requested();
    if (Clock::now() >= deadline) throw nobody_scanned();
    log::info("all QR codes of this connection were used up; asking for new ones");
  }
}

}  // namespace wasync
