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

}  // namespace media_conn_test
