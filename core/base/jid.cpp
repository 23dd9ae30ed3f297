#include "base/jid.h"

#include <algorithm>

#include "base/number.h"

namespace wasync {
namespace {

constexpr std::size_t kMaxPartLength = 128;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char fold(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Letters, digits and the few marks that stand in user parts; group ids use '-',
// text identities of services use '.' and '+'.
bool allowed(char c) {
  const char f = fold(c);
  return (f >= 'a' && f <= 'z') || is_digit(c) || c == '.' || c == '-' || c == '_' || c == '+';
}

bool all_allowed(std::string_view text) {
  return text.size() <= kMaxPartLength && std::all_of(text.begin(), text.end(), allowed);
}

// Only people carry an agent; elsewhere '_' is an ordinary character.
std::optional<std::uint8_t> agent_in(std::string_view user) {
  const std::size_t mark = user.find('_');
  if (mark == std::string_view::npos) return std::nullopt;
  return parse_number<std::uint8_t>(user.substr(mark + 1));
}

}  // namespace

std::optional<Jid> Jid::parse(std::string_view text) {
  const std::size_t at = text.find('@');
  std::string_view left = at == std::string_view::npos ? std::string_view{} : text.substr(0, at);
  const std::string_view server = at == std::string_view::npos ? text : text.substr(at + 1);
  if (server.empty() || !all_allowed(server)) return std::nullopt;

  Jid jid;
  jid.server = server;
  if (const std::size_t colon = left.find(':'); colon != std::string_view::npos) {
    const auto device = parse_number<std::uint16_t>(left.substr(colon + 1));
    if (!device) return std::nullopt;
    jid.device = *device;
    left = left.substr(0, colon);
  }
  if (jid.is_person()) {
    if (const auto agent = agent_in(left)) {
      jid.agent = *agent;
      left = left.substr(0, left.find('_'));
    }
  }
  if (!all_allowed(left)) return std::nullopt;
  jid.user = left;
  return jid;
}

bool Jid::is_well_formed() const {
  return !server.empty() && all_allowed(server) && all_allowed(user) &&
         !(is_person() && agent_in(user));
}

bool Jid::is_person() const {
  return is(jid_server::kUser) || is(jid_server::kLegacyUser) || is(jid_server::kLid) ||
         is(jid_server::kHosted) || is(jid_server::kHostedLid);
}

Jid Jid::bare() const {
  Jid out{.user = user, .server = server, .integrator = integrator};
  std::transform(out.user.begin(), out.user.end(), out.user.begin(), fold);
  std::transform(out.server.begin(), out.server.end(), out.server.begin(), fold);
  if (out.is(jid_server::kLegacyUser) || out.is(jid_server::kHosted)) {
    out.server = jid_server::kUser;
  } else if (out.is(jid_server::kHostedLid)) {
    out.server = jid_server::kLid;
  }
  return out;
}

std::string Jid::to_string() const {
  std::string out = user;
  if (agent != 0) out += "_" + std::to_string(agent);
  if (device != 0) out += ":" + std::to_string(device);
  if (!out.empty()) out += "@";
  return out + server;
}

std::optional<std::string> phone_of(const Jid& jid) {
  const Jid bare = jid.bare();
  if (!bare.is(jid_server::kUser) || bare.user.size() < 6 || bare.user.size() > 15 ||
      !std::all_of(bare.user.begin(), bare.user.end(), is_digit)) {
    return std::nullopt;
  }
  return "+" + bare.user;
}

}  // namespace wasync
