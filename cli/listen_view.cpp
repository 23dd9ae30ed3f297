#include "cli/listen_view.h"

#include <nlohmann/json.hpp>
#include <variant>

#include "base/log.h"
#include "base/text.h"
#include "cli/error_report.h"
#include "cli/json_text.h"
#include "session/history/sync_type.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;
using namespace service_event;

std::string seconds(std::chrono::milliseconds time) {
  return fmt::format("{:.1f} s", static_cast<double>(time.count()) / 1000);
}

class JsonListenView : public ListenView {
 public:
  explicit JsonListenView(const Console& console) : console_(console) {}

  void started(std::size_t accounts, const std::string& instance,
               const std::string& http) override {
    line("listening", {{"accounts", accounts},
                       {"instance", instance},
                       {"http", http.empty() ? Json(nullptr) : Json(http)}});
  }
  void stopping() override { line("stopping", Json::object()); }
  void show(const ServiceEvent& event) override {
    std::visit([this](const auto& each) { print(each); }, event);
  }

 private:
  // The reader may have gone; the accounts matter more.
  void line(const char* event, const Json& fields) {
    if (gone_) return;
    try {
      console_.out(json_event(event, fields) + "\n");
    } catch (const Error& error) {
      gone_ = true;
      log::warn("the reader of the events is gone: {}", error.what());
    }
  }
  void print(const Connected& it) {
    line("connected", {{"account", it.account.str()}, {"phone", it.phone}});
  }
  void print(const Disconnected& it) {
    line("disconnected", {{"account", it.account.str()},
                          {"reason", it.reason},
                          {"retry_in_ms", it.retry_in.count()}});
  }
  void print(const Halted& it) {
    line("halted", {{"account", it.account.str()},
                    {"code", name(it.why.code())},
                    {"message", it.why.what()},
                    {"hint", advice_on(it.why).in(Language::kEnglish)},
                    {"retry_in_ms", it.retry_in ? Json(it.retry_in->count()) : Json(nullptr)}});
  }
  void print(const Waiting& it) {
    line("waiting",
         {{"account", it.account.str()}, {"holder", it.holder}, {"elsewhere", it.elsewhere}});
  }
  void print(const Received& it) {
    line("received", {{"account", it.account.str()}, {"messages", it.messages}});
  }
  void print(const History& it) {
    Json fields{{"account", it.account.str()},   {"type", sync_type_name(it.chunk.type)},
                {"chunk", it.chunk.chunk_order}, {"progress", it.chunk.progress},
                {"threads", it.chunk.threads},   {"messages", it.chunk.messages},
                {"contacts", it.chunk.contacts}};
    if (it.failure) fields["failure"] = it.failure->what();
    line("history", fields);
  }
  void print(const BackfillStarted& it) {
    line("backfill_started", {{"account", it.account.str()}, {"trigger", name(it.trigger)}});
  }
  void print(const BackfillEnded& it) {
    line("backfill_ended", {{"account", it.account.str()},
                            {"trigger", name(it.trigger)},
                            {"ok", !it.failure},
                            {"threads", it.done.threads},
                            {"messages", it.done.messages},
                            {"errors", it.done.errors},
                            {"duration_ms", it.took.count()},
                            {"code", it.failure ? Json(name(it.failure->code())) : Json(nullptr)},
                            {"message", it.failure ? Json(it.failure->what()) : Json(nullptr)}});
  }
  void print(const BackfillSkipped& it) {
    line("backfill_skipped", {{"account", it.account.str()},
                              {"holder", it.holder.empty() ? Json(nullptr) : Json(it.holder)}});
  }
  void print(const Upload& it) {
    Json fields{{"account", it.account.str()},
                {"written", it.state.written},
                {"queued", it.state.queued},
                {"set_aside", it.state.set_aside},
                {"trouble", nullptr}};
    if (it.state.trouble)
      fields["trouble"] = {{"kind", firestore::name(it.state.trouble->kind)},
                           {"message", it.state.trouble->message.in(Language::kEnglish)},
                           {"retry_in_ms", it.state.retry_in.count()}};
    line("upload", fields);
  }

