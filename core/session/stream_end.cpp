#include "session/stream_end.h"

#include <string>

namespace wasync {
namespace {

constexpr std::uint64_t kRestartRequired = 515;

Error logged_out() {
  return {ErrorCode::kLoggedOut, "the phone has removed this device",
          "link it again: wa-sync pair"};
}

Error from_stream_error(const Node& node) {
  const std::uint64_t code = node.number("code").value_or(0);
  const Node* conflict = node.child("conflict");
  const std::string conflict_type = conflict != nullptr ? conflict->text("type") : "";
  if (code == kRestartRequired) {
    return {ErrorCode::kNetwork, "WhatsApp asks for a new connection"};
  }
  if (code == 401 && conflict_type == "device_removed") return logged_out();
  if (conflict_type == "replaced") {
    return {ErrorCode::kReplaced, "another program connected as this device and took its place",
            "stop the other wa-sync (or restored copy of its state directory), then try again"};
  }
  if (code == 503 || code == 500) {
    return {ErrorCode::kNetwork, "WhatsApp ended the connection (" + std::to_string(code) + ")",
            "it is usually over in a minute: try again"};
  }
  return {ErrorCode::kServerRefused, "WhatsApp ended the connection (" +
                                         (code != 0 ? std::to_string(code) : node.describe()) +
                                         ")"};
}

Error from_failure(const Node& node) {
  const std::uint64_t reason = node.number("reason").value_or(0);
  const std::string code = std::to_string(reason);
  switch (reason) {
    case 401:  // logged out
    case 403:  // the account's primary device is gone
    case 406:  // logged out for an unknown reason
      return logged_out();
    case 402:
      return {ErrorCode::kBanned, "WhatsApp has banned this account for a while (402)",
              "wait until WhatsApp on the phone works again, then run the command again"};
    case 405:
      return {ErrorCode::kClientOutdated, "WhatsApp refuses this web version as outdated (405)",
              "set a newer one with --web-version, or upgrade wa-sync"};
    case 409:
      return {ErrorCode::kServerRefused, "WhatsApp refuses this client (409)", "upgrade wa-sync"};
    case 500:
    case 501:
    case 503:
      return {ErrorCode::kNetwork, "WhatsApp is not available at the moment (" + code + ")",
              "it is usually over in a minute: try again"};
    default:
      return {ErrorCode::kServerRefused, "WhatsApp refused the connection (" + code + ")",
              "if it stays so, upgrade wa-sync"};
  }
}

}  // namespace

std::optional<Error> stream_end(const Node& node) {
  if (node.tag == "stream:error") return from_stream_error(node);
  if (node.tag == "failure") return from_failure(node);
  if (node.tag == "xmlstreamend") {
    return Error(ErrorCode::kNetwork, "WhatsApp ended the connection");
  }
  return std::nullopt;
}

Error refused_query(std::string_view what, const Node& answer) {
  const Node* error = answer.child("error");
  std::string text = "WhatsApp refused the request \"" + std::string(what) + "\"";
  if (error != nullptr) {
    text += " (" + std::to_string(error->number("code").value_or(0)) + ")";
  }
  return {ErrorCode::kServerRefused, text};
}

}  // namespace wasync
