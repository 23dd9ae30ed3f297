#include "history/unwrap.h"

#include "proto/message.pb.h"

namespace wasync {
namespace {

// Real messages nest three or four envelopes; protobuf's own recursion limit is 100.
constexpr int kMaxDepth = 16;

struct Wrapper {
  bool (pb::Message::*has)() const;
  const pb::FutureProofMessage& (pb::Message::*get)() const;
  bool view_once = false;
};

#define WASYNC_WRAPPER(field)                      \
  Wrapper {                                        \
    &pb::Message::has_##field, &pb::Message::field \
  }
#define WASYNC_VIEW_ONCE(field)                          \
  Wrapper {                                              \
    &pb::Message::has_##field, &pb::Message::field, true \
  }

const Wrapper kWrappers[] = {
    WASYNC_WRAPPER(ephemeral_message),
    WASYNC_WRAPPER(document_with_caption),
    WASYNC_WRAPPER(edited_message),
    WASYNC_VIEW_ONCE(view_once),
    WASYNC_VIEW_ONCE(view_once_v2),
    WASYNC_VIEW_ONCE(view_once_v2_extension),
    WASYNC_WRAPPER(group_mentioned),
    WASYNC_WRAPPER(bot_invoke),
    WASYNC_WRAPPER(lottie_sticker),
    WASYNC_WRAPPER(event_cover_image),
    WASYNC_WRAPPER(status_mention),
    WASYNC_WRAPPER(poll_creation_option_image),
    WASYNC_WRAPPER(associated_child),
    WASYNC_WRAPPER(group_status_mention),
    WASYNC_WRAPPER(poll_creation_v4),
    WASYNC_WRAPPER(status_add_yours),
    WASYNC_WRAPPER(group_status),
    WASYNC_WRAPPER(limit_sharing),
    WASYNC_WRAPPER(bot_task),
    WASYNC_WRAPPER(question),
    WASYNC_WRAPPER(group_status_v2),
    WASYNC_WRAPPER(bot_forwarded),
    WASYNC_WRAPPER(question_reply),
    WASYNC_WRAPPER(newsletter_admin_profile),
    WASYNC_WRAPPER(spoiler),
    WASYNC_WRAPPER(newsletter_admin_profile_status),
    WASYNC_WRAPPER(bot_platform_registration_success),
};

#undef WASYNC_WRAPPER
#undef WASYNC_VIEW_ONCE

// The message one level down, or null when there is none.
const pb::Message* inside(const pb::Message& message, bool& view_once) {
  // Most messages are bare text and need no walk over the table.
  if (message.has_conversation() || message.has_extended_text()) return nullptr;
  if (message.has_device_sent_message() && message.device_sent_message().has_message()) {
    return &message.device_sent_message().message();
  }
  for (const Wrapper& wrapper : kWrappers) {
    if (!(message.*wrapper.has)()) continue;
    const pb::FutureProofMessage& envelope = (message.*wrapper.get)();
    if (!envelope.has_message()) continue;
    view_once = view_once || wrapper.view_once;
    return &envelope.message();
  }
  return nullptr;
}

}  // namespace

Unwrapped unwrap(const pb::Message& message) {
  Unwrapped out{.content = &message};
  const auto note_context = [&out] {
    if (!out.content->has_message_context_info()) return;
    out.context = &out.content->message_context_info();
    if (out.context->has_message_secret()) out.secret = &out.context->message_secret();
  };
  note_context();
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const pb::Message* next = inside(*out.content, out.view_once);
    if (next == nullptr) break;
    out.content = next;
    note_context();
  }
  return out;
}

}  // namespace wasync
