#include "cli/conversation.h"

#include <fmt/format.h>

#include <string_view>

#include "base/text.h"
#include "cli/time_text.h"
#include "history/content.h"
#include "inbox/answers.h"

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

Phrase kind_of(std::string_view type) {
  if (type == message_type::kImage) return Phrase{"image", "imagine"};
  if (type == message_type::kVideo) return Phrase{"video", "video"};
  if (type == message_type::kAudio) return Phrase{"audio", "audio"};
  if (type == message_type::kDocument) return Phrase{"document", "document"};
  if (type == message_type::kSticker) return Phrase{"sticker", "sticker"};
  if (type == message_type::kLocation) return Phrase{"location", "locație"};
  if (type == message_type::kContact) return Phrase{"contact", "contact"};
  if (type == message_type::kPoll) return Phrase{"poll", "sondaj"};
  if (type == message_type::kCall) return Phrase{"call", "apel"};
  if (type == message_type::kWithheld)
    return Phrase{"kept from linked devices", "nu ajunge la dispozitivele conectate"};
  if (type == message_type::kInvite) return Phrase{"invitation", "invitație"};
  if (type == message_type::kEvent) return Phrase{"event", "eveniment"};
  if (type == message_type::kProduct) return Phrase{"product", "produs"};
  if (type == message_type::kOrder) return Phrase{"order", "comandă"};
  if (type == message_type::kPayment) return Phrase{"payment", "plată"};
  return Phrase{"content of a kind this version does not know",
                "conținut de un fel pe care această versiune nu îl cunoaște"};
}

std::string day_separator(const Console& console, const std::string& day) {
  return console.out_style.dim("--- " + day + " ---") + "\n";
}

std::string quoted_line(const Console& console, const Quoted& quoted) {
  std::string preview = one_line(quoted.preview);
  if (count_characters(preview) > 60) preview = std::string(first_characters(preview, 59)) + "…";
  return console.out_style.dim("> " + console.say({"reply to", "răspuns la"}) + " \"" + preview +
                               "\"") +
         "\n" + std::string(kIndent);
}

std::string body_of(const Console& console, const StoredMessage& stored) {
  const Message& message = stored.message;
  if (message.deleted_at.known())
    return console.out_style.dim("[" + console.say({"deleted", "șters"}) + "]");
  std::string out = content_label(console.language, message);
  if (!out.empty()) out = console.out_style.cyan(out);
  if (message.body && !message.body->empty()) {
    if (!out.empty()) out += " ";
    out += indented(terminal_safe_lines(*message.body));
  }
  if (stored.body_truncated)
    out += console.out_style.dim(
        " [" +
        console.say({"the rest was too long to keep", "restul era prea lung pentru a fi păstrat"}) +
        "]");
  if (message.edited_at.known())
    out += console.out_style.dim(" [" + console.say({"edited", "editat"}) + "]");
  return out;
}

std::string reactions_of(const Console& console, const Message& message) {
  std::string out;
  for (const auto& [participant, emoji] : message.reactions)
    out += (out.empty() ? "" : " ") + one_line(emoji);
  return out.empty() ? out : std::string(kIndent) + console.out_style.dim("(" + out + ")") + "\n";
}

std::string results_line(const Console& console, const Message& message) {
  const std::string results = results_text(message);
  if (results.empty()) return {};
  const Phrase label = message.type == message_type::kEvent ? Phrase{"answers", "răspunsuri"}
                                                            : Phrase{"votes", "voturi"};
  return std::string(kIndent) +
         console.out_style.dim(console.say(label) + ": " + one_line(results)) + "\n";
}

}  // namespace

std::string content_label(Language language, const Message& message) {
  if (message.type == message_type::kText) return {};
  if (message.type == message_type::kUndecryptable && !message.body)
    return Phrase{"(waiting for this message)", "(se așteaptă acest mesaj)"}.with().in(language);
  std::string inner(kind_of(message.type).in(language));
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
    const std::string sender = ours ? console.say({"me", "eu"}) : one_line(sender_name(message));
    out += console.out_style.dim(local_time(message.sent_at)) + "  ";
    if (message.quoted && !message.deleted_at.known()) out += quoted_line(console, *message.quoted);
    out += (ours ? console.out_style.green(sender) : console.out_style.bold(sender)) + ": ";
    out += body_of(console, stored) + "\n";
    out += results_line(console, message);
    out += reactions_of(console, message);
  }
  return out;
}

}  // namespace wasync
