#include "wire/proxy.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "base/error.h"

namespace proxy_test {

using namespace wasync;

namespace {

using Variables = std::map<std::string, std::string>;

std::optional<Proxy> proxy(const std::string& url, const Variables& variables) {
  return proxy_for(parse_websocket_url(url), [&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end() || found->second.empty()) return std::nullopt;
    return found->second;
  });
}

std::string host_from(const std::string& url, const Variables& variables) {
  const auto found = proxy(url, variables);
  return found ? found->host : "";
}

constexpr const char* kServer = "wss://web.whatsapp.com/ws/chat";

}  // namespace

TEST_CASE("which variable counts: curl's order, the small letters first") {
  CHECK(host_from(kServer, {}).empty());
  CHECK(host_from(kServer, {{"https_proxy", "http://a:1"}, {"HTTPS_PROXY", "http://b:1"}}) == "a");
  CHECK(host_from(kServer, {{"HTTPS_PROXY", "http://b:1"}, {"all_proxy", "http://c:1"}}) == "b");
  CHECK(host_from(kServer, {{"all_proxy", "http://c:1"}, {"ALL_PROXY", "http://d:1"}}) == "c");
  CHECK(host_from(kServer, {{"ALL_PROXY", "http://d:1"}}) == "d");
  CHECK(host_from(kServer, {{"https_proxy", ""}, {"HTTPS_PROXY", "http://b:1"}}) == "b");
  CHECK(host_from(kServer, {{"http_proxy", "http://a:1"}}).empty());
}

TEST_CASE("this machine is reached through proxies on this machine only") {
  constexpr const char* kLocal = "ws://127.0.0.1:9/ws/chat";
  CHECK(host_from(kLocal, {{"http_proxy", "http://127.0.0.1:3128"}}) == "127.0.0.1");
  CHECK(host_from(kLocal, {{"ALL_PROXY", "localhost:3128"}}) == "localhost");
  CHECK(host_from(kLocal, {{"HTTP_PROXY", "http://127.0.0.1:3128"}}).empty());
  CHECK(host_from(kLocal, {{"https_proxy", "http://127.0.0.1:3128"}}).empty());
  CHECK(host_from(kLocal, {{"http_proxy", "http://proxy.example:3128"}}).empty());
}

TEST_CASE("how a proxy is written") {
  const auto parsed = [](const std::string& value) {
    return proxy(kServer, {{"https_proxy", value}}).value();
  };
  CHECK(parsed("http://proxy.example:3128/").host == "proxy.example");
  CHECK(parsed("http://proxy.example:3128/").port == "3128");
  CHECK(parsed("HTTP://proxy.example:3128").credentials.empty());
  CHECK(parsed("proxy.example:8080").port == "8080");
  CHECK(parsed("proxy.example").port == "1080");  // as curl
  CHECK(parsed("http://[::1]:3128").host == "::1");
  CHECK(parsed("http://[::1]").port == "1080");
  CHECK(parsed("http://me:se%40cret@p:1").credentials == "me:se@cret");
  CHECK(parsed("http://me:a@b@p:1").credentials == "me:a@b");
  CHECK(parsed("http://me@p:1").credentials == "me:");
  CHECK(parsed("http://me:100%@p:1").credentials == "me:100%");
  CHECK(parsed("http://p:1").variable == "https_proxy");
}

TEST_CASE("what is no HTTP proxy is refused, without its password") {
  for (const char* value :
       {"socks5://me:hush@p:1080", "socks5h://p:1", "SOCKS4://p:1", "https://me:hush@p:443",
        "ftp://p:1", "http://", "http://me:hush@", "http://p:99999", "http://p:port",
        "http://a b:1", "http://me:hush@p:1x", "http://[::1:3128"}) {
    CAPTURE(value);
    try {
      proxy(kServer, {{"ALL_PROXY", value}});
      FAIL_CHECK("it was taken");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kConfig);
      const std::string said = error.what() + error.hint();
      CHECK(said.find("ALL_PROXY") != std::string::npos);
      CHECK(said.find("hush") == std::string::npos);
    }
  }
  try {
    proxy(kServer, {{"ALL_PROXY", "socks5://p:1080"}});
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("SOCKS") != std::string::npos);
  }
}

TEST_CASE("a proxy that is not used is not judged") {
  CHECK_FALSE(proxy(kServer, {{"ALL_PROXY", "socks5://p:1"}, {"NO_PROXY", "*"}}));
  CHECK(host_from(kServer, {{"ALL_PROXY", "socks5://p:1"}, {"HTTPS_PROXY", "q:1"}}) == "q");
}

TEST_CASE("no_proxy") {
  const Variables base{{"https_proxy", "p:1"}};
  const auto with = [&](const char* name, const char* list) {
    Variables all = base;
    all[name] = list;
    return host_from(kServer, all);
  };
  CHECK(with("no_proxy", "whatsapp.com").empty());
  CHECK(with("NO_PROXY", "whatsapp.com").empty());
  CHECK(with("no_proxy", "example.com") == "p");
  Variables both = base;
  both["no_proxy"] = "example.com";
  both["NO_PROXY"] = "whatsapp.com";
  CHECK(host_from(kServer, both) == "p");  // the small letters win

  for (const char* list : {"*", "web.whatsapp.com", ".whatsapp.com", "whatsapp.com", "com",
                           "a,b , WhatsApp.COM", "a b\twhatsapp.com", "whatsapp.com."}) {
    CAPTURE(list);
    CHECK(exempt_from_proxy("web.whatsapp.com", list));
    CHECK(exempt_from_proxy("WEB.whatsapp.com.", list));
  }
  for (const char* list : {"", ",", "sapp.com", "a.web.whatsapp.com", "*.example.com", "10.0.0.0/8",
                           "web.whatsapp.com:443", "."}) {
    CAPTURE(list);
    CHECK_FALSE(exempt_from_proxy("web.whatsapp.com", list));
  }
  for (const char* list : {"127.0.0.1", "127.0.0.0/8", "10.0.0.0/8,127.0.0.1/32", "127.9.9.9/8"}) {
    CAPTURE(list);
    CHECK(exempt_from_proxy("127.0.0.1", list));
  }
  for (const char* list : {"127.0.0.2", "127.0.0", "0.0.1", "10.0.0.0/8", "127.0.0.1/99", "::1"}) {
    CAPTURE(list);
    CHECK_FALSE(exempt_from_proxy("127.0.0.1", list));
  }
  CHECK(exempt_from_proxy("::1", "[::1]"));
  CHECK(exempt_from_proxy("2001:db8::7", "2001:db8::/32"));
  CHECK_FALSE(exempt_from_proxy("2001:db9::7", "2001:db8::/32"));
}

}  // namespace proxy_test
