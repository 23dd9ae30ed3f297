// What every kind of content has: a text, and perhaps the message that it replies to. Part of
// content.h's mapping.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "history/content.h"

namespace wasync {

namespace pb {
class ContextInfo;
}

// Content of a kind that the Inbox shows by its text. An empty text counts as none.
Content text_content(std::string_view type, std::string body);

// The non-empty texts, a line each.
std::string lines(std::initializer_list<std::string_view> texts);

// The message that this one replies to, with a preview; nothing when this is no reply.
std::optional<Quoted> quoted_from(const pb::ContextInfo& context);

// The content of a message of this kind, with what it replies to.
template <typename Kind>
Content quoting(Content content, const Kind& kind) {
  if (kind.has_context_info()) content.quoted = quoted_from(kind.context_info());
  return content;
}

}  // namespace wasync
