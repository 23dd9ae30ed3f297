#include "service/http_address.h"

#include <boost/asio/ip/address.hpp>

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

[[noreturn]] void refuse(std::string_view text) {
  throw Error(ErrorCode::kUsage,
              Phrase{"\"{}\" is not a valid address to listen on",
                     "„{}” nu este o adresă bună pe care să asculte"}
                  .with(terminal_safe(first_bytes(repaired_utf8(text), 80))),
              Phrase{"Use ADDR:PORT, for example 127.0.0.1:8080 or [::1]:8080.",
                     "Folosește ADDR:PORT, de exemplu 127.0.0.1:8080 sau [::1]:8080."});
}

asio::ip::address parse_host(std::string_view host, std::string_view text) {
  if (host.empty()) return asio::ip::address_v4::any();
  if (host == "localhost") return asio::ip::address_v4::loopback();
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  auto address = asio::ip::make_address(std::string(host), error);
  // Without brackets, "::1:80" could be all address.
  if (error || address.is_v6() != bracketed) refuse(text);
  return address;
}

}  // namespace

asio::ip::tcp::endpoint parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) refuse(text);
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!port) refuse(text);
  return {parse_host(text.substr(0, colon), text), *port};
}

std::string to_text(const asio::ip::tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

bool is_loopback(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback();
  return address.is_loopback();
}

}  // namespace wasync
