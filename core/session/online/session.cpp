#include "session/online/session.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstdlib>

#include "base/error.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "base/sqlite.h"
#include "inbox/account.h"
#include "inbox/queries.h"
#include "inbox/store.h"
#include "session/connection/outdated_version.h"
#include "session/connection/receipt.h"
#include "session/connection/unified_session.h"
#include "session/device/generation.h"
#include "session/receive/peer_message.h"
#include "session/receive/phone_requests.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

constexpr std::int64_t kTolerableSkewS = 300;
constexpr std::size_t kBurst = 4;  // stanzas that are stored together
// It goes into the address of the next connection; real ones have some 10 bytes.
constexpr std::size_t kMaxRoutingInfo = 512;

Device require_device(Database& database) {
  if (auto device = load_device(database)) return *std::move(device);
  throw Error(
      ErrorCode::kNotPaired,
      Phrase{"this account is not linked to a phone", "acest cont nu este conectat la un telefon"},
      Phrase{"Link it: wa-sync pair", "Conectează-l: wa-sync pair"});
}

// Stanzas that want no answer. (An <iq> gets one of its own kind.)
bool is_unanswered(const Node& node) {
  constexpr std::array<std::string_view, 3> kTags{"ack", "presence", "chatstate"};
  return std::find(kTags.begin(), kTags.end(), node.tag) != kTags.end() || !node.has("id") ||
         !node.has("from");
}

bool is_from_server(const Node& node) {
  return node.jid("from").value_or(server_jid()) == server_jid();
}

void warn_of_clock_skew(UnixSeconds server_time) {
  if (!server_time.known()) return;
  const std::int64_t ahead = UnixSeconds::of_host().value - server_time.value;
  if (std::abs(ahead) <= kTolerableSkewS) return;
  log::warn("this host's clock is {} seconds {} WhatsApp's: set it right", std::abs(ahead),
            ahead > 0 ? "ahead of" : "behind");
}

// The right second, and the host's part of it.
std::chrono::milliseconds now_in_ms() {
  using namespace std::chrono;
  const auto host = duration_cast<milliseconds>(system_clock::now().time_since_epoch());
  return seconds(UnixSeconds::now().value) + host % seconds(1);
}

// What WhatsApp refuses may be the link of before.
std::exception_ptr with_restore(std::exception_ptr reason, const Device& device) {
  if (!reason || !device.restored_at.known()) return reason;
  try {
    std::rethrow_exception(reason);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kLoggedOut) return reason;
    return std::make_exception_ptr(Error(
        ErrorCode::kLoggedOut,
        Phrase{"{}; the account's file here was put back from a backup, maybe of a former link",
               "{}; fișierul contului de aici a fost pus la loc dintr-o copie de rezervă, "
               "poate a unei conectări de dinainte"}
            .with(error.message()),
        Phrase{"Link it again: wa-sync pair --again",
               "Conectează-l din nou: wa-sync pair --again"}));
  } catch (...) {
    return reason;
  }
}

Device with_former_lids(Device device, Database& database) {
  device.former_lids = lids_for_phone(database, device.jid);
  std::erase(device.former_lids, device.lid.bare());
  return device;
}

}  // namespace

Session::Session(asio::any_io_executor executor, Database& database, SessionOptions options,
                 SessionEvents events)
    : executor_(std::move(executor)),
      database_(database),
      options_(std::move(options)),
      events_(std::move(events)),
      store_(database),
      device_(with_former_lids(require_device(database), database)),
      receiver_(store_, device_),
      rhythm_(load_rhythm(database)),
      stored_rhythm_(rhythm_),
      dial_(std::make_shared<Dial>(executor_)),
      work_ended_(executor_),
      over_(executor_),
      media_conn_(options_.endpoint.url),
      offline_queue_(executor_, options_.timings.offline_patience) {}

asio::awaitable<void> Session::run() {
  const auto self = shared_from_this();
  std::exception_ptr reason;
  try {
    Endpoint endpoint = options_.endpoint;
    endpoint.routing_info = device_.routing_info;
    Bytes payload = login_payload(options_.companion, device_);
    auto connection = co_await dial_->run(std::move(endpoint), device_.noise, std::move(payload),
                                          options_.connect_timeout);
    stream_ = std::make_shared<Stream>(executor_, std::move(connection), options_.timings);
    start(stream_->keep_alive([self] { self->heard_pong(); }));
    Stream::GroupHandler handler = [self](std::span<Node> group) { self->handle_group(group); };
    co_await stream_->run_groups(std::move(handler));
  } catch (...) {
    reason = std::current_exception();
  }
  reason = with_restore(with_version(reason, options_.companion), device_);
  over_.notify();
  offline_queue_.end();
  co_await all_ended();
  mark_disconnected(reason);
  std::rethrow_exception(reason);
}

