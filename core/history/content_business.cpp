#include "history/content_business.h"

#include "history/content_choices.h"
#include "history/content_media.h"
#include "history/content_text.h"
#include "proto/message.pb.h"

namespace wasync {
namespace {

// A business message is a picture, video or document with text below, or the text alone.
template <typename Header>
Content with_media_of(const Header& header, std::string body) {
  Content out;
  if (header.has_image()) {
    out = image_content(header.image());
  } else if (header.has_video()) {
    out = video_content(header.video());
  } else if (header.has_document()) {
    out = document_content(header.document());
  }
  if (body.empty()) return out;
  if (out.media) out.media->caption = body;
  out.body = std::move(body);
  return out;
}

Content interactive_content(const pb::InteractiveMessage& message) {
  const pb::InteractiveMessage::Header& header = message.header();
  return quoting(
      with_media_of(header, lines({header.title(), header.subtitle(), message.body().text(),
                                   message.footer().text(), choices_of(message)})),
      message);
}

Content hydrated_content(const pb::TemplateMessage::HydratedFourRowTemplate& rows) {
  return with_media_of(rows, lines({rows.hydrated_title_text(), rows.hydrated_content_text(),
                                    rows.hydrated_footer_text(), choices_of(rows)}));
}

Content template_content(const pb::TemplateMessage& message) {
  if (message.has_interactive_message_template()) {
    return interactive_content(message.interactive_message_template());
  }
  const bool four_rows = message.has_hydrated_four_row_template();
  return quoting(hydrated_content(four_rows ? message.hydrated_four_row_template()
                                            : message.hydrated_template()),
                 message);
}

Content buttons_content(const pb::ButtonsMessage& message) {
  return quoting(with_media_of(message, lines({message.text(), message.content_text(),
                                               message.footer_text(), choices_of(message)})),
                 message);
}

Content list_content(const pb::ListMessage& list) {
  return quoting(text_content(message_type::kText, lines({list.title(), list.description(),
                                                          list.footer_text(), choices_of(list)})),
                 list);
}

Content list_response_content(const pb::ListResponseMessage& response) {
  return quoting(
      text_content(message_type::kText, lines({response.title(), response.description()})),
      response);
}

Content product_content(const pb::ProductMessage& message) {
  return quoting(text_content(message_type::kProduct,
                              lines({message.product().title(), message.product().description(),
                                     message.body(), message.product().url()})),
                 message);
}

Content rich_response_content(const pb::RichResponseMessage& response) {
  std::string body;
  for (const auto& part : response.submessages()) {
    if (part.message_text().empty()) continue;
    if (!body.empty()) body += '\n';
    body += part.message_text();
  }
  return quoting(text_content(message_type::kText, std::move(body)), response);
}

// A payment's note is a Message of its own, practically always text.
Content payment_content(const pb::Message& note) {
  return text_content(message_type::kPayment,
                      note.has_conversation() ? note.conversation() : note.extended_text().text());
}

std::optional<Content> shop(const pb::Message& message) {
  if (message.has_product()) return product_content(message.product());
  if (message.has_order()) {
    const pb::OrderMessage& order = message.order();
    return quoting(
        text_content(message_type::kOrder, lines({order.order_title(), order.message()})), order);
  }
  if (message.has_invoice()) return text_content(message_type::kPayment, message.invoice().note());
  if (message.has_send_payment()) return payment_content(message.send_payment().note_message());
  if (message.has_request_payment())
    return payment_content(message.request_payment().note_message());
  if (message.has_payment_invite()) return text_content(message_type::kPayment, {});
  return std::nullopt;
}

// The customer's choice.
std::optional<Content> answer(const pb::Message& message) {
  if (message.has_buttons_response()) {
    const auto& response = message.buttons_response();
    return quoting(text_content(message_type::kText, response.selected_display_text()), response);
  }
  if (message.has_template_button_reply()) {
    const auto& response = message.template_button_reply();
    return quoting(text_content(message_type::kText, response.selected_display_text()), response);
  }
  if (message.has_list_response()) return list_response_content(message.list_response());
  if (message.has_interactive_response()) {
    const auto& response = message.interactive_response();
    return quoting(text_content(message_type::kText, response.body().text()), response);
  }
  if (message.has_question_response()) {
    return text_content(message_type::kText, message.question_response().text());
  }
  return std::nullopt;
}

}  // namespace

std::optional<Content> business_content(const pb::Message& message) {
  if (message.has_buttons()) return buttons_content(message.buttons());
  if (message.has_template_message()) return template_content(message.template_message());
  if (message.has_interactive()) return interactive_content(message.interactive());
  if (message.has_list()) return list_content(message.list());
  if (message.has_rich_response()) return rich_response_content(message.rich_response());
  if (message.has_highly_structured()) {
    return template_content(message.highly_structured().hydrated_hsm());
  }
  if (auto chosen = answer(message)) return chosen;
  return shop(message);
}

}  // namespace wasync
