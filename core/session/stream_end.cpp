#include "session/stream_end.h"

#include <string>

namespace wasync {
namespace {

constexpr std::uint64_t kRestartRequired = 515;

Error logged_out(const std::string& what) {
  return {ErrorCode::kLoggedOut, what, "link it again: wa-sync pair"};
}

Error from_stream_error(const Node& node) {
  const std::uint64_t code = node.number("code").value_or(0);
  const Node* conflict = node.child("conflict");
  if (demands_restart(node)) {
    return {ErrorCode::kNetwork, "WhatsApp asks for a new connection"};
  }
  if (conflict != nullptr && conflict->text("type") == "device_removed") {
    return logged_out("the phone has removed this device");
  }
  if (conflict != nullptr) {
    return {ErrorCode::kReplaced, "another program connected as this device and took its place",
            "stop the other wa-sync (or restored copy of its state directory), then try again"};
  }
  // If the cause is lasting, the next login is refused, and that says why.
  return {ErrorCode::kNetwork,
          "WhatsApp ended the connection (" + (code != 0 ? std::to_string(code) : node.describe()) +
              ")",
          "it is usually over in a minute: try again"};
}

std::string ban_reason(std::uint64_t code) {
  switch (code) {
    case 101: return "too many messages to people who do not have it in their contacts";
    case 102: return "too many people blocked it";
    case 103: return "too many groups with people who do not have it in their contacts";
    case 104: return "the same message to too many people";
    case 106: return "too many messages to a broadcast list";
    default: return "reason " + std::to_string(code);
  }
}

// A temporary ban says what for (`code`) and for how many seconds (`expire`).
Error banned(const Node& node) {
  std::string what = "WhatsApp has banned this account for a while (402)";
  if (const auto code = node.number("code")) what += ": " + ban_reason(*code);
  std::string hint = "wait until WhatsApp on the phone works again, then run the command again";
  if (const auto expire_s = node.number("expire"); expire_s && *expire_s > 0) {
    const std::uint64_t hours = *expire_s / 3600 + (*expire_s % 3600 != 0 ? 1 : 0);
    hint = "the ban ends in about " + std::to_string(hours) +
           (hours == 1 ? " hour: " : " hours: ") + "run the command again then";
  }
  return {ErrorCode::kBanned, what, hint};
}

Error from_failure(const Node& node) {
  const std::uint64_t reason = node.number("reason").value_or(0);
  const std::string code = std::to_string(reason);
  switch (reason) {
    case 401: return logged_out("the phone has removed this device (401)");
    case 402: return banned(node);
    case 403:
      return logged_out("WhatsApp has locked the account, or it has moved to another phone (403)");
    case 405:
      return {ErrorCode::kClientOutdated, "WhatsApp refuses this web version as outdated (405)",
              "set a newer one with --web-version, or upgrade wa-sync"};
    case 406: return logged_out("WhatsApp has logged the account out or banned it (406)");
    case 409:
    case 411:
    case 418:
      return {ErrorCode::kServerRefused, "WhatsApp refuses this kind of client (" + code + ")",
              "upgrade wa-sync"};
    case 413:
    case 414:
      return {ErrorCode::kServerRefused,
              "WhatsApp asks for a token that only Messenger clients have (" + code + ")",
              "upgrade wa-sync"};
    case 415:
      return {ErrorCode::kServerRefused, "WhatsApp does not find what was asked for (415)",
              "upgrade wa-sync"};
    case 500:
    case 503:
      return {ErrorCode::kNetwork, "WhatsApp is not available at the moment (" + code + ")",
              "it is usually over in a minute: try again"};
    default:  // 400: generic, 501: an experiment we are not part of
      return {ErrorCode::kServerRefused, "WhatsApp refused the connection (" + code + ")",
              "if it stays so, upgrade wa-sync"};
  }
}

std::uint64_t reason_in(const Node& answer) {
  const Node* error = answer.child("error");
  return error != nullptr ? error->number("code").value_or(0) : 0;
}

std::string code_in(const Node& answer) {
  return answer.child("error") != nullptr ? " (" + std::to_string(reason_in(answer)) + ")" : "";
}

}  // namespace

bool demands_restart(const Node& node) {
  return node.tag == "stream:error" && node.number("code") == kRestartRequired;
}

std::optional<Error> stream_end(const Node& node) {
  if (node.tag == "stream:error") return from_stream_error(node);
  if (node.tag == "failure") return from_failure(node);
  if (node.tag == "xmlstreamend") {
    return Error(ErrorCode::kNetwork, "WhatsApp ended the connection");
  }
  return std::nullopt;
}

RefusedQuery::RefusedQuery(std::string_view what, const Node& answer)
    : Error(ErrorCode::kServerRefused,
            "WhatsApp refused the request \"" + std::string(what) + "\"" + code_in(answer)),
      reason_(reason_in(answer)) {}

}  // namespace wasync
