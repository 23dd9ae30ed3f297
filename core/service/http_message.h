// The API's requests and answers, without Beast.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wasync {

// From a stranger, bounded (http_server.h) and otherwise raw.
struct HttpAsk {
  std::string method{};  // "HEAD" for the head alone of what a GET would get
  std::string target{};  // path and query, not decoded
  std::vector<std::pair<std::string, std::string>> headers{};  // names in small letters
  std::string body{};
  boost::asio::ip::address peer{};

  bool has(std::string_view name) const { return !all(name).empty(); }
  // Of that name (small letters), as often as it came.
  std::vector<std::string_view> all(std::string_view name) const {
    std::vector<std::string_view> out;
    for (const auto& [each, value] : headers)
      if (each == name) out.emplace_back(value);
    return out;
  }
};

struct HttpReply {
  unsigned status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};
};

// Texts that are no valid UTF-8 are repaired on the way.
inline HttpReply json_reply(unsigned status, const nlohmann::ordered_json& json) {
  return {.status = status,
          .body = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"};
}

// {"success": false, "error": "not_found", "message": …}: the form of every answer that is none.
inline HttpReply error_reply(unsigned status, std::string_view code, std::string_view message) {
  return json_reply(status, {{"success", false}, {"error", code}, {"message", message}});
}

}  // namespace wasync
