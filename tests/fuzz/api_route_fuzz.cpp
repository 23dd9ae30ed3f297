// A request's target leads nowhere, or to a route with ids that are safe in a path and a query;
// nothing of the accounts is reached without access.
#include <cstdlib>
#include <string_view>

#include "service/api_route.h"

using namespace wasync;

namespace {

void require(bool ok) {
  if (!ok) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::string_view method : {"GET", "POST"}) {
    const ApiRoute route = route_of(method, text);
    require(route.limit >= 1 && route.limit <= kMaxPage);
    if (route.account) {
      require(route.needs_access);
      for (const char c : route.account->str()) require(c > ' ' && c != '/' && c != '.');
    }
    if (route.thread) require(route.account && route.thread->account() == *route.account);
    if (!route.endpoint) continue;
    require(text.size() <= kMaxTargetBytes && !route.allow.empty());
    const bool open = *route.endpoint <= ApiEndpoint::kMetrics;
    require(route.needs_access == !open);
    require(route.method_allowed ==
            ((method == "POST") == (*route.endpoint == ApiEndpoint::kBackfill)));
  }
  return 0;
}
