// What monitoring asks: Prometheus' text format, version 0.0.4.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "service/service_view.h"

namespace wasync {

inline constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

// Accounts are named by their ids; no phone, name or text of anybody is in it. `http_answers`: of
// the HTTP server, by status.
std::string metrics_text(const ServiceState& state, std::string_view version,
                         const std::map<unsigned, std::uint64_t>& http_answers);

// A label's value as it stands between its quotes.
std::string escaped_label(std::string_view value);

}  // namespace wasync
