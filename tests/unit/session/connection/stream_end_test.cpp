#include "session/connection/stream_end.h"

#include <doctest/doctest.h>

#include <string>

namespace stream_end_test {

using namespace wasync;

namespace {

Node failure(const std::string& reason) {
  return Node("failure", {{"reason", reason}, {"location", "frc"}});
}

Node stream_error(const std::string& code, const std::string& child = {},
                  const std::string& type = {}) {
  Node node("stream:error");
  if (!code.empty()) node.set("code", code);
  Node inner(child);
  if (!type.empty()) inner.set("type", type);
  if (!child.empty()) node.content = std::vector<Node>{inner};
  return node;
}

struct Case {
  Node node;
  ErrorCode code;
  const char* says;   // part of the sentence
  const char* hints;  // part of what to do
};

void check(const Case& each) {
  CAPTURE(each.node.describe());
  const auto error = stream_end(each.node);
  REQUIRE(error);
  CHECK(error->code() == each.code);
  CAPTURE(error->what());
  CHECK(std::string(error->what()).find(each.says) != std::string::npos);
  CAPTURE(error->hint());
  CHECK(error->hint().find(each.hints) != std::string::npos);
}

}  // namespace

TEST_CASE("why a login is refused") {
  using enum ErrorCode;
  const Case cases[] = {
      {failure("400"), kServerRefused, "(400)", "upgrade"},
      {failure("401"), kLoggedOut, "removed this device (401)", "wa-sync pair"},
      {failure("402"), kBanned, "banned this account for a while (402)", "Wait"},
      {failure("403"), kLoggedOut, "locked the account, or it has moved", "on the phone"},
      {failure("405"), kClientOutdated, "outdated (405)", "--web-version"},
      {failure("406"), kLoggedOut, "logged the account out or banned it (406)", "on the phone"},
      {failure("409"), kServerRefused, "kind of client (409)", "Upgrade"},
      {failure("411"), kServerRefused, "phone's WhatsApp", "Update WhatsApp on the phone"},
      {failure("413"), kServerRefused, "token", "Upgrade"},
      {failure("414"), kServerRefused, "token", "Upgrade"},
      {failure("415"), kServerRefused, "(415)", "Upgrade"},
      {failure("418"), kServerRefused, "kind of client (418)", "Upgrade"},
      {failure("429"), kServerRefused, "too often (429)", "hour"},
      {failure("500"), kNetwork, "not available at the moment (500)", "again"},
      {failure("501"), kServerRefused, "experiment", "upgrade"},
      {failure("503"), kNetwork, "not available at the moment (503)", "again"},
      // Codes nobody has seen, and none at all.
      {failure("400000000000"), kServerRefused, "unknown reason (400000000000)", "upgrade"},
      {failure("599"), kServerRefused, "unknown reason (599)", "upgrade"},
      {failure("0"), kServerRefused, "unknown reason", "upgrade"},
      {failure("nonsense"), kServerRefused, "unknown reason", "upgrade"},
      {failure(""), kServerRefused, "unknown reason", "upgrade"},
      {Node("failure"), kServerRefused, "unknown reason", "upgrade"},
  };
  for (const Case& each : cases) check(each);
}

TEST_CASE("why a stream ends") {
  using enum ErrorCode;
  const Case cases[] = {
      {stream_error("515"), kNetwork, "new connection", ""},
      {stream_error("401", "conflict", "device_removed"), kLoggedOut, "(401)", "wa-sync pair"},
      {stream_error("", "conflict", "device_removed"), kLoggedOut, "removed", "wa-sync pair"},
      {stream_error("", "conflict", "replaced"), kReplaced, "took its place", "Stop the other"},
      {stream_error("409", "conflict", "replaced"), kReplaced, "took its place", "Stop the other"},
      {stream_error("", "conflict"), kReplaced, "took its place", "Stop the other"},
      {stream_error("500"), kNetwork, "not available at the moment (500)", "again"},
      {stream_error("503"), kNetwork, "not available at the moment (503)", "again"},
      {stream_error("", "xml-not-well-formed"), kNetwork, "xml-not-well-formed", "upgrade"},
      {stream_error("", "ack"), kNetwork, "missed an answer", "again"},
      // Not known to be final: the next login says why it is, if it is.
      {stream_error("401"), kNetwork, "(401)", "again"},
      {stream_error("403"), kNetwork, "(403)", "again"},
      {stream_error("516"), kNetwork, "(516)", "again"},
      {stream_error("599"), kNetwork, "(599)", "again"},
      {stream_error("nonsense"), kNetwork, "nonsense", "again"},
      {stream_error("", "something-new"), kNetwork, "something-new", "again"},
      {stream_error(""), kNetwork, "ended the connection", "again"},
      {Node("xmlstreamend"), kNetwork, "ended the connection", ""},
  };
  for (const Case& each : cases) check(each);
}

TEST_CASE("a ban says what for and how long, as far as the server does") {
  const auto ban = [](const std::string& code, const std::string& expire) {
    Node node = failure("402");
    if (!code.empty()) node.set("code", code);
    if (!expire.empty()) node.set("expire", expire);
    return node;
  };
  using enum ErrorCode;
  const Case cases[] = {
      {ban("101", "3600"), kBanned, "contacts", "1 hour:"},
      {ban("102", "3601"), kBanned, "blocked", "2 hours:"},
      {ban("103", ""), kBanned, "groups", "Wait"},
      {ban("104", "0"), kBanned, "same message", "Wait"},
      {ban("106", "86400"), kBanned, "broadcast", "24 hours:"},
      {ban("105", "soon"), kBanned, "reason 105", "Wait"},
  };
  for (const Case& each : cases) check(each);
}

TEST_CASE("only 515 demands a restart, and nothing else ends a stream") {
  CHECK(demands_restart(stream_error("515")));
  CHECK_FALSE(demands_restart(stream_error("516")));
  CHECK_FALSE(demands_restart(failure("515")));
  for (const char* tag : {"message", "iq", "success", "ib", "stream:features"})
    CHECK_FALSE(stream_end(Node(tag)));
}

TEST_CASE("a refused request has its code, when there is one") {
  const RefusedQuery refused("md",
                             Node("iq", {}, std::vector<Node>{Node("error", {{"code", "429"}})}));
  CHECK(refused.code() == ErrorCode::kServerRefused);
  CHECK(refused.reason() == 429);
  CHECK(std::string(refused.what()).find("\"md\" (429)") != std::string::npos);
  CHECK(RefusedQuery("md", Node("iq")).reason() == 0);
}

}  // namespace stream_end_test
