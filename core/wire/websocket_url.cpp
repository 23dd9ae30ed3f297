#include "wire/websocket_url.h"

#include <algorithm>

#include "base/error.h"
#include "base/loopback.h"
#include "base/number.h"

namespace wasync {
namespace {

[[noreturn]] void reject(Phrase why) {
  throw Error(
      ErrorCode::kConfig,
      Phrase{"the server address is not usable: {}", "adresa serverului nu este bună: {}"}.with(
          why),
      Phrase{"Give an address like wss://web.whatsapp.com/ws/chat.",
             "Dă o adresă ca wss://web.whatsapp.com/ws/chat."});
}

bool consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == ':';
}

void check_port(const std::string& port) {
  if (parse_number<std::uint16_t>(port).value_or(0) == 0)
    reject(
        {"its port is not a number from 1 to 65535", "portul nu este un număr de la 1 la 65535"});
}

}  // namespace

std::string WebSocketUrl::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (secure ? "443" : "80")) out += ":" + port;
  return out;
}

WebSocketUrl parse_websocket_url(std::string_view text) {
  // Nothing below 0x21 or above 0x7e may reach a request line.
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; })) {
    reject({"it has blanks, control or non-ASCII characters",
            "are spații, caractere de control sau non-ASCII"});
  }
  WebSocketUrl url;
  if (consume(text, "ws://")) {
    url.secure = false;
  } else if (!consume(text, "wss://")) {
    reject({"it does not start with wss://", "nu începe cu wss://"});
  }
  const std::size_t path = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, path);
  url.target = text.substr(path, text.find('#') - path);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");

  if (consume(authority, "[")) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos)
      reject({"a bracket is not closed", "o paranteză nu este închisă"});
    url.host = authority.substr(0, end);
    authority.remove_prefix(end + 1);
  } else {
    const std::size_t end = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, end);
    authority.remove_prefix(end);
  }
  if (url.host.empty() || !std::ranges::all_of(url.host, is_host_character)) {
    reject({"it has no valid host name", "nu are un nume de gazdă bun"});
  }
  url.port = url.secure ? "443" : "80";
  if (consume(authority, ":")) {
    url.port = authority;
  } else if (!authority.empty()) {
    reject({"there is something behind its host name", "după numele de gazdă urmează ceva"});
  }
  check_port(url.port);
  if (!url.secure && !is_loopback(url.host)) {
    throw Error(ErrorCode::kConfig,
                Phrase{"the server address uses ws://, which is not encrypted, and {} is not this "
                       "machine",
                       "adresa serverului folosește ws://, care nu este criptat, iar {} nu este "
                       "acest sistem"}
                    .with(url.host),
                Phrase{"Use wss://.", "Folosește wss://."});
  }
  return url;
}

}  // namespace wasync
