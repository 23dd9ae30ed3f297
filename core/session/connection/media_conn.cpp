#include "session/connection/media_conn.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "session/connection/stream.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kMaxHosts = 16;
constexpr std::size_t kMaxAuth = 2048;  // it goes into URLs
constexpr std::uint64_t kLongestTtlS = 86'400;

MediaServers servers_in(const Node& media_conn, const std::string& scheme) {
  MediaServers servers;
  for (const Node* host : media_conn.children_named("host")) {
    if (servers.hosts.size() < kMaxHosts) {
      servers.hosts.push_back(scheme + host->text("hostname"));
    }
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

asio::awaitable<MediaServers> MediaConn::servers(std::shared_ptr<Stream> stream) {
  const auto now = std::chrono::steady_clock::now();
  if (!known_.hosts.empty() && now < good_until_) co_return known_;
  Node request("iq", {{"to", server_jid()}, {"type", "set"}, {"xmlns", "w:m"}},
               std::vector<Node>{Node("media_conn")});
  const Node answer = co_await stream->query(std::move(request));
  const Node* media_conn = answer.child("media_conn");
  MediaServers servers =
      media_conn != nullptr ? servers_in(*media_conn, plain_ ? "http://" : "") : MediaServers{};
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
