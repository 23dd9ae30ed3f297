#include "session/receive/calls.h"

#include <algorithm>
#include <utility>

#include "history/content.h"
#include "history/conversation.h"
#include "session/receive/incoming_message.h"

namespace wasync {
namespace {

constexpr std::size_t kMostKnown = 64;

bool is_offer(const Node& what) {
  return what.tag == "offer" || what.tag == "offer_notice";
}

bool is_video(const Node& offer) {
  return offer.child("video") != nullptr || offer.text("media") == "video";
}

void learn_address(const Jid& caller, const std::optional<Jid>& other, StanzaGroup& group) {
  if (!other || is_own_user(*other, group.device())) return;
  if (const auto mapping = lid_mapping(caller, other->bare())) {
    group.inbox().put_lid_mapping(*mapping);
  }
}

// Nobody picked up. Without a reason, it was the caller who gave up.
bool rang_out(std::string_view reason) {
  return reason.empty() || reason == "timeout" || reason == "group_call_ended";
}

}  // namespace

Calls::Call& Calls::remember(Call call) {
  const auto known = std::ranges::find(known_, call.id, &Call::id);
  if (known != known_.end()) return *known;
  if (known_.size() == kMostKnown) known_.pop_front();
  return known_.emplace_back(std::move(call));
}

void Calls::store(Call& call, bool missed, StanzaGroup& group) {
  const bool in_group = call.chat.is_group();
  Message message{.key = {.id = call.id,
                          .remote_jid = call.chat.to_string(),
                          .from_me = false,
                          .participant = in_group ? call.caller.to_string() : std::string()},
                  .chat = call.chat,
                  .sender = call.caller,
                  .sender_name = call.caller_name,
                  .sent_at = call.at,
                  .status = DeliveryStatus::kDelivered,
                  .source = SyncSource::kRealtime};
  set_content(message, call_content(missed, call.video));
  if (group.inbox().put_message(std::move(message)) == PutMessage::kInserted) {
    ++group.outcome.stored;
  }
  call.stored = true;
}

void Calls::take(const Node& stanza, StanzaGroup& group) {
  const auto from = stanza.jid("from");
  if (!from || stanza.children().size() != 1) return;
  const Node& what = stanza.children()[0];
  const std::string id = what.text("call-id");
  const Jid caller = what.jid("call-creator").value_or(*from).bare();
  const bool known_kind =
      is_offer(what) || what.tag == "terminate" || what.tag == "accept" || what.tag == "reject";
  if (!known_kind || id.empty() || id.size() > kLongestMessageId) return;
  if (!caller.is_person() || is_own_user(caller, group.device())) return;
  const Jid group_chat = what.jid("group-jid").value_or(Jid{}).bare();
  Call& call = remember({.id = id,
                         .chat = group_chat.is_group() ? group_chat : caller,
                         .caller = caller,
                         .caller_name = stanza.text("notify"),
                         .at = stanza.time("t"),
                         .video = is_video(what)});
  if (is_offer(what)) {
    learn_address(caller, what.jid(caller.is_lid() ? "caller_pn" : "caller_lid"), group);
    // It rang while we were away: it is over.
    if (stanza.has("offline") && !call.answered) store(call, true, group);
    call.offered = true;
  } else if (what.tag != "terminate") {
    call.answered = true;
  } else if (const std::string reason = what.text("reason"); !rang_out(reason)) {
    call.answered = true;
  } else if (!call.answered && (call.offered || reason == "timeout")) {
    store(call, true, group);
  }
  if (call.answered && call.stored) store(call, false, group);
}

}  // namespace wasync
