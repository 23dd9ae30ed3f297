// What every kind of content has: a text, and perhaps a message it replies to. Part of
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

// Of a kind that is shown by its text; an empty one is no text.
Content text_content(std::string_view type, std::string body);

// The non-empty texts, a line each.
std::string lines(std::initializer_list<std::string_view> texts);

// What the message replies to, with a preview of it; nothing when it is no reply.
std::optional<Quoted> quoted_from(const pb::ContextInfo& context);

// The content of a message of this kind, with what it replies to.
template <typename Kind>
Content quoting(Content content, const Kind& kind) {
  if (kind.has_context_info()) content.quoted = quoted_from(kind.context_info());
  return content;
}

}  // namespace wasync
