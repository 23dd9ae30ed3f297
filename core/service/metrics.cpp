#include "service/metrics.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace wasync {
namespace {

class Text {
 public:
  // Opens a family: its samples follow at once.
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = "wa_sync_" + std::string(name);
    out_ += "# HELP " + name_ + " " + std::string(help) + "\n";
    out_ += "# TYPE " + name_ + " " + std::string(type) + "\n";
  }
  void sample(std::int64_t value) { out_ += name_ + " " + std::to_string(value) + "\n"; }
  void sample(std::string_view label, std::string_view of, std::int64_t value) {
    sample({{label, of}}, value);
  }
  void sample(const std::vector<std::pair<std::string_view, std::string_view>>& labels,
              std::int64_t value) {
    out_ += name_;
    char before = '{';
    for (const auto& [label, of] : labels) {
      out_ += std::exchange(before, ',');
      out_.append(label) += "=\"" + escaped_label(of) + "\"";
    }
    out_ += "} " + std::to_string(value) + "\n";
  }
  std::string take() { return std::move(out_); }

 private:
  std::string name_;
  std::string out_;
};

struct AccountMetric {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  std::function<std::int64_t(const RunningAccount&)> value;
};

std::int64_t number(std::uint64_t count) {
  return static_cast<std::int64_t>(count);
}

const std::vector<AccountMetric>& account_metrics() {
  using A = const RunningAccount&;
  static const std::vector<AccountMetric> all = {
      {"account_connected", "gauge", "1 while the account is connected to WhatsApp.",
       [](A a) { return std::int64_t{a.status == "connected"}; }},
      {"account_held", "gauge", "1 while this process has the account's connection.",
       [](A a) { return std::int64_t{a.holds}; }},
      {"account_connected_since_seconds", "gauge",
       "Unix time of the present connection, 0 without one.",
       [](A a) { return a.connected_since.value; }},
      {"account_last_server_traffic_seconds", "gauge",
       "Unix time when anything last came from WhatsApp, 0 when never.",
       [](A a) { return a.last_server_traffic.value; }},
      {"account_last_stanza_seconds", "gauge",
       "Unix time of the newest message, receipt, notification or call, 0 when never.",
       [](A a) { return a.last_stanza.value; }},
      {"account_last_message_seconds", "gauge",
       "Unix time of the last realtime message, 0 when never.",
       [](A a) { return a.last_message.value; }},
      {"messages_received_total", "counter", "Message stanzas that came.",
       [](A a) { return number(a.counters.received); }},
      {"messages_stored_total", "counter", "Messages stored.",
       [](A a) { return number(a.counters.stored); }},
      {"messages_undecryptable_total", "counter", "Messages that could not be decrypted.",
       [](A a) { return number(a.counters.undecryptable); }},
      {"history_parts_waiting", "gauge",
       "Parts of the history that are still to be taken in: for room on the disk, too.",
       [](A a) { return a.history_waiting; }},
      {"history_parts_failed", "gauge", "Parts of the history that could not be taken in.",
       [](A a) { return a.history_failed; }},
      {"messages_awaited", "gauge", "Messages shown without their content, which may still come.",
       [](A a) { return a.messages_awaited; }},
      {"phone_requests_delayed_total", "counter",
       "Requests to the phone that waited, because it had been asked often enough within an hour.",
       [](A a) { return a.delayed_requests; }},
      {"messages_malformed_total", "counter", "Messages that could not be read.",
       [](A a) { return number(a.counters.malformed); }},
      {"stanzas_given_up_total", "counter", "Stanzas of no use to us, acked in the end.",
       [](A a) { return number(a.counters.given_up); }},
      {"sent_refused_total", "counter", "Messages and receipts that WhatsApp did not take.",
       [](A a) { return number(a.counters.sent_refused); }},
      {"messages_spoofed_total", "counter", "Messages only our own phone may send, from others.",
       [](A a) { return number(a.counters.spoofed); }},
      {"identities_changed_total", "counter",
       "Changes of a contact's identity key: its safety number is another one.",
       [](A a) { return number(a.counters.identities_changed); }},
      {"share_left_out_total", "counter",
       "Placeholders, waiting edits and reactions not stored: their sender had used its share.",
       [](A a) { return number(a.counters.left_out); }},
      {"share_not_asked_total", "counter",
       "Messages not asked for, or later: their sender had used its share for the hour.",
       [](A a) { return number(a.counters.not_asked); }},
      {"reconnects_total", "counter", "Connections made after the first.",
       [](A a) { return number(a.counters.reconnects); }},
      {"fell_silent_total", "counter",
       "Connections that answered and brought nothing for too long, so that we logged in anew.",
       [](A a) { return number(a.counters.fell_silent); }},
      {"uploads_written_total", "counter", "Documents written to Firestore.",
       [](A a) { return number(a.upload.written); }},
      {"uploads_queued", "gauge", "Rows that Firestore does not have yet.",
       [](A a) { return number(a.upload.queued); }},
      {"uploads_set_aside", "gauge", "Rows whose document Firestore refuses.",
       [](A a) { return number(a.upload.set_aside); }},
      {"uploads_troubled", "gauge", "1 while nothing can be uploaded.",
       [](A a) { return std::int64_t{!a.upload.trouble.empty()}; }},
  };
  return all;
}

}  // namespace

std::string escaped_label(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

std::string metrics_text(const ServiceState& state, std::string_view version,
                         const std::map<unsigned, std::uint64_t>& http_answers) {
  Text text;
  text.family("build_info", "gauge", "The version that runs.");
  text.sample("version", version, 1);
  text.family("start_time_seconds", "gauge", "Unix time when the service started.");
  text.sample(state.started_at.value);
  text.family("ready", "gauge", "1 when the service is ready.");
  text.sample(std::int64_t{state.ready});
  text.family("active", "gauge", "1 when the service is active, 0 when it is passive.");
  text.sample(std::int64_t{state.active});
  text.family("firestore_connected", "gauge", "1 when Firestore answered last time.");
  text.sample(std::int64_t{state.firestore_connected});
  if (state.free_bytes) {
    text.family("state_dir_free_bytes", "gauge", "Room on the disk of the state directory.");
    text.sample(static_cast<std::int64_t>(std::min<std::uintmax_t>(*state.free_bytes, INT64_MAX)));
  }
  for (const AccountMetric& metric : account_metrics()) {
    if (state.accounts.empty()) break;
    text.family(metric.name, metric.type, metric.help);
    for (const RunningAccount& account : state.accounts)
      text.sample("account", account.id.str(), metric.value(account));
  }
  if (!state.accounts.empty()) {
    text.family("sealed_unopened", "gauge",
                "Edits, reactions, votes and so on sealed with a message's secret that did not "
                "open.");
    for (const RunningAccount& account : state.accounts)
      for (const UnopenedCount& each : account.unopened)
        text.sample(
            {{"account", account.id.str()}, {"kind", name(each.kind)}, {"reason", name(each.why)}},
            each.count);
  }
  if (!http_answers.empty()) {
    text.family("http_answers_total", "counter", "Answers of the HTTP API.");
    for (const auto& [status, count] : http_answers)
      text.sample("status", std::to_string(status), number(count));
  }
  return text.take();
}

}  // namespace wasync
