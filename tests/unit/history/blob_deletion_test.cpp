#include "history/blob_deletion.h"

#include <doctest/doctest.h>

#include <optional>

#include "base/error.h"
#include "proto/peer_message.pb.h"
#include "unit/http_stub.h"

namespace blob_deletion_test {

using namespace wasync;
using synthetic::HttpStub;

namespace {

constexpr const char* kAuth = "secret+/=&x";

pb::HistorySyncNotification stored() {
  pb::HistorySyncNotification notification;
  notification.set_direct_path("/v/t62/history.enc?ccb=11-4&oh=01");
  notification.set_file_enc_sha256(std::string(32, '\xff'));
  notification.set_enc_handle("hand le");
  return notification;
}

std::string answer(const std::string& line) {
  return "HTTP/1.1 " + line + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
}

// The code of the error, which must not tell the secret.
std::optional<ErrorCode> failure(const pb::HistorySyncNotification& notification,
                                 const MediaServers& servers, DeletionOptions options = {}) {
  try {
    delete_blob(notification, servers, options);
  } catch (const Error& error) {
    CHECK((std::string(error.what()) + error.hint()).find("secret") == std::string::npos);
    return error.code();
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("a blob is deleted by its path and hash, with the servers' secret") {
  const HttpStub server({answer("204 No Content")});
  CHECK_FALSE(failure(stored(), {.hosts = {server.host(), "other.example"}, .auth = kAuth}));
  REQUIRE(server.requests().size() == 1);
  const std::string request = server.requests()[0];
  const std::string token = std::string(42, '_') + "8";
  CHECK(request.starts_with("DELETE /mms/md-msg-hist/" + token +
                            "=?auth=secret%2B%2F%3D%26x&d_md=L3YvdDYyL2hpc3RvcnkuZW5j"
                            "&e_handle=hand%20le&token=" +
                            token + "%3D HTTP/1.1\r\n"));
  CHECK(request.find("Origin: https://web.whatsapp.com\r\n") != std::string::npos);
  CHECK(request.find("Referer: https://web.whatsapp.com/\r\n") != std::string::npos);
}

TEST_CASE("the secret that the phone told goes along where the blob has a handle") {
  const HttpStub server({answer("204 No Content"), answer("204 No Content")});
  const MediaServers servers{.hosts = {server.host()}, .auth = kAuth};
  CHECK_FALSE(failure(stored(), servers, {.secret = "told-by-the-phone"}));
  pb::HistorySyncNotification without = stored();
  without.clear_enc_handle();
  CHECK_FALSE(failure(without, servers, {.secret = "told-by-the-phone"}));
  REQUIRE(server.requests().size() == 2);
  CHECK(server.requests()[0].find("Companion_User_Secret: told-by-the-phone\r\n") !=
        std::string::npos);
  CHECK(server.requests()[1].find("Companion_User_Secret") == std::string::npos);
}

TEST_CASE("the path is sent without padding, and a handle only when there is one") {
  const std::string url = deletion_url("media.example", "/a", {}, {}, "x", kHistoryMedia);
  CHECK(url == "https://media.example/mms/md-msg-hist/?auth=x&d_md=L2E&token=");
}

TEST_CASE("without a blob, a server or its secret there is nothing to ask") {
  const HttpStub server({answer("200 OK")});
  CHECK_FALSE(failure({}, {.hosts = {server.host()}, .auth = kAuth}));
  CHECK_FALSE(failure(stored(), {.hosts = {}, .auth = kAuth}));
  CHECK_FALSE(failure(stored(), {.hosts = {server.host()}}));
  CHECK(server.requests().empty());
}

TEST_CASE("a refusal, also one that points elsewhere, is told without the secret") {
  const HttpStub elsewhere({answer("200 OK")});
  for (const std::string& said : {answer("403 Forbidden"), answer("500 Oops"),
                                  "HTTP/1.1 302 Found\r\nLocation: " + elsewhere.host() +
                                      "/x\r\nContent-Length: 0\r\n\r\n"}) {
    CAPTURE(said);
    const HttpStub server({said});
    CHECK(failure(stored(), {.hosts = {server.host()}, .auth = kAuth}) ==
          ErrorCode::kServerRefused);
  }
  CHECK(elsewhere.requests().empty());
}

TEST_CASE("a server that does not answer is not waited for") {
  const HttpStub server({std::string(HttpStub::kHang)});
  CHECK(failure(stored(), {.hosts = {server.host()}, .auth = kAuth}, {.timeout_s = 1}) ==
        ErrorCode::kNetwork);
}

TEST_CASE("what a peer announced cannot aim the request elsewhere") {
  pb::HistorySyncNotification aimed = stored();
  aimed.set_direct_path("@evil.example/");
  CHECK(failure(aimed, {.hosts = {"127.0.0.1:9"}, .auth = kAuth}) == ErrorCode::kProtocol);
  aimed = stored();
  aimed.set_file_enc_sha256("short");
  CHECK(failure(aimed, {.hosts = {"127.0.0.1:9"}, .auth = kAuth}) == ErrorCode::kProtocol);
  CHECK(failure(stored(), {.hosts = {"http://media.example"}, .auth = kAuth}) ==
        ErrorCode::kConfig);
}

}  // namespace blob_deletion_test
