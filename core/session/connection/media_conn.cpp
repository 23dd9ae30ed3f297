#include "session/connection/media_conn.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/loopback.h"
#include "base/number.h"
#include "base/text.h"
#include "session/connection/stream.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kMaxHosts = 16;
constexpr std::size_t kMaxAuth = 2048;  // it goes into URLs
constexpr std::uint64_t kLongestTtlS = 86'400;
constexpr std::size_t kMostShown = 80;  // characters of a name that is none

// RFC 6761 and what home routers use.
constexpr std::array<std::string_view, 9> kNotPublic = {
    "localhost", "local", "localdomain", "internal", "lan", "home", "arpa", "invalid", "onion"};

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

// Of a simulator: "127.0.0.1:8080".
bool is_loopback_with_port(const std::string& host) {
  const std::size_t colon = std::min(host.rfind(':'), host.size());
  return is_loopback(host.substr(0, colon)) &&
         parse_number<std::uint16_t>(
             std::string_view(host).substr(std::min(colon + 1, host.size())))
             .has_value();
}

MediaServers servers_in(const Node& media_conn, bool plain) {
  MediaServers servers;
  for (const Node* each : media_conn.children_named("host")) {
    const std::string host = each->text("hostname");
    if (servers.hosts.size() >= kMaxHosts) break;
    if (plain ? is_loopback_with_port(host) : is_public_host(host))
      servers.hosts.push_back(plain ? "http://" + host : host);
    else
      log::warn("WhatsApp named a media server that is none: {}",
                first_characters(terminal_safe(host), kMostShown));
  }
  servers.auth = media_conn.text("auth");
  if (servers.auth.size() > kMaxAuth) servers.auth.clear();
  return servers;
}

std::chrono::seconds ttl_of(const Node& media_conn) {
  const std::uint64_t ttl_s = std::min(media_conn.number("ttl").value_or(60), kLongestTtlS);
  return std::chrono::seconds(std::min(ttl_s, media_conn.number("auth_ttl").value_or(ttl_s)));
}

}  // namespace

bool is_public_host(std::string_view host) {
  if (host.size() > 253) return false;
  std::size_t labels = 0;
  std::string_view last;
  for (std::string_view rest = host;; ++labels) {
    last = rest.substr(0, rest.find('.'));
    if (!is_label(last)) return false;
    if (last.size() == rest.size()) break;
    rest.remove_prefix(last.size() + 1);
  }
  // Numbers at the end are IPv4 addresses, "127.1" and "127.0.0.0x1" too.
  return labels > 0 && !(last.front() >= '0' && last.front() <= '9') &&
         std::ranges::find(kNotPublic, last) == kNotPublic.end();
}

asio::awaitable<MediaServers> MediaConn::servers(std::shared_ptr<Stream> stream) {
  const auto now = std::chrono::steady_clock::now();
  if (!known_.hosts.empty() && now < good_until_) co_return known_;
  Node request("iq", {{"to", server_jid()}, {"type", "set"}, {"xmlns", "w:m"}},
               std::vector<Node>{Node("media_conn")});
  const Node answer = co_await stream->query(std::move(request));
  const Node* media_conn = answer.child("media_conn");
  MediaServers servers = media_conn != nullptr ? servers_in(*media_conn, plain_) : MediaServers{};
  if (servers.hosts.empty()) {
    throw Error(ErrorCode::kProtocol,
                Phrase{"WhatsApp named no host to download from",
                       "WhatsApp nu a numit niciun sistem de la care să se descarce"});
  }
  known_ = servers;
  good_until_ = now + ttl_of(*media_conn);
  co_return servers;
}

}  // namespace wasync