void Session::close(const std::exception_ptr& reason) {
  dial_->call_off(reason);
  if (stream_) stream_->close(reason);
}

void Session::start(asio::awaitable<void> work) {
  ++running_;
  asio::co_spawn(
      executor_,
      [](std::shared_ptr<Session> self, asio::awaitable<void> running) -> asio::awaitable<void> {
        try {
          co_await std::move(running);
        } catch (...) {
          self->stream_->close(std::current_exception());
        }
        --self->running_;
        self->work_ended_.notify();
      }(shared_from_this(), std::move(work)),
      asio::detached);
}

asio::awaitable<void> Session::all_ended() {
  while (running_ > 0) co_await work_ended_.wait();
}

// What changes the account's file is stored together as far as nothing else stands between. The
// server's acks of our receipts come between all messages, and say nothing of what is around them.
void Session::handle_group(std::span<Node> group) {
  std::ranges::stable_partition(group, [](const Node& node) { return node.tag == "ack"; });
  while (!group.empty()) {
    const auto other = std::find_if_not(group.begin(), group.end(), StanzaReceiver::takes);
    const auto count = static_cast<std::size_t>(other - group.begin());
    if (count > 0 && logged_in_) {
      store(group.first(count));
      group = group.subspan(count);
    } else {
      handle(group.front());
      group = group.subspan(1);
    }
  }
}

// A burst comes back to the same pages again and again, and they are more than those of a message:
// with the usual cache (base/sqlite.cpp) they are read and written each time.
void Session::widen_cache() {
  if (wide_cache_) return;
  database_.execute("PRAGMA cache_size = -1024");
  wide_cache_ = true;
}

void Session::narrow_cache() {
  if (!wide_cache_) return;
  database_.execute("PRAGMA cache_size = -256; PRAGMA shrink_memory");
  wide_cache_ = false;
}

void Session::store(std::span<const Node> stanzas) {
  if (stanzas.size() >= kBurst) widen_cache();
  receiver_.receive(stanzas, [this](StanzaOutcome&& outcome) {
    for (const Node& answer : outcome.answers) stream_->send(answer);
    if (outcome.refused) offline_queue_.refused();
    if (outcome.few_pre_keys) start(replenish());
    await_content(outcome.awaited);
    if (outcome.history_queued && events_.on_history_queued) events_.on_history_queued();
    if (outcome.app_state_news && events_.on_app_state) events_.on_app_state();
    if (outcome.stored > 0 && events_.on_message) events_.on_message(outcome.stored);
    for (const FailedRequest& failed : outcome.failed_requests) {
      if (events_.on_request_failed) events_.on_request_failed(failed);
    }
  });
  note_use(stanzas);
  for (const Node& stanza : stanzas) offline_queue_.stored(stanza);
}

void Session::handle(const Node& node) {
  if (node.tag == "success") {
    handle_success(node);
  } else if (node.tag == "ib") {
    handle_info(node);
  } else if (node.tag == "iq") {
    handle_iq(node);
  } else if (!logged_in_) {
    log::warn("came before the login and is ignored: {}", node.describe());
  } else if (node.tag == "ack" && node.has("error")) {
    handle_refusal(node);
  } else if (is_unanswered(node)) {
    log::debug("ignored: {}", node.describe());
  } else {
    log::info("of an unknown kind: {}", node.describe());
    const Node answer = receiver_.unknown(node);
    if (nack_in(answer)) offline_queue_.refused();
    stream_->send(answer);
    offline_queue_.stored(node);
  }
}

// The server's pings, in both forms it has.
void Session::handle_iq(const Node& node) {
  const bool ping = node.text("xmlns") == "urn:xmpp:ping" || node.text("xmlns") == "w:p" ||
                    node.child("ping") != nullptr;
  if (node.text("type") != "get" || !ping || !is_from_server(node)) {
    log::debug("ignored: {}", node.describe());
    return;
  }
  stream_->send(Node("iq", {{"to", server_jid()}, {"type", "result"}, {"id", node.text("id")}}));
}