  const Console& console_;
  bool gone_ = false;
};

// Phone numbers only where a person looks on; a log goes who knows where.
class LogListenView : public ListenView {
 public:
  explicit LogListenView(const Console& console) : console_(console) {}

  void started(std::size_t accounts, const std::string& instance,
               const std::string& http) override {
    if (accounts == 0)
      log::info("no account is paired yet; listen picks up those that `wa-sync pair` adds");
    else
      log::info("{} account{} as {}", accounts, accounts == 1 ? "" : "s", instance);
    if (!http.empty()) log::info("HTTP API on http://{}", http);
  }
  void stopping() override { log::info("stops"); }
  void show(const ServiceEvent& event) override {
    std::visit([this](const auto& each) { print(each); }, event);
  }

 private:
  void print(const Connected& it) {
    if (console_.err_is_terminal)
      log::info("{}: connected, {}", it.account.str(), it.phone);
    else
      log::info("{}: connected", it.account.str());
  }
  void print(const Disconnected& it) {
    log::warn("{}: disconnected: {}; again in {}", it.account.str(), it.reason,
              seconds(it.retry_in));
  }
  void print(const Halted& it) {
    const std::string hint = advice_on(it.why).in(Language::kEnglish);
    const std::string again =
        it.retry_in ? fmt::format("; tried again by itself in {} min",
                                  std::chrono::ceil<std::chrono::minutes>(*it.retry_in).count())
                    : "";
    log::error("{}: stopped: {}{}{}{}", it.account.str(), terminal_safe(it.why.what()),
               hint.empty() ? "" : "; ", hint, again);
  }
  void print(const Waiting& it) {
    log::info("{}: {} has it{}", it.account.str(), terminal_safe(it.holder),
              it.elsewhere ? " on another host: passive" : "");
  }
  void print(const Received& it) {
    log::info("{}: {} message{}", it.account.str(), it.messages, it.messages == 1 ? "" : "s");
  }
  void print(const History& it) {
    if (it.failure)
      log::warn("{}: history {} {}: {}", it.account.str(), sync_type_name(it.chunk.type),
                it.chunk.chunk_order, it.failure->what());
    else
      log::info("{}: history {} {}, {} %: {} messages", it.account.str(),
                sync_type_name(it.chunk.type), it.chunk.chunk_order, it.chunk.progress,
                it.chunk.messages);
  }
  void print(const BackfillStarted& it) {
    log::info("{}: scheduled backfill begins ({})", it.account.str(), name(it.trigger));
  }
  void print(const BackfillEnded& it) {
    if (it.failure)
      log::warn("{}: scheduled backfill ended early after {}, with {} messages: {}",
                it.account.str(), seconds(it.took), it.done.messages, it.failure->what());
    else
      log::info("{}: scheduled backfill of {} threads in {}: {} messages, {} errors",
                it.account.str(), it.done.threads, seconds(it.took), it.done.messages,
                it.done.errors);
  }
  void print(const BackfillSkipped& it) {
    if (it.holder.empty())
      log::warn("{}: no scheduled backfill: Firestore cannot be asked whose turn it is",
                it.account.str());
    else
      log::info("{}: no scheduled backfill: {} does it", it.account.str(),
                terminal_safe(it.holder));
  }
  void print(const Upload& it) {
    if (it.state.trouble)
      log::warn("{}: {} documents wait for Firestore: {}", it.account.str(), it.state.queued,
                it.state.trouble->message.in(Language::kEnglish));
    else
      log::info("{}: Firestore takes documents", it.account.str());
  }

  const Console& console_;
};

}  // namespace

std::unique_ptr<ListenView> make_listen_view(const Console& console) {
  if (console.json) return std::make_unique<JsonListenView>(console);
  return std::make_unique<LogListenView>(console);
}

}  // namespace wasync
