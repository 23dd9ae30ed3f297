#include "history/download.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <optional>

#include "base/error.h"
#include "proto/peer_message.pb.h"
#include "unit/history/synthetic.h"
#include "unit/http_stub.h"

namespace download_test {

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
  const test::ScratchDir scratch;
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

// Breaks off: announces the rest of the blob from `first` on, and sends `count` bytes of it.
std::string cut(const Offer& offer, std::size_t first, std::size_t count) {
  const std::string length = std::to_string(offer.blob.size() - first);
  const std::string head = first == 0 ? "HTTP/1.1 200 OK\r\n"
                                      : "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " +
                                            std::to_string(first) + "-" +
                                            std::to_string(offer.blob.size() - 1) + "/" +
                                            std::to_string(offer.blob.size()) + "\r\n";
  return head + "Content-Length: " + length + "\r\nConnection: close\r\n\r\n" +
         offer.blob.substr(first, count);
}
std::string rest(const Offer& offer, std::size_t first) {
  return cut(offer, first, std::string::npos);
}

bool asks_from(const std::string& request, std::size_t first) {
  return request.find("\r\nRange: bytes=" + std::to_string(first) + "-\r\n") != std::string::npos;
}

std::string unused_host() {
  const HttpStub closed(std::vector<std::string>{});
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

TEST_CASE("a transfer that breaks off goes on where it was") {
  const Offer offer;
  SUBCASE("at the next host") {
    const HttpStub first({cut(offer, 0, 20'000)});
    const HttpStub second({rest(offer, 20'000)});
    const Attempt got = fetch(offer.notification, {.hosts = {first.host(), second.host()}});
    CHECK_FALSE(got.failed);
    CHECK(got.plaintext == offer.plaintext);
    CHECK(first.requests()[0].find("Range:") == std::string::npos);
    CHECK(asks_from(second.requests()[0], 20'000));
  }
  SUBCASE("at the last one again") {
    const HttpStub server({cut(offer, 0, 20'000), status("503 Busy"), rest(offer, 20'000)});
    const Attempt got = fetch(offer.notification, {.hosts = {server.host()}});
    CHECK_FALSE(got.failed);
    CHECK(got.plaintext == offer.plaintext);
    REQUIRE(server.requests().size() == 3);
    CHECK(asks_from(server.requests()[2], 20'000));
  }
  SUBCASE("as often as that brings more") {
    const Offer large(1'000'000);
    std::vector<std::string> answers;
    for (std::size_t at = 0; at < 900'000; at += 100'000)
      answers.push_back(cut(large, at, 100'000));
    answers.push_back(rest(large, 900'000));
    const HttpStub server(answers);
    const Attempt got = fetch(large.notification, {.hosts = {server.host()}});
    CHECK_FALSE(got.failed);
    CHECK(got.plaintext == large.plaintext);
    CHECK(server.requests().size() == 10);
  }
  SUBCASE("but not for ever") {
    const HttpStub server(
        {cut(offer, 0, 1000), cut(offer, 1000, 1000), cut(offer, 2000, 1000), rest(offer, 3000)});
    CHECK(fetch(offer.notification, {.hosts = {server.host()}}).failed == ErrorCode::kNetwork);
    CHECK(server.requests().size() == 3);
  }
}

TEST_CASE("an answer that is not the rest begins anew") {
  const Offer offer;
  const std::string size = std::to_string(offer.blob.size());
  const std::string body = offer.blob.substr(20'000);
  const auto partial = [&](const std::string& range) {
    return "HTTP/1.1 206 Partial Content\r\n" + range +
           "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" +
           body;
  };
  const std::string last = std::to_string(offer.blob.size() - 1);
  for (const std::string& other :
       {partial(""), partial("Content-Range: bytes 19999-" + last + "/" + size + "\r\n"),
        partial("Content-Range: bytes 20000-20001/" + size + "\r\n"),
        partial("Content-Range: bytes 20000-" + last + "/*\r\n"),
        partial("Content-Range: 20000\r\n"), status("416 Range Not Satisfiable")}) {
    CAPTURE(other.substr(0, 100));
    const HttpStub first({cut(offer, 0, 20'000)});
    const HttpStub second({other});
    const HttpStub third({ok(offer.blob)});
    const Attempt got =
        fetch(offer.notification, {.hosts = {first.host(), second.host(), third.host()}});
    CHECK_FALSE(got.failed);
    CHECK(got.plaintext == offer.plaintext);
    CHECK(third.requests()[0].find("Range:") == std::string::npos);
  }
}

TEST_CASE("a server that knows no ranges sends the whole") {
  const Offer offer;
  const HttpStub server({cut(offer, 0, 20'000), ok(offer.blob)});
  const Attempt got = fetch(offer.notification, {.hosts = {server.host()}});
  CHECK_FALSE(got.failed);
  CHECK(got.plaintext == offer.plaintext);
  CHECK(asks_from(server.requests()[1], 20'000));
}

TEST_CASE("parts that do not fit together are left for a whole") {
  const Offer offer;
  Offer other = offer;
  other.blob[30'000] ^= 1;
  const HttpStub server({cut(offer, 0, 20'000), rest(other, 20'000)});
  const HttpStub whole({ok(offer.blob)});
  const HttpStub damaged({ok(other.blob)});
  CHECK(fetch(offer.notification, {.hosts = {server.host()}}).failed == ErrorCode::kNetwork);
  const HttpStub again({cut(offer, 0, 20'000), rest(other, 20'000)});
  const Attempt got =
      fetch(offer.notification, {.hosts = {again.host(), again.host(), whole.host()}});
  CHECK_FALSE(got.failed);
  CHECK(got.plaintext == offer.plaintext);
  const HttpStub third({cut(offer, 0, 20'000), rest(other, 20'000)});
  CHECK(fetch(offer.notification, {.hosts = {third.host(), third.host(), damaged.host()}}).failed ==
        ErrorCode::kMedia);
}

TEST_CASE("what a part says of its length is bounded as a whole is") {
  const Offer offer;
  const HttpStub server({cut(offer, 0, 20'000), rest(offer, 20'000)});
  CHECK(fetch(offer.notification, {.hosts = {server.host()}, .max_bytes = 45'000}).failed ==
        ErrorCode::kMedia);
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

}  // namespace download_test
