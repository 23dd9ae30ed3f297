#include "service/metrics.h"

#include <doctest/doctest.h>

#include <set>
#include <sstream>

namespace metrics_test {

using namespace wasync;

namespace {

ServiceState two_accounts() {
  ServiceState state{.instance_id = "host-1", .active = true, .ready = true, .started_at = {1000}};
  for (const char* phone : {"+40737123397", "+40711111111"}) {
    state.accounts.push_back({.id = account_id_for(phone),
                              .status = "connected",
                              .holds = true,
                              .counters = {.received = 7, .stored = 5, .fell_silent = 2},
                              .upload = {.queued = 3, .trouble = "no \"network\""},
                              .last_stanza = {900},
                              .history_waiting = 4,
                              .history_failed = 1});
  }
  return state;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("each family has its help and type once, before its samples") {
  std::istringstream text(metrics_text(two_accounts(), "0.1.0", {{200, 9}, {404, 1}}));
  std::set<std::string> typed;
  std::string current;
  for (std::string line; std::getline(text, line);) {
    std::istringstream words(line);
    std::string first;
    std::string second;
    words >> first >> second;
    if (first == "#" && second == "TYPE") {
      words >> current;
      CHECK(typed.insert(current).second);
    } else if (first != "#") {
      CHECK(first.substr(0, first.find('{')) == current);
      CHECK_FALSE(second.empty());
    }
  }
  CHECK(typed.size() > 15);
}

TEST_CASE("samples carry the account's id, and counters are named as counters") {
  const std::string text = metrics_text(two_accounts(), "0.1.0", {{200, 9}});
  const std::string id = account_id_for("+40737123397").str();
  CHECK(has_line(text, "wa_sync_messages_received_total{account=\"" + id + "\"} 7"));
  CHECK(has_line(text, "# TYPE wa_sync_messages_received_total counter"));
  CHECK(has_line(text, "wa_sync_uploads_queued{account=\"" + id + "\"} 3"));
  CHECK(has_line(text, "wa_sync_uploads_troubled{account=\"" + id + "\"} 1"));
  CHECK(has_line(text, "wa_sync_history_parts_waiting{account=\"" + id + "\"} 4"));
  CHECK(has_line(text, "wa_sync_history_parts_failed{account=\"" + id + "\"} 1"));
  CHECK(has_line(text, "wa_sync_account_last_stanza_seconds{account=\"" + id + "\"} 900"));
  CHECK(has_line(text, "wa_sync_fell_silent_total{account=\"" + id + "\"} 2"));
  CHECK(has_line(text, "wa_sync_ready 1"));
  CHECK(has_line(text, "wa_sync_build_info{version=\"0.1.0\"} 1"));
  CHECK(has_line(text, "wa_sync_http_answers_total{status=\"200\"} 9"));
  CHECK(text.find("40737123397") == std::string::npos);
  CHECK(text.find("network") == std::string::npos);
}

TEST_CASE("what did not open is counted by kind and reason") {
  ServiceState state = two_accounts();
  state.accounts[0].unopened = {
      {.kind = SealedKind::kPollVote, .why = Unopened::kNoSecret, .count = 4}};
  CHECK(has_line(metrics_text(state, "0.1.0", {}),
                 "wa_sync_sealed_unopened{account=\"" + account_id_for("+40737123397").str() +
                     "\",kind=\"poll_vote\",reason=\"no_secret\"} 4"));
}

TEST_CASE("labels are escaped") {
  CHECK(escaped_label("a\"b\\c\nd") == "a\\\"b\\\\c\\nd");
  CHECK(has_line(metrics_text({}, "1\"}\n2", {}), "wa_sync_build_info{version=\"1\\\"}\\n2\"} 1"));
}

TEST_CASE("room on the disk is told when somebody has looked") {
  ServiceState state = two_accounts();
  CHECK(metrics_text(state, "0.1.0", {}).find("free_bytes") == std::string::npos);
  state.free_bytes = 123456;
  CHECK(has_line(metrics_text(state, "0.1.0", {}), "wa_sync_state_dir_free_bytes 123456"));
  state.free_bytes = UINTMAX_MAX;
  CHECK(has_line(metrics_text(state, "0.1.0", {}),
                 "wa_sync_state_dir_free_bytes 9223372036854775807"));
}

}  // namespace metrics_test
