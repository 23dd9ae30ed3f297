#include "wire/proxy.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <cctype>
#include <initializer_list>

#include "base/bytes.h"
#include "base/error.h"
#include "base/loopback.h"
#include "base/percent.h"

namespace wasync {
namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

// Curl's: a proxy address without a port.
constexpr std::string_view kDefaultPort = "1080";

struct Found {
  std::string variable;
  std::string value;
};

std::optional<Found> first_of(const Environment& environment,
                              std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (auto value = environment(name)) return Found{name, *std::move(value)};
  }
  return std::nullopt;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

[[noreturn]] void unusable(const std::string& variable, Phrase why) {
  throw Error(
      ErrorCode::kConfig,
      Phrase{"the proxy in {} cannot be used: {}", "proxy-ul din {} nu se poate folosi: {}"}.with(
          variable, why),
      Phrase{"Write it as http://host:port, or name WhatsApp's hosts in no_proxy.",
             "Scrie-l ca http://host:port sau numește în no_proxy sistemele WhatsApp."});
}

void check_scheme(const Found& found, std::string_view scheme) {
  if (scheme == "http") return;
  if (scheme.starts_with("socks"))
    unusable(found.variable, {"it is a SOCKS proxy, and wa-sync supports only HTTP proxies",
                              "este un proxy SOCKS, iar wa-sync acceptă doar proxy-uri HTTP"});
  unusable(found.variable,
           {"wa-sync supports only http:// proxies", "wa-sync acceptă doar proxy-uri http://"});
}

Proxy parse(const Found& found) {
  std::string_view rest = found.value;
  if (const std::size_t mark = rest.find("://"); mark != std::string_view::npos) {
    check_scheme(found, lower(rest.substr(0, mark)));
    rest.remove_prefix(mark + 3);
  }
  rest = rest.substr(0, rest.find_first_of("/?#"));
  Proxy proxy;
  proxy.variable = found.variable;
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view credentials = rest.substr(0, at);
    proxy.credentials = percent_decode(credentials).value_or(std::string(credentials));
    if (proxy.credentials.find(':') == std::string::npos) proxy.credentials += ':';
    rest.remove_prefix(at + 1);
  }
  try {
    // The same syntax as behind wss://.
    const bool has_port = rest.rfind(':') != std::string_view::npos &&
                          rest.find(']', rest.rfind(':')) == std::string_view::npos;
    std::string authority(rest);
    if (!has_port) authority.append(":").append(kDefaultPort);
    const WebSocketUrl url = parse_websocket_url("wss://" + authority);
    proxy.host = url.host;
    proxy.port = url.port;
  } catch (const Error&) {
    unusable(found.variable, {"it names no host and port", "nu numește o gazdă și un port"});
  }
  return proxy;
}

bool covers_address(const std::string& entry, const ip::address& address) {
  error_code error;
  if (entry.find('/') == std::string::npos) {
    const ip::address same = ip::make_address(entry, error);
    return !error && same == address;
  }
  if (address.is_v4()) {
    const ip::network_v4 network = ip::make_network_v4(entry, error);
    return !error &&
           ip::network_v4(address.to_v4(), network.prefix_length()).network() == network.network();
  }
  const ip::network_v6 network = ip::make_network_v6(entry, error);
  return !error &&
         ip::network_v6(address.to_v6(), network.prefix_length()).network() == network.network();
}

bool covers_name(std::string entry, const std::string& name) {
  if (entry.starts_with('.')) entry.erase(0, 1);
  if (entry.ends_with('.')) entry.pop_back();
  return !entry.empty() && (name == entry || name.ends_with("." + entry));
}

}  // namespace

bool exempt_from_proxy(const std::string& host, const std::string& list) {
  if (list == "*") return true;
  std::string name = lower(host);
  if (name.ends_with('.')) name.pop_back();
  error_code error;
  const ip::address address = ip::make_address(name, error);
  const bool is_address = !error;
  std::size_t from = 0;
  while ((from = list.find_first_not_of(", \t", from)) != std::string::npos) {
    const std::size_t end = std::min(list.find_first_of(", \t", from), list.size());
    std::string entry = lower(std::string_view(list).substr(from, end - from));
    if (entry.starts_with('[') && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
    if (is_address ? covers_address(entry, address) : covers_name(entry, name)) return true;
    from = end;
  }
  return false;
}

std::optional<Proxy> proxy_for(const WebSocketUrl& url, const Environment& environment) {
  auto found = url.secure ? first_of(environment, {"https_proxy", "HTTPS_PROXY"})
                          : first_of(environment, {"http_proxy"});
  if (!found) found = first_of(environment, {"all_proxy", "ALL_PROXY"});
  if (!found) return std::nullopt;
  const auto exempt = first_of(environment, {"no_proxy", "NO_PROXY"});
  if (exempt && exempt_from_proxy(url.host, exempt->value)) return std::nullopt;
  Proxy proxy = parse(*found);
  if (!url.secure && !is_loopback(proxy.host)) return std::nullopt;
  return proxy;
}

}  // namespace wasync
