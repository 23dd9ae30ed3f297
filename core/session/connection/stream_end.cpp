#include "session/connection/stream_end.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace wasync {
namespace {

constexpr std::uint64_t kRestartRequired = 515;

constexpr std::string_view kPairAgain = "link it again: wa-sync pair";
constexpr std::string_view kSoonOver = "it is usually over in a minute: try again";
constexpr std::string_view kUpgrade = "upgrade wa-sync";

// What <failure reason="…"> means. Names of the codes: whatsmeow types/events.
struct Refusal {
  std::uint64_t reason;
  ErrorCode code;
  std::string_view what;
  std::string_view hint;
};

constexpr Refusal kRefusals[] = {
    {400, ErrorCode::kServerRefused, "WhatsApp refused the connection",
     "if it stays so, upgrade wa-sync"},
    {401, ErrorCode::kLoggedOut, "the phone has removed this device", kPairAgain},
    {402, ErrorCode::kBanned, "WhatsApp has banned this account for a while",
     "wait until WhatsApp on the phone works again, then run the command again"},
    {403, ErrorCode::kLoggedOut,
     "WhatsApp has locked the account, or it has moved to another phone",
     "see what WhatsApp on the phone says, then link it again: wa-sync pair"},
    {405, ErrorCode::kClientOutdated, "WhatsApp refuses this web version as outdated",
     "set a newer one with --web-version, or upgrade wa-sync"},
    {406, ErrorCode::kLoggedOut, "WhatsApp has logged the account out or banned it",
     "see what WhatsApp on the phone says, then link it again: wa-sync pair"},
    {409, ErrorCode::kServerRefused, "WhatsApp refuses this kind of client", kUpgrade},
    {411, ErrorCode::kServerRefused, "the phone's WhatsApp cannot link devices of today's kind",
     "update WhatsApp on the phone, then link it again: wa-sync pair"},
    {413, ErrorCode::kServerRefused, "WhatsApp asks for a token that only Messenger clients have",
     kUpgrade},
    {414, ErrorCode::kServerRefused, "WhatsApp asks for a token that only Messenger clients have",
     kUpgrade},
    {415, ErrorCode::kServerRefused, "WhatsApp does not find what was asked for", kUpgrade},
    {418, ErrorCode::kServerRefused, "WhatsApp refuses this kind of client", kUpgrade},
    {429, ErrorCode::kServerRefused, "WhatsApp was asked too often",
     "wait an hour, then run the command again"},
    {500, ErrorCode::kNetwork, "WhatsApp is not available at the moment", kSoonOver},
    {501, ErrorCode::kServerRefused, "WhatsApp refused the connection for an experiment of its own",
     "if it stays so, upgrade wa-sync"},
    {503, ErrorCode::kNetwork, "WhatsApp is not available at the moment", kSoonOver},
};

constexpr Refusal kUnknownRefusal{0, ErrorCode::kServerRefused,
                                  "WhatsApp refused the connection for an unknown reason",
                                  "if it stays so, upgrade wa-sync"};

const Refusal& refusal_for(std::uint64_t reason) {
  const auto* found = std::ranges::find(kRefusals, reason, &Refusal::reason);
  return found != std::end(kRefusals) ? *found : kUnknownRefusal;
}

std::string in_brackets(std::uint64_t code) {
  return code != 0 ? " (" + std::to_string(code) + ")" : "";
}

// If the cause is lasting, the next login is refused, and that says why: so whatever is not
// known to be final is worth one.
Error from_stream_error(const Node& node) {
  const std::uint64_t code = node.number("code").value_or(0);
  if (demands_restart(node)) {
    return {ErrorCode::kNetwork, "WhatsApp asks for a new connection (515)"};
  }
  if (const Node* conflict = node.child("conflict")) {
    if (conflict->text("type") == "device_removed") {
      return {ErrorCode::kLoggedOut, "the phone has removed this device" + in_brackets(code),
              std::string(kPairAgain)};
    }
    return {ErrorCode::kReplaced, "another program connected as this device and took its place",
            "stop the other wa-sync (or restored copy of its state directory), then try again"};
  }
  if (code == 500 || code == 503) {
    const Refusal& busy = refusal_for(code);
    return {busy.code, std::string(busy.what) + in_brackets(code), std::string(busy.hint)};
  }
  if (node.child("xml-not-well-formed") != nullptr) {
    return {ErrorCode::kNetwork, "WhatsApp could not read what was sent (xml-not-well-formed)",
            "try again; if it stays so, upgrade wa-sync"};
  }
  if (node.child("ack") != nullptr) {
    return {ErrorCode::kNetwork, "WhatsApp missed an answer of ours and ended the connection",
            std::string(kSoonOver)};
  }
  return {ErrorCode::kNetwork,
          "WhatsApp ended the connection (" + (code != 0 ? std::to_string(code) : node.describe()) +
              ")",
          std::string(kSoonOver)};
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
Error banned(const Refusal& refusal, const Node& node) {
  std::string what = std::string(refusal.what) + in_brackets(refusal.reason);
  if (const auto code = node.number("code")) what += ": " + ban_reason(*code);
  std::string hint(refusal.hint);
  if (const auto expire_s = node.number("expire"); expire_s && *expire_s > 0) {
    const std::uint64_t hours = *expire_s / 3600 + (*expire_s % 3600 != 0 ? 1 : 0);
    hint = "the ban ends in about " + std::to_string(hours) +
           (hours == 1 ? " hour: " : " hours: ") + "run the command again then";
  }
  return {refusal.code, what, hint};
}

Error from_failure(const Node& node) {
  const std::uint64_t reason = node.number("reason").value_or(0);
  const Refusal& refusal = refusal_for(reason);
  if (refusal.code == ErrorCode::kBanned) return banned(refusal, node);
  return {refusal.code, std::string(refusal.what) + in_brackets(reason), std::string(refusal.hint)};
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
