// What businesses send: buttons, lists, templates, catalogues, orders, payments, and the
// customer's answers to them. Their text is what the Inbox shows. Part of content.h's mapping.
#pragma once

#include <optional>

#include "history/content.h"

namespace wasync {

std::optional<Content> business_content(const pb::Message& message);

}  // namespace wasync
