// What a business offers below its text: buttons, lists of choices, cards side by side. One line
// for each, as text; the Inbox has no buttons.
#pragma once

#include <string>

#include "proto/message.pb.h"

namespace wasync {

// Empty when there is nothing to choose from. Bounded in number and length; what is malformed costs
// only itself.
std::string choices_of(const pb::InteractiveMessage& message);  // its cards, too
std::string choices_of(const pb::ListMessage& message);
std::string choices_of(const pb::ButtonsMessage& message);
std::string choices_of(const pb::TemplateMessage::HydratedFourRowTemplate& rows);

}  // namespace wasync
