#include <algorithm>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "base/percent.h"
#include "history/blob_deletion.h"
#include "history/download.h"

namespace wasync {
namespace {

constexpr std::size_t kMaxPath = 2048;
constexpr std::size_t kMaxHost = 253 + 6;

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Allowed in a path or query. Not '#', '@', backslash, space and control characters.
bool is_path_character(char c) {
  return is_alnum(c) || std::string_view("/-._~%!$&'()*+,;=:?").find(c) != std::string_view::npos;
}

// The client library would resolve "." and "..", also percent-encoded, and change the path.
bool has_dot_segment(std::string_view path) {
  std::string plain;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::string_view three = path.substr(i, 3);
    if (three == "%2e" || three == "%2E") {
      plain += '.';
      i += 2;
    } else if (three == "%2f" || three == "%2F") {
      plain += '/';
      i += 2;
    } else {
      plain += path[i];
    }
  }
  plain += '/';
  return plain.find("/../") != std::string::npos || plain.find("/./") != std::string::npos;
}

bool is_plain_path(std::string_view path) {
  if (path.size() < 2 || path.size() > kMaxPath || path[0] != '/' || path[1] == '/') return false;
  if (!std::all_of(path.begin(), path.end(), is_path_character)) return false;
  const std::string_view before_query = path.substr(0, path.find('?'));
  return before_query.find("//") == std::string_view::npos && !has_dot_segment(before_query);
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_host(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  if (colon != std::string_view::npos && !is_port(text.substr(colon + 1))) return false;
  return !host.empty() && host.front() != '.' && host.front() != '-' && text.size() <= kMaxHost &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return is_alnum(c) || c == '.' || c == '-'; });
}

bool is_loopback(std::string_view authority) {
  if (authority.starts_with("[::1]:")) return is_port(authority.substr(6));
  if (authority == "[::1]") return true;
  if (!is_host(authority)) return false;
  const std::string_view host = authority.substr(0, authority.find(':'));
  if (host == "localhost") return true;
  // An address in 127.0.0.0/8, not a name that begins like one.
  return host.starts_with("127.") && std::count(host.begin(), host.end(), '.') == 3 &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

std::string origin_of(std::string_view host) {
  constexpr std::string_view kHttp = "http://";
  if (host.starts_with(kHttp) && is_loopback(host.substr(kHttp.size()))) return std::string(host);
  if (is_host(host)) return "https://" + std::string(host);
  throw Error(ErrorCode::kConfig,
              Phrase{"the list of media servers has an entry that is not a host name",
                     "lista serverelor media conține ceva ce nu este un nume de sistem"},
              Phrase{"Give host names, or http addresses of this machine.",
                     "Folosește nume de sisteme sau adrese http ale acestui sistem."});
}

void require_plain_path(std::string_view direct_path, const MediaType& type) {
  if (is_plain_path(direct_path)) return;
  throw Error(ErrorCode::kProtocol, Phrase{"{} was announced with a malformed download path",
                                           "{} a fost anunțat cu o cale de descărcare malformată"}
                                        .with(type.a_blob));
}

std::string without_padding(std::string base64) {
  base64.erase(base64.find_last_not_of('=') + 1);
  return base64;
}

}  // namespace

std::string blob_url(std::string_view host, std::string_view direct_path, BytesView file_enc_sha256,
                     const MediaType& type) {
  require_plain_path(direct_path, type);
  // The path usually has a query already; the servers accept '&' first as well, which is what
  // every client sends.
  return origin_of(host) + std::string(direct_path) + "&hash=" + base64url_encode(file_enc_sha256) +
         "&mms-type=" + std::string(type.url_name) + "&__wa-mms=";
}

// The servers find the blob by its path ("d_md"), and compare the hash ("token").
std::string deletion_url(std::string_view host, std::string_view direct_path,
                         BytesView file_enc_sha256, std::string_view enc_handle,
                         std::string_view auth, const MediaType& type) {
  require_plain_path(direct_path, type);
  const std::string token = base64url_encode(file_enc_sha256);
  const std::string_view path = direct_path.substr(0, direct_path.find('?'));
  std::string url = origin_of(host) + "/mms/" + std::string(type.url_name) + "/" + token +
                    "?auth=" + percent_encode(auth) +
                    "&d_md=" + without_padding(base64url_encode(as_bytes(path)));
  if (!enc_handle.empty()) url += "&e_handle=" + percent_encode(enc_handle);
  return url + "&token=" + percent_encode(token);
}

}  // namespace wasync
