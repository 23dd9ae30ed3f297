#include "history/content_choices.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/text.h"
#include "history/content_text.h"

namespace wasync {
namespace {

using Json = nlohmann::json;

constexpr int kMostChoices = 100;  // of one message; WhatsApp allows far fewer
constexpr int kMostCards = 20;
constexpr std::size_t kMostTextBytes = 1'024;
constexpr std::size_t kMostJsonBytes = 64 * 1024;

// The lines of one message.
class Choices {
 public:
  // "[Visit us] https://…"
  void button(std::string_view text, std::string_view leads_to = {}) {
    const std::string label = clean(text);
    if (!label.empty() || !leads_to.empty()) {
      line(join(label.empty() ? std::string() : "[" + label + "]", clean(leads_to)));
    }
  }
  // "- Large: 30 cm"
  void row(std::string_view title, std::string_view description) {
    const std::string head = clean(title);
    const std::string tail = clean(description);
    if (!head.empty() || !tail.empty()) {
      line("- " + head + (head.empty() || tail.empty() ? "" : ": ") + tail);
    }
  }
  void heading(std::string_view text) {
    if (!text.empty()) line(clean(text));
  }
  std::string text() { return std::move(text_); }

 private:
  static std::string clean(std::string_view text) {
    return std::string(first_bytes(
        folded_whitespace(repaired_utf8(text.substr(0, 2 * kMostTextBytes))), kMostTextBytes));
  }
  static std::string join(std::string head, const std::string& tail) {
    if (!head.empty() && !tail.empty()) head += ' ';
    return head + tail;
  }
  void line(const std::string& content) {
    if (++count_ > kMostChoices) return;
    if (!text_.empty()) text_ += '\n';
    text_ += content;
  }

  std::string text_;
  int count_ = 0;
};

// Malformed JSON, or a field of another type, is an empty text.
std::string text_in(const Json& json, const char* key) {
  if (!json.is_object()) return {};
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json& list_in(const Json& json, const char* key) {
  static const Json kNone = Json::array();
  if (!json.is_object()) return kNone;
  const auto found = json.find(key);
  return found != json.end() && found->is_array() ? *found : kNone;
}

Json parsed_json(const std::string& text) {
  if (text.size() > kMostJsonBytes) return {};
  return Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

// A button of a native flow: its name says what it does, its JSON how. (Facts: the buttons that
// Baileys' and evolution-api's users send and get.)
void add_flow_button(const std::string& params, Choices& choices) {
  const Json json = parsed_json(params);
  std::string label = text_in(json, "display_text");
  if (label.empty()) label = text_in(json, "title");
  std::string leads_to;
  for (const char* key : {"url", "copy_code", "phone_number"}) {
    if (leads_to.empty()) leads_to = text_in(json, key);
  }
  choices.button(label, leads_to);
  for (const Json& section : list_in(json, "sections")) {
    choices.heading(text_in(section, "title"));
    for (const Json& row : list_in(section, "rows")) {
      choices.row(text_in(row, "title"), text_in(row, "description"));
    }
  }
}

void add_flow(const pb::InteractiveMessage& message, Choices& choices) {
  for (const auto& button : message.native_flow_message().buttons()) {
    add_flow_button(button.button_params_json(), choices);
  }
}

}  // namespace

std::string choices_of(const pb::InteractiveMessage& message) {
  Choices choices;
  add_flow(message, choices);
  const auto& cards = message.carousel_message().cards();
  for (int i = 0; i < std::min(cards.size(), kMostCards); ++i) {
    const pb::InteractiveMessage& card = cards[i];
    for (const std::string* text : {&card.header().title(), &card.header().subtitle(),
                                    &card.body().text(), &card.footer().text()}) {
      choices.heading(*text);
    }
    add_flow(card, choices);
  }
  return choices.text();
}

std::string choices_of(const pb::ListMessage& message) {
  Choices choices;
  choices.button(message.button_text());
  for (const auto& section : message.sections()) {
    choices.heading(section.title());
    for (const auto& row : section.rows()) choices.row(row.title(), row.description());
  }
  return choices.text();
}

std::string choices_of(const pb::ButtonsMessage& message) {
  Choices choices;
  for (const auto& button : message.buttons()) {
    if (!button.button_text().display_text().empty()) {
      choices.button(button.button_text().display_text());
    } else {
      add_flow_button(button.native_flow_info().params_json(), choices);
    }
  }
  return choices.text();
}

std::string choices_of(const pb::TemplateMessage::HydratedFourRowTemplate& rows) {
  Choices choices;
  for (const auto& button : rows.hydrated_buttons()) {
    choices.button(button.quick_reply_button().display_text());
    choices.button(button.url_button().display_text(), button.url_button().url());
    choices.button(button.call_button().display_text(), button.call_button().phone_number());
  }
  return choices.text();
}

}  // namespace wasync
