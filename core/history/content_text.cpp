#include "history/content_text.h"

#include "base/text.h"
#include "history/unwrap.h"
#include "proto/message.pb.h"

namespace wasync {
namespace {

// The quoted message in one line, without the quotes inside it.
std::string preview_of(const pb::Message& quoted) {
  constexpr std::size_t kPreviewCharacters = 100;
  constexpr std::size_t kEnoughBytes = 2048;  // for them, however wide; a quote may be a novel
  const Unwrapped inner = unwrap(quoted);
  const pb::Message& message = *inner.content;
  const std::string* text = &message.conversation();
  if (message.has_extended_text()) text = &message.extended_text().text();
  if (message.has_image()) text = &message.image().caption();
  if (message.has_video()) text = &message.video().caption();
  if (message.has_document()) {
    text = message.document().caption().empty() ? &message.document().file_name()
                                                : &message.document().caption();
  }
  if (message.has_contact()) text = &message.contact().display_name();
  if (message.has_location()) text = &message.location().name();
  if (message.has_poll_creation_v3()) text = &message.poll_creation_v3().name();
  return std::string(first_characters(
      folded_whitespace(repaired_utf8(std::string_view(*text).substr(0, kEnoughBytes))),
      kPreviewCharacters));
}

}  // namespace

Content text_content(std::string_view type, std::string body) {
  Content out{.type = type};
  if (!body.empty()) out.body = std::move(body);
  return out;
}

std::string lines(std::initializer_list<std::string_view> texts) {
  std::string out;
  for (const std::string_view text : texts) {
    if (text.empty()) continue;
    if (!out.empty()) out += '\n';
    out += text;
  }
  return out;
}

std::optional<Quoted> quoted_from(const pb::ContextInfo& context) {
  if (context.stanza_id().empty()) return std::nullopt;
  return Quoted{.id = context.stanza_id(),
                .participant = context.participant(),
                .preview = context.has_quoted_message() ? preview_of(context.quoted_message())
                                                        : std::string{}};
}

}  // namespace wasync
