#include "cli/conversation.h"

#include <fmt/format.h>

#include <string_view>

#include "base/text.h"
#include "cli/time_text.h"

namespace wasync {
namespace {

// Where the text starts: below "14:30  ".
constexpr std::string_view kIndent = "       ";

std::string indented(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += kIndent;
  }
  return out;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  if (bytes < 1'000'000) return fmt::format("{} kB", bytes / 1000);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

Text kind_of(std::string_view type) {
  if (type == message_type::kImage) return Text::kImage;
  if (type == message_type::kVideo) return Text::kVideo;
  if (type == message_type::kAudio) return Text::kAudio;
  if (type == message_type::kDocument) return Text::kDocument;
  if (type == message_type::kSticker) return Text::kSticker;
  if (type == message_type::kLocation) return Text::kLocation;
  if (type == message_type::kContact) return Text::kContactCard;
  if (type == message_type::kPoll) return Text::kPoll;
  return Text::kOtherContent;
}

std::string day_separator(const Console& console, const std::string& day) {
  return console.out_style.dim("--- " + day + " ---") + "\n";
}

std::string quoted_line(const Console& console, const Quoted& quoted) {
  std::string preview = one_line(quoted.preview);
  if (count_characters(preview) > 60) preview = std::string(first_characters(preview, 59)) + "…";
  return console.out_style.dim("> " + console.say(Text::kReplyTo) + " \"" + preview + "\"") + "\n" +
         std::string(kIndent);
}

std::string body_of(const Console& console, const StoredMessage& stored) {
  const Message& message = stored.message;
  if (message.deleted_at.known())
    return console.out_style.dim("[" + console.say(Text::kDeleted) + "]");
  std::string out = content_label(console.language, message);
  if (!out.empty()) out = console.out_style.cyan(out);
  if (message.body && !message.body->empty()) {
    if (!out.empty()) out += " ";
    out += indented(terminal_safe_lines(*message.body));
  }
  if (stored.body_truncated)
    out += console.out_style.dim(" [" + console.say(Text::kTruncated) + "]");
  if (message.edited_at.known())
    out += console.out_style.dim(" [" + console.say(Text::kEdited) + "]");
  return out;
}

std::string reactions_of(const Console& console, const Message& message) {
  std::string out;
  for (const auto& [participant, emoji] : message.reactions)
    out += (out.empty() ? "" : " ") + one_line(emoji);
  return out.empty() ? out : std::string(kIndent) + console.out_style.dim("(" + out + ")") + "\n";
}

}  // namespace

std::string content_label(Language language, const Message& message) {
  if (message.type == message_type::kText) return {};
  if (message.type == message_type::kUndecryptable && !message.body)
    return "(" + std::string(text(language, Text::kWaitingForMessage)) + ")";
  std::string inner(text(language, kind_of(message.type)));
  if (message.media) {
    const Media& media = *message.media;
    if (!media.filename.empty()) inner += ", " + one_line(media.filename);
    if (media.seconds > 0)
      inner += fmt::format(", {}:{:02}", media.seconds / 60, media.seconds % 60);
    if (media.size_bytes > 0) inner += ", " + size_text(media.size_bytes);
  }
  return "[" + inner + "]";
}

std::string conversation_text(const Console& console, const std::vector<StoredMessage>& messages,
                              const SenderName& sender_name) {
  std::string out;
  std::string day;
  for (const StoredMessage& stored : messages) {
    const Message& message = stored.message;
    if (const std::string today = local_date(message.sent_at); today != day) {
      if (!day.empty()) out += "\n";
      day = today;
      out += day_separator(console, day);
    }
    const bool ours = message.direction() == Direction::kOutbound;
    const std::string sender = ours ? console.say(Text::kMe) : one_line(sender_name(message));
    out += console.out_style.dim(local_time(message.sent_at)) + "  ";
    if (message.quoted && !message.deleted_at.known()) out += quoted_line(console, *message.quoted);
    out += (ours ? console.out_style.green(sender) : console.out_style.bold(sender)) + ": ";
    out += body_of(console, stored) + "\n";
    out += reactions_of(console, message);
  }
  return out;
}

}  // namespace wasync
