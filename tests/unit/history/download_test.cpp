#include "history/download.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <optional>

#include "base/error.h"
#include "proto/peer_message.pb.h"
#include "unit/history/synthetic.h"
#include "unit/http_stub.h"

using namespace wasync;
using synthetic::HttpStub;
using synthetic::ok;

namespace {

struct Offer {
  pb::HistorySyncNotification notification;
  std::string blob;
  Bytes plaintext;

  explicit Offer(std::size_t size = 50'000) : plaintext(size, 0x42) {
    const Bytes key(32, 9);
    const EncryptedBlob encrypted = encrypt_blob(kHistoryMedia, plaintext, key);
    blob = to_string(encrypted.data);
    notification.set_media_key(to_string(key));
    notification.set_file_sha256(to_string(encrypted.file_sha256));
    notification.set_file_enc_sha256(to_string(encrypted.file_enc_sha256));
    notification.set_direct_path("/v/t62/history.enc?ccb=11-4&oh=01");
  }
};

struct Attempt {
  std::optional<ErrorCode> failed;
  Bytes plaintext;
};

Attempt fetch(const pb::HistorySyncNotification& notification, DownloadOptions options) {
  const synthetic::ScratchDir scratch;
  options.directory = scratch.path();
  Attempt out;
  try {
    const VerifiedBlob blob = download_blob(notification, options);
    blob.read([&](BytesView plain) { append(out.plaintext, plain); });
  } catch (const Error& error) {
    out.failed = error.code();
  }
  CHECK(std::filesystem::is_empty(scratch.path()));
  return out;
}

std::string status(const std::string& line) {
  return "HTTP/1.1 " + line + "\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody";
}

std::string unused_host() {
  const HttpStub closed({});
  return closed.host();
}

}  // namespace

TEST_CASE("a blob comes with the headers and query the servers expect") {
  const Offer offer;
  const HttpStub server({ok(offer.blob)});
  const Attempt got =
      fetch(offer.notification, {.hosts = {server.host()}, .user_agent = "test-agent"});
  CHECK_FALSE(got.failed);
  CHECK(got.plaintext == offer.plaintext);
  REQUIRE(server.requests().size() == 1);
  const std::string request = server.requests()[0];
  CHECK(request.starts_with("GET /v/t62/history.enc?ccb=11-4&oh=01&hash="));
  CHECK(request.find("&mms-type=md-msg-hist&__wa-mms= HTTP/1.1\r\n") != std::string::npos);
  CHECK(request.find("Origin: https://web.whatsapp.com\r\n") != std::string::npos);
  CHECK(request.find("User-Agent: test-agent\r\n") != std::string::npos);
}

TEST_CASE("the next host is tried when one cannot be reached or breaks off") {
  const Offer offer;
  const std::string broken =
      "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n" + offer.blob.substr(0, 1000);
  const HttpStub server({broken, status("503 Busy"), ok(offer.blob)});
  const Attempt got = fetch(
      offer.notification, {.hosts = {unused_host(), server.host(), server.host(), server.host()}});
  CHECK_FALSE(got.failed);
  CHECK(got.plaintext == offer.plaintext);
  CHECK(server.requests().size() == 3);
}

TEST_CASE("a blob that is gone or refused is not asked for elsewhere") {
  const Offer offer;
  for (const char* line : {"404 Not Found", "410 Gone", "403 Forbidden", "401 Unauthorized"}) {
    CAPTURE(line);
    const HttpStub server({status(line), ok(offer.blob)});
    CHECK(fetch(offer.notification, {.hosts = {server.host(), server.host()}}).failed ==
          ErrorCode::kMedia);
    CHECK(server.requests().size() == 1);
  }
}

TEST_CASE("other failures are the network's") {
  const Offer offer;
  CHECK(fetch(offer.notification, {.hosts = {unused_host()}}).failed == ErrorCode::kNetwork);
  CHECK(fetch(offer.notification, {.hosts = {}}).failed == ErrorCode::kNetwork);
  const HttpStub server({status("500 Oops"), std::string("no http at all")});
  CHECK(fetch(offer.notification, {.hosts = {server.host()}}).failed == ErrorCode::kNetwork);
  CHECK(fetch(offer.notification, {.hosts = {server.host()}}).failed == ErrorCode::kNetwork);
}

