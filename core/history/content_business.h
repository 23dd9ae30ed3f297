// What businesses send: buttons, lists, templates, catalogues, orders, payments, and the
// customer's answers to them. Their text is what the Inbox shows. Part of content.h's mapping.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "history/content.h"

namespace wasync {

std::optional<Content> business_content(const pb::Message& message);

// The non-empty texts, a line each.
std::string lines(std::initializer_list<std::string_view> texts);

}  // namespace wasync