// The server did not take what we sent: a receipt, mostly, whose message may come again. Of the
// rest, only requests to the phone are awaited by somebody.
void Session::handle_refusal(const Node& ack) {
  ++sent_refused_;
  log::warn("WhatsApp did not take what we sent: {}", ack.describe());
  const auto request = find_phone_request(database_, ack.text("id"));
  if (ack.text("class") != "message" || !request || !events_.on_request_failed) return;
  events_.on_request_failed({.id = request->id,
                             .why = FailedRequest::Why::kRefused,
                             .code = static_cast<int>(ack.number("error").value_or(0))});
}

MessageCounts Session::counts() const {
  MessageCounts counts = receiver_.counts();
  counts.sent_refused = sent_refused_;
  counts.not_asked += asked_later_;
  counts.fell_silent += fell_silent_ ? 1 : 0;
  return counts;
}

void Session::handle_success(const Node& node) {
  if (logged_in_) return;
  logged_in_ = true;
  const UnixSeconds server_time = node.time("t");
  warn_of_clock_skew(server_time);
  learn_time(server_time);
  logged_in_at_ = UnixSeconds::now();
  if (auto lid = node.jid("lid"); lid && lid->is_lid() && !lid->user.empty()) {
    learn_own_lid(*std::move(lid));
  }
  start(after_login());
}

void Session::learn_own_lid(Jid lid) {
  lid.device = device_.jid.device;
  if (lid == device_.lid) return;
  if (!device_.lid.empty()) log::warn("WhatsApp has changed this account's LID");
  Transaction transaction(database_, "own lid");
  store_lid(database_, lid);
  const Jid& known_as = device_.lid.empty() ? device_.jid : device_.lid;
  store_.move_user(SignalAddress::from(known_as).name, SignalAddress::from(lid).name);
  update_account(database_, [&](Account& account) { account.lid = lid; });
  InboxWriter inbox(database_);
  // The former one stays ours, too: messages from before may still come under it.
  for (const Jid& each : {device_.lid.bare(), lid.bare()}) {
    inbox.put_lid_mapping({.lid = each, .phone = device_.jid.bare()});
  }
  inbox.flush();
  transaction.commit();
  device_.lid = lid;
  device_ = with_former_lids(std::move(device_), database_);
}

asio::awaitable<void> Session::after_login() {
  co_await replenish();
  co_await reach_phone();
  co_await become_active();
  stream_->send(unified_session(now_in_ms()));
  mark_connected();
  start(look_after_pre_keys());
  start(look_after_names());
  await_content(AwaitedMessages(database_).to_request(UnixSeconds::now()));
  if (events_.on_ready) events_.on_ready();
}

// A server that refuses serves us all the same (whatsmeow connectionevents.go).
asio::awaitable<void> Session::become_active() {
  Node active("iq", {{"to", server_jid()}, {"type", "set"}, {"xmlns", "passive"}},
              std::vector<Node>{Node("active")});
  try {
    co_await stream_->query(std::move(active));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kServerRefused) throw;
    log::warn("WhatsApp does not let this device call itself active: {}", error.what());
  }
}

void Session::handle_info(const Node& node) {
  for (const Node& child : node.children()) {
    if (offline_queue_.hear(child)) start(offline_queue_.pull(stream_));
    if (child.tag == "edge_routing") learn_route(child);
    if (child.tag == "client_expiration") warn_of_expiration(child.time("t"));
  }
}

// Without a time it takes back what it said before (whatsapp-rust #1314).
void Session::warn_of_expiration(UnixSeconds refused_from) const {
  if (!refused_from.known()) return;
  log::warn("WhatsApp will refuse web version {} from {} on: upgrade wa-sync before",
            options_.companion.version.to_string(), rfc3339(refused_from.value));
}

void Session::learn_route(const Node& edge_routing) {
  const Node* routing = edge_routing.child("routing_info");
  if (routing == nullptr || routing->bytes().empty()) return;
  if (routing->bytes().size() > kMaxRoutingInfo ||
      to_bytes(routing->bytes()) == device_.routing_info) {
    return;
  }
  Transaction transaction(database_, "routing info");
  store_routing_info(database_, routing->bytes());
  transaction.commit();
  device_.routing_info = to_bytes(routing->bytes());
}

