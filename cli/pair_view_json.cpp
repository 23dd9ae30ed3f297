#include <nlohmann/json.hpp>

#include "cli/json_text.h"
#include "cli/pair_view.h"
#include "cli/passkey_script.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;

class JsonPairView : public PairView {
 public:
  explicit JsonPairView(const Console& console) : console_(console) {}

  void show(const PairEvent& event) override {
    std::visit([this](const auto& each) { print(each); }, event);
  }

  void show(const firestore::UploadState& upload) override {
    Json fields{{"written", upload.written},
                {"queued", upload.queued},
                {"set_aside", upload.set_aside},
                {"trouble", nullptr}};
    if (upload.trouble)
      fields["trouble"] = {{"kind", firestore::name(upload.trouble->kind)},
                           {"message", upload.trouble->message.in(Language::kEnglish)},
                           {"retry_in_ms", upload.retry_in.count()}};
    if (fields == last_upload_) return;
    line("upload", fields);
    last_upload_ = std::move(fields);
  }

 private:
  void line(const char* event, const Json& fields) {
    console_.out(json_event(event, fields) + "\n");
  }

  void print(const pair_event::Qr& qr) { code_line("qr", qr.text, qr.expires_in); }
  void print(const pair_event::Code& code) { code_line("code", code.text, code.expires_in); }
  void code_line(const char* event, const std::string& text, std::chrono::milliseconds expires_in) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(expires_in);
    line(event, {{"code", text}, {"expires_in", seconds.count()}});
  }
  void print(const pair_event::Passkey& passkey) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(passkey.expires_in);
    line("passkey", {{"options", Json::parse(passkey.options)},
                     {"script", passkey_script(passkey.options)},
                     {"expires_in", seconds.count()}});
  }
  void print(const pair_event::PasskeyRefused& refused) {
    line("passkey_refused", {{"message", refused.why.in(console_.language)}});
  }
  void print(const pair_event::PasskeyCode& code) {
    line("passkey_code", {{"code", code.text}, {"compare", code.compare}});
  }
  void print(const pair_event::Paired& paired) {
    line("paired", {{"account", paired.account.str()},
                    {"jid", paired.jid},
                    {"lid", paired.lid.empty() ? Json(nullptr) : Json(paired.lid)},
                    {"phone", paired.phone},
                    {"platform", paired.platform}});
  }
  void print(const pair_event::Resumed& resumed) {
    line("resumed", {{"account", resumed.account.str()}, {"phone", resumed.phone}});
  }
  void print(const pair_event::History& history) {
    Json fields{{"type", history.type},         {"chunk", history.chunk},
                {"progress", history.progress}, {"threads", history.threads},
                {"messages", history.messages}, {"contacts", history.contacts}};
    // A step of a chunk that changed nothing a reader sees is not worth a line.
    if (fields == last_history_) return;
    line("history", fields);
    last_history_ = std::move(fields);
  }
  void print(const pair_event::ChunkFailed& failed) {
    line("chunk_failed", {{"type", failed.type},
                          {"chunk", failed.chunk},
                          {"message", failed.message.in(Language::kEnglish)},
                          {"hint", failed.hint.in(Language::kEnglish)}});
  }
  void print(const pair_event::Reconnecting& reconnecting) {
    line("reconnecting", {{"reason", reconnecting.reason}});
  }
  void print(const pair_event::Done& done) {
    static constexpr const char* kEndings[] = {"complete", "stalled", "not_awaited"};
    Json fields{{"account", done.account.str()},
                {"threads", done.threads},
                {"messages", done.messages},
                {"contacts", done.contacts},
                {"oldest_message_at", json_time(done.oldest_message_at)},
                {"failed_chunks", done.failed_chunks},
                {"damaged_parts", done.damaged_parts},
                {"unopened", done.unopened},
                {"app_state", {{"damaged", done.damaged_app_state}}},
                {"ending", kEndings[static_cast<std::size_t>(done.ending)]}};
    if (done.dry_run) fields["dry_run"] = true;
    if (!last_upload_.is_null())
      for (const char* name : {"written", "queued", "set_aside"})
        fields["upload"][name] = last_upload_[name];
    line("done", fields);
  }

  const Console& console_;
  Json last_history_;
  Json last_upload_;
};

}  // namespace

std::unique_ptr<PairView> make_json_pair_view(const Console& console) {
  return std::make_unique<JsonPairView>(console);
}

}  // namespace wasync
