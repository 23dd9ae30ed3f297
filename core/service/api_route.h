// Which of the API's routes a request is for. Pure: a stranger's text in, validated ids out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "inbox/ids.h"

namespace wasync {

enum class ApiEndpoint {
  kHealth,     // GET /health
  kReady,      // GET /ready
  kDiag,       // GET /diag
  kMetrics,    // GET /metrics
  kDashboard,  // GET /api/status/dashboard
  kAccounts,   // GET /api/whatsapp/accounts
  kThreads,    // GET /api/whatsapp/threads/:accountId?limit&orderBy
  kMessages,   // GET /api/whatsapp/messages/:accountId/:threadId?limit&orderBy
  kBackfill,   // POST /api/whatsapp/backfill/:accountId
  kDiagnose,   // GET /api/whatsapp/diagnose/:accountId
};

inline constexpr std::size_t kMaxTargetBytes = 4096;
inline constexpr std::size_t kDefaultPage = 50;
inline constexpr std::size_t kMaxPage = 500;

struct ApiRoute {
  // Nothing: there is no such path.
  std::optional<ApiEndpoint> endpoint{};
  // Everything below /api is, whether or not there is such a path.
  bool needs_access = false;
  std::string_view allow{};  // what is allowed there: "GET, HEAD" or "POST"
  bool method_allowed = false;

  // Nothing where the path has none, or something that is no id.
  std::optional<AccountId> account{};
  std::optional<ThreadId> thread{};  // of that account

  std::size_t limit = kDefaultPage;  // 1 to kMaxPage: more is cut to that
  // What is wrong with the query: "limit" or "orderBy"; empty: nothing.
  std::string_view bad_parameter{};
};

// Segments are percent-decoded one by one: an escaped slash separates nothing. A slash at the end
// does no harm. Unknown parameters are ignored.
ApiRoute route_of(std::string_view method, std::string_view target);

}  // namespace wasync