void Session::note_use(std::span<const Node> stanzas) {
  const UnixSeconds now = UnixSeconds::now();
  for (const Node& stanza : stanzas) {
    const auto sent = use_sent_at(stanza, now);
    if (!sent) continue;
    brought_anything_ = true;
    rhythm_.hear(*sent, now);
  }
}

// All that the server sent before its answer is stored by now.
void Session::heard_pong() {
  mark_alive();
  const int in_vain = brought_anything_ ? 0 : options_.silent_before;
  if (!has_fallen_silent(rhythm_, logged_in_at_, in_vain, UnixSeconds::now())) return;
  fell_silent_ = true;
  const auto hours = std::chrono::floor<std::chrono::hours>(patience(rhythm_, in_vain)).count();
  throw Error(
      ErrorCode::kNetwork,
      Phrase{
          "WhatsApp answers, but has sent nothing for more than {} h, which is longer than this "
          "account is usually quiet: logging in anew",
          "WhatsApp răspunde, dar nu a trimis nimic de peste {} h, mai mult decât tace de obicei "
          "acest cont: se reia conectarea"}
          .with(std::to_string(hours)));
}

// What stanzas change at every turn is written here, and only here.
void Session::mark(const std::function<void(Account&)>& change) {
  Transaction transaction(database_, "account marked");
  update_account(database_, change);
  raise_generation(database_);
  const bool heard_more = rhythm_ != stored_rhythm_;
  if (heard_more) store_rhythm(database_, rhythm_);
  transaction.commit();
  if (heard_more) stored_rhythm_ = rhythm_;
  if (events_.on_generation) events_.on_generation();
}

void Session::mark_alive() {
  narrow_cache();
  const auto now = std::chrono::steady_clock::now();
  if (now - marked_alive_at_ < options_.timings.alive_mark) return;
  marked_alive_at_ = now;
  mark([](Account& account) { account.last_server_traffic_at = UnixSeconds::now(); });
}

void Session::mark_connected() {
  marked_alive_at_ = std::chrono::steady_clock::now();
  mark([](Account& account) {
    account.status = AccountStatus::kConnected;
    account.last_connected_at = UnixSeconds::now();
    account.last_server_traffic_at = account.last_connected_at;
    account.last_error.clear();
  });
}

void Session::mark_disconnected(const std::exception_ptr& reason) {
  std::string why;
  bool logged_out = false;
  try {
    std::rethrow_exception(reason);
  } catch (const Error& error) {
    logged_out = error.code() == ErrorCode::kLoggedOut;
    // We ended it ourselves: there is nothing to tell.
    if (error.code() != ErrorCode::kInterrupted) why = error.what();
  } catch (const std::exception& error) {
    why = error.what();
  }
  try {
    narrow_cache();
    mark([&](Account& account) {
      account.status = logged_out ? AccountStatus::kLoggedOut : AccountStatus::kDisconnected;
      account.last_disconnected_at = UnixSeconds::now();
      account.last_disconnect_reason = why;
    });
  } catch (const std::exception& error) {
    log::warn("the account's status could not be stored: {}", error.what());
  }
}

const std::shared_ptr<Stream>& Session::stream() const {
  if (!stream_)
    throw Error(ErrorCode::kNetwork,
                Phrase{"not connected to WhatsApp", "fără conexiune la WhatsApp"});
  return stream_;
}

void Session::send(const Node& node) {
  stream()->send(node);
}

asio::awaitable<Node> Session::query(Node iq) {
  const auto self = shared_from_this();
  co_return co_await stream()->query(std::move(iq));
}

std::optional<Node> Session::seal_for_phone(const pb::Message& content) {
  return peer_message(store_, device_, content);
}

asio::awaitable<void> Session::confirm_sent() {
  const auto self = shared_from_this();
  co_await stream()->ping();
}

asio::awaitable<Pong> Session::ping(std::chrono::milliseconds timeout) {
  const auto self = shared_from_this();
  co_return co_await stream()->ping(timeout);
}

asio::awaitable<MediaServers> Session::media_servers() {
  const auto self = shared_from_this();
  co_return co_await media_conn_.servers(stream());
}

}  // namespace wasync
