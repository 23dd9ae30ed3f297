// Asks the server where it keeps blobs (<media_conn>): hosts, and a token to use them with.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string_view>

#include "history/media_servers.h"

namespace wasync {

class Stream;

// Whether blobs may be fetched from this host: a public DNS name, in small letters and without a
// port, as WhatsApp's are. No IP address in whatever form, and no name of a private network, so
// that the server cannot send us to this machine or its neighbours.
bool is_public_host(std::string_view host);

// Remembers the answer for as long as the server says it is good.
class MediaConn {
 public:
  // A plain loopback server, whose URL begins with ws://, has plain media servers on this machine.
  // All others have public ones with TLS.
  explicit MediaConn(std::string_view server_url) : plain_(server_url.starts_with("ws://")) {}

  // Throws like Stream::query, and Error(kProtocol) when the server names no host that may be used.
  // The object must outlive the wait.
  boost::asio::awaitable<MediaServers> servers(std::shared_ptr<Stream> stream);

 private:
  bool plain_;
  MediaServers known_{};
  std::chrono::steady_clock::time_point good_until_{};
};

}  // namespace wasync
