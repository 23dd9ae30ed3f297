// Through a session, which is what asks.
#include "session/connection/media_conn.h"

#include "unit/session/online.h"

namespace media_conn_test {

using namespace wasync;
using namespace wasync::test;

TEST_CASE("media servers are asked for once while the answer holds") {
  Online online;
  online.log_in();
  const std::size_t before = online.requests.size();
  const MediaServers servers = online.server.loop.run(online.session->media_servers());
  CHECK(servers.hosts == std::vector<std::string>{"http://127.0.0.1:9"});
  CHECK(servers.auth == "let-me");
  CHECK(online.server.loop.run(online.session->media_servers()).hosts.size() == 1);
  CHECK(online.requests.size() == before + 1);
}

TEST_CASE("a plain simulator's media servers are on this machine, and nowhere else") {
  for (const char* host :
       {"10.0.0.1:80", "mmg.whatsapp.net", "http://127.0.0.1:9", "127.evil.net:9",
        "127.0.0.1@evil.net:9", "127.0.0.1:9@evil.net", "127.0.0.1", ""}) {
    Online online;
    online.media_host = host;
    online.log_in();
    CHECK_THROWS_AS(online.server.loop.run(online.session->media_servers()), Error);
  }
}

TEST_CASE("WhatsApp's media servers are public names") {
  for (const char* host :
       {"mmg.whatsapp.net", "media-otp1-1.cdn.whatsapp.net", "a.b", "1a.x-y.net"})
    CHECK_MESSAGE(is_public_host(host), host);
  for (const char* host : {"",
                           "localhost",
                           "whatsapp",
                           "http://127.0.0.1:80",
                           "https://mmg.whatsapp.net",
                           "127.0.0.1",
                           "127.1",
                           "2130706433",
                           "0x7f000001",
                           "127.0.0.0x1",
                           "10.0.0.1",
                           "[::1]",
                           "::1",
                           "fe80::1",
                           "mmg.whatsapp.net:443",
                           "mmg.whatsapp.net.",
                           ".net",
                           "a..net",
                           "-a.net",
                           "a-.net",
                           "a_b.net",
                           "a/b.net",
                           "a@b.net",
                           "a.net/x",
                           "a.net?x",
                           "a b.net",
                           "a.net\n",
                           "printer.local",
                           "metadata.google.internal",
                           "x.localhost",
                           "router.lan",
                           "1.0.0.127.in-addr.arpa"})
    CHECK_FALSE_MESSAGE(is_public_host(host), host);
  CHECK_FALSE(is_public_host(std::string(64, 'a') + ".net"));
  std::string long_name = "net";
  while (long_name.size() < 260) long_name.insert(0, "abcdefgh.");
  CHECK_FALSE(is_public_host(long_name));
}

}  // namespace media_conn_test
