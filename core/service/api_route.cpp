#include "service/api_route.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/number.h"
#include "base/percent.h"

namespace wasync {
namespace {

constexpr std::string_view kRead = "GET, HEAD";
constexpr std::string_view kWrite = "POST";

struct Pattern {
  ApiEndpoint endpoint;
  std::vector<std::string_view> path;  // ":account" and ":thread" stand for any segment
};

const std::vector<Pattern>& patterns() {
  static const std::vector<Pattern> all = {
      {ApiEndpoint::kHealth, {"health"}},
      {ApiEndpoint::kReady, {"ready"}},
      {ApiEndpoint::kDiag, {"diag"}},
      {ApiEndpoint::kMetrics, {"metrics"}},
      {ApiEndpoint::kDashboard, {"api", "status", "dashboard"}},
      {ApiEndpoint::kAccounts, {"api", "whatsapp", "accounts"}},
      {ApiEndpoint::kThreads, {"api", "whatsapp", "threads", ":account"}},
      {ApiEndpoint::kMessages, {"api", "whatsapp", "messages", ":account", ":thread"}},
      {ApiEndpoint::kBackfill, {"api", "whatsapp", "backfill", ":account"}},
      {ApiEndpoint::kDiagnose, {"api", "whatsapp", "diagnose", ":account"}},
  };
  return all;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t end = text.find(at);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

// Nothing when it is no path of ours: relative, absolute with a host, or with a bad escape.
std::optional<std::vector<std::string>> segments_of(std::string_view path) {
  if (!path.starts_with('/')) return std::nullopt;
  path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  std::vector<std::string> out;
  for (const std::string_view raw : split(path, '/')) {
    auto segment = percent_decode(raw);
    if (!segment) return std::nullopt;
    out.push_back(std::move(*segment));
  }
  return out;
}

bool matches(const Pattern& pattern, const std::vector<std::string>& segments) {
  return std::ranges::equal(pattern.path, segments,
                            [](std::string_view wanted, const std::string& segment) {
                              return wanted.starts_with(':') || wanted == segment;
                            });
}

void take_ids(const Pattern& pattern, const std::vector<std::string>& segments, ApiRoute& route) {
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (pattern.path[i] == ":account") route.account = AccountId::parse(segments[i]);
    if (pattern.path[i] == ":thread") route.thread = ThreadId::parse(segments[i]);
  }
  if (route.thread && (!route.account || route.thread->account() != *route.account))
    route.thread.reset();
}

std::optional<std::size_t> limit_from(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return std::nullopt;
  const std::size_t number = parse_number<std::size_t>(text).value_or(kMaxPage);  // or too large
  if (number == 0) return std::nullopt;
  return std::min(number, kMaxPage);
}

// Newest first is the only order; these are its names in the backend that had this API before.
bool is_order_of(ApiEndpoint endpoint, std::string_view order) {
  if (endpoint == ApiEndpoint::kThreads) return order == "lastMessageAt";
  return order == "tsClient" || order == "createdAt";
}

void take_query(std::string_view query, ApiRoute& route) {
  if (route.endpoint != ApiEndpoint::kThreads && route.endpoint != ApiEndpoint::kMessages) return;
  for (const std::string_view pair : split(query, '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view key = pair.substr(0, equals);
    const auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())));
    if (key == "limit") {
      const auto limit = value ? limit_from(*value) : std::nullopt;
      if (limit)
        route.limit = *limit;
      else
        route.bad_parameter = "limit";
    } else if (key == "orderBy" && (!value || !is_order_of(*route.endpoint, *value))) {
      route.bad_parameter = "orderBy";
    }
  }
}

}  // namespace

ApiRoute route_of(std::string_view method, std::string_view target) {
  ApiRoute route;
  if (target.size() > kMaxTargetBytes) return route;
  target = target.substr(0, target.find('#'));
  const std::size_t mark = std::min(target.find('?'), target.size());
  const auto segments = segments_of(target.substr(0, mark));
  if (!segments) return route;
  route.needs_access = segments->front() == "api";
  for (const Pattern& pattern : patterns()) {
    if (!matches(pattern, *segments)) continue;
    route.endpoint = pattern.endpoint;
    route.allow = pattern.endpoint == ApiEndpoint::kBackfill ? kWrite : kRead;
    route.method_allowed = pattern.endpoint == ApiEndpoint::kBackfill
                               ? method == "POST"
                               : method == "GET" || method == "HEAD";
    take_ids(pattern, *segments, route);
    take_query(target.substr(std::min(mark + 1, target.size())), route);
  }
  return route;
}

}  // namespace wasync
