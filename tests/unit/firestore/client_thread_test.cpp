#include "firestore/client_thread.h"

#include <future>
#include <memory>

#include "small_firestore.h"

namespace client_thread_test {

using namespace wasync;
using namespace wasync::firestore;
using namespace wasync::test;

TEST_CASE("jobs are done one after the other, each with an answer of the service") {
  SmallFirestore server;
  ClientThread thread({.target = server.target(), .credentials = server.credentials()});
  std::vector<int> order;
  std::promise<void> done;
  for (int i = 0; i < 3; ++i)
    thread.call(
        [&order, i](Client& client) { order.push_back(client.target().project.empty() ? -1 : i); });
  thread.call([&](Client&) { done.set_value(); });
  done.get_future().get();
  CHECK(order == std::vector<int>{0, 1, 2});
}

TEST_CASE("jobs that nobody does any more let go of what they hold") {
  SmallFirestore server;
  const auto held = std::make_shared<int>(1);
  {
    ClientThread thread({.target = server.target(), .credentials = server.credentials()});
    for (int i = 0; i < 1000; ++i) thread.call([held](Client&) {});
  }
  CHECK(held.use_count() == 1);
}

}  // namespace client_thread_test
