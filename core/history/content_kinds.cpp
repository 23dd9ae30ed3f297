#include "history/content_kinds.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "history/content_business.h"
#include "history/content_media.h"
#include "history/content_text.h"
#include "history/vcard.h"
#include "inbox/answers.h"
#include "proto/message.pb.h"

namespace wasync {
namespace {

std::string coordinates(double latitude, double longitude) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.6f,%.6f", latitude, longitude);
  return text.data();
}

Content location_content(const pb::LocationMessage& location) {
  const std::string described = lines({location.name(), location.address(), location.comment()});
  return text_content(message_type::kLocation,
                      described.empty()
                          ? coordinates(location.degrees_latitude(), location.degrees_longitude())
                          : described);
}

Content live_location_content(const pb::LiveLocationMessage& location) {
  return text_content(message_type::kLocation,
                      location.caption().empty()
                          ? coordinates(location.degrees_latitude(), location.degrees_longitude())
                          : location.caption());
}

Content contacts_content(const pb::ContactsArrayMessage& contacts) {
  constexpr int kMaxContacts = 20;
  std::string body;
  for (int i = 0; i < std::min(contacts.contacts_size(), kMaxContacts); ++i) {
    const pb::ContactMessage& contact = contacts.contacts(i);
    body = lines({body, contact_line(contact.display_name(), contact.vcard())});
  }
  return text_content(message_type::kContact,
                      body.empty() ? contact_line(contacts.display_name(), {}) : body);
}

Content poll_content(const pb::PollCreationMessage& poll) {
  constexpr int kMaxOptions = 50;
  std::string body = poll.name();
  for (int i = 0; i < std::min(poll.options_size(), kMaxOptions); ++i) {
    body += "\n- " + poll.options(i).option_name();
  }
  Content out = quoting(text_content(message_type::kPoll, body), poll);
  for (int i = 0; i < std::min(poll.options_size(), kMaxOptions); ++i) {
    out.poll_options.push_back(poll_option(poll.options(i).option_name()));
  }
  return out;
}

Content poll_result_content(const pb::PollResultSnapshotMessage& result) {
  constexpr int kMaxOptions = 50;
  std::string body = result.name();
  for (int i = 0; i < std::min(result.poll_votes_size(), kMaxOptions); ++i) {
    const auto& vote = result.poll_votes(i);
    body += "\n- " + vote.option_name() + ": " + std::to_string(vote.option_vote_count());
  }
  return quoting(text_content(message_type::kPoll, body), result);
}

const pb::PollCreationMessage* poll_in(const pb::Message& message) {
  if (message.has_poll_creation()) return &message.poll_creation();
  if (message.has_poll_creation_v2()) return &message.poll_creation_v2();
  if (message.has_poll_creation_v3()) return &message.poll_creation_v3();
  if (message.has_poll_creation_v5()) return &message.poll_creation_v5();
  if (message.has_poll_creation_v6()) return &message.poll_creation_v6();
  return nullptr;
}

bool is_missed(const pb::CallLogMessage& call) {
  switch (call.call_outcome()) {
    case pb::CallLogMessage::OUTCOME_MISSED:
    case pb::CallLogMessage::OUTCOME_SILENCED_BY_DND:
    case pb::CallLogMessage::OUTCOME_SILENCED_UNKNOWN_CALLER: return true;
    default: return false;
  }
}

Content event_content(const pb::EventMessage& event) {
  return quoting(text_content(message_type::kEvent,
                              lines({event.name(), event.description(), event.location().name()})),
                 event);
}

std::optional<Content> place_or_person(const pb::Message& message) {
  if (message.has_location())
    return quoting(location_content(message.location()), message.location());
  if (message.has_live_location()) {
    return quoting(live_location_content(message.live_location()), message.live_location());
  }
  if (message.has_contact()) {
    const pb::ContactMessage& contact = message.contact();
    return quoting(
        text_content(message_type::kContact, contact_line(contact.display_name(), contact.vcard())),
        contact);
  }
  if (message.has_contacts_array()) {
    return quoting(contacts_content(message.contacts_array()), message.contacts_array());
  }
  return std::nullopt;
}

std::optional<Content> invitation(const pb::Message& message) {
  if (message.has_group_invite()) {
    const auto& invite = message.group_invite();
    return quoting(
        text_content(message_type::kInvite, lines({invite.group_name(), invite.caption()})),
        invite);
  }
  if (message.has_newsletter_admin_invite()) {
    const auto& invite = message.newsletter_admin_invite();
    return quoting(
        text_content(message_type::kInvite, lines({invite.newsletter_name(), invite.caption()})),
        invite);
  }
  if (message.has_newsletter_follower_invite_v2()) {
    const auto& invite = message.newsletter_follower_invite_v2();
    return quoting(
        text_content(message_type::kInvite, lines({invite.newsletter_name(), invite.caption()})),
        invite);
  }
  if (message.has_event_invite()) {
    const auto& invite = message.event_invite();
    return quoting(
        text_content(message_type::kEvent, lines({invite.event_title(), invite.caption()})),
        invite);
  }
  return std::nullopt;
}

std::optional<Content> other_kind(const pb::Message& message) {
  if (const pb::PollCreationMessage* poll = poll_in(message)) return poll_content(*poll);
  if (message.has_poll_result_snapshot())
    return poll_result_content(message.poll_result_snapshot());
  if (message.has_poll_result_snapshot_v3()) {
    return poll_result_content(message.poll_result_snapshot_v3());
  }
  if (message.has_event_message()) return event_content(message.event_message());
  if (message.has_call_log()) {
    return call_content(is_missed(message.call_log()), message.call_log().is_video());
  }
  if (message.has_scheduled_call_creation()) {
    return text_content(message_type::kEvent, message.scheduled_call_creation().title());
  }
  // A comment under an announcement: its text lies in a Message of its own.
  if (message.has_comment() && message.comment().has_message() &&
      !message.comment().message().has_comment()) {
    std::optional<Content> comment = known_content(message.comment().message());
    const MessageKey target = key_from(message.comment().target_message_key());
    if (comment && !comment->quoted && !target.id.empty()) {
      comment->quoted = Quoted{.id = target.id, .participant = target.participant};
    }
    return comment;
  }
  return std::nullopt;
}

// Fields that carry no content of their own: keys and settings, pins, what is about another message
// (content.cpp); the announcement of an album, whose pictures are messages themselves; and since
// 2026 history given to new members, notices about statuses, keys of groups and parts of a split
// bill (mautrix a1f7bf9).
bool is_control(std::uint32_t field) {
  static constexpr std::array<std::uint32_t, 28> kControl = {
      2,  12, 15, 23, 24, 31, 35, 46,  47,  50,  51,  54,  56,  63,
      65, 70, 71, 76, 82, 83, 98, 102, 105, 121, 123, 127, 128, 130};
  return std::find(kControl.begin(), kControl.end(), field) != kControl.end();
}

}  // namespace

std::optional<Content> known_content(const pb::Message& message) {
  if (message.has_conversation()) {
    return text_content(message_type::kText, message.conversation());
  }
  if (message.has_extended_text()) {
    return quoting(text_content(message_type::kText, message.extended_text().text()),
                   message.extended_text());
  }
  if (auto media = media_content(message)) return media;
  if (auto place = place_or_person(message)) return place;
  if (auto invite = invitation(message)) return invite;
  if (auto business = business_content(message)) return business;
  return other_kind(message);
}

std::optional<std::uint32_t> unmapped_field(const pb::Message& message) {
  // Lite protobufs have no reflection; the serialised form names every field there is, also
  // those this program has never heard of.
  using google::protobuf::internal::WireFormatLite;
  const std::string wire = message.SerializeAsString();
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const std::uint8_t*>(wire.data()),
                                               static_cast<int>(wire.size()));
  while (const std::uint32_t tag = input.ReadTag()) {
    const auto field = static_cast<std::uint32_t>(WireFormatLite::GetTagFieldNumber(tag));
    if (!is_control(field)) return field;
    if (!WireFormatLite::SkipField(&input, tag)) break;
  }
  return std::nullopt;
}

}  // namespace wasync