TEST_CASE("redirects lead nowhere on plain http") {
  const Offer offer;
  const HttpStub target({ok(offer.blob)});
  const HttpStub server({"HTTP/1.1 302 Found\r\nLocation: " + target.host() +
                         "/x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"});
  CHECK(fetch(offer.notification, {.hosts = {server.host()}}).failed == ErrorCode::kNetwork);
  CHECK(target.requests().empty());
}

TEST_CASE("a server that says nothing is left after a while") {
  const Offer offer;
  const HttpStub server(
      {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc" + std::string(HttpStub::kHang)});
  CHECK(fetch(offer.notification, {.hosts = {server.host()}, .stall_timeout_s = 1}).failed ==
        ErrorCode::kNetwork);
}

TEST_CASE("an interruption ends the transfer") {
  const Offer offer;
  const HttpStub server(
      {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc" + std::string(HttpStub::kHang)});
  CHECK(fetch(offer.notification, {.hosts = {server.host()}, .interrupted = [] { return true; }})
            .failed == ErrorCode::kInterrupted);
}

TEST_CASE("an oversized blob is refused, announced or not") {
  const Offer offer;
  const HttpStub announced({ok(offer.blob)});
  CHECK(fetch(offer.notification, {.hosts = {announced.host()}, .max_bytes = 1000}).failed ==
        ErrorCode::kMedia);
  const HttpStub silent({"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + offer.blob});
  CHECK(fetch(offer.notification, {.hosts = {silent.host()}, .max_bytes = 1000}).failed ==
        ErrorCode::kMedia);
}

TEST_CASE("a tampered blob is refused") {
  Offer offer;
  offer.blob[100] ^= 1;
  const HttpStub server({ok(offer.blob), ok(offer.blob)});
  CHECK(fetch(offer.notification, {.hosts = {server.host(), server.host()}}).failed ==
        ErrorCode::kMedia);
}

TEST_CASE("a peer cannot aim the download at another host or path") {
  const auto refused = [](const std::string& path) {
    try {
      blob_url("mmg.whatsapp.net", path, {}, kHistoryMedia);
    } catch (const Error& error) {
      return error.code() == ErrorCode::kProtocol;
    }
    return false;
  };
  CHECK_FALSE(refused("/v/t62.7118-24/file_n.enc?ccb=11-4&oh=01_Q5&_nc_sid=5e03e0&mms3=true"));
  CHECK_FALSE(refused("/plain.enc"));
  for (const char* path : {"",
                           "x",
                           "/",
                           "//evil.example/x",
                           "/a//b",
                           "/../x",
                           "/a/../b",
                           "/a/..",
                           "/a/%2e%2E/b",
                           "/a%2f..%2fb",
                           "/./a",
                           "@evil.example/",
                           "/a b",
                           "/a\r\nHost: x",
                           "/a#b",
                           "/a\\b",
                           "/a\x7f",
                           "https://evil.example/x",
                           ".evil.example/",
                           ":80@evil.example/"}) {
    CAPTURE(path);
    CHECK(refused(path));
  }
  CHECK(refused("/" + std::string(5000, 'a')));
}

TEST_CASE("plain http is for this machine only") {
  const auto accepted = [](const char* host) {
    try {
      return blob_url(host, "/x", {}, kHistoryMedia)
          .starts_with(std::string_view(host).starts_with("http") ? host : "https://");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kConfig);
      return false;
    }
  };
  for (const char* host : {"mmg.whatsapp.net", "media-otp1-1.cdn.whatsapp.net", "host:8443",
                           "http://127.0.0.1:80", "http://localhost:1", "http://[::1]:99"}) {
    CAPTURE(host);
    CHECK(accepted(host));
  }
  for (const char* host :
       {"", "http://mmg.whatsapp.net", "http://127.0.0.1.evil.example", "http://127.evil.example.x",
        "user@host", "host/path", "ftp://127.0.0.1", "host:port", "host:1:2", "a b",
        "http://127.0.0.1:80@evil.example", "https://mmg.whatsapp.net", "-x", ".x"}) {
    CAPTURE(host);
    CHECK_FALSE(accepted(host));
  }
}

TEST_CASE("an inline payload needs no server, and no data is no error") {
  pb::HistorySyncNotification notification;
  CHECK_FALSE(open_chunk(notification, {}));
  notification.set_initial_hist_bootstrap_inline_payload("payload");
  const ChunkSource source = open_chunk(notification, {});
  REQUIRE(source);
  std::string got;
  source([&](BytesView bytes) { got += as_text(bytes); });
  CHECK(got == "payload");
}
