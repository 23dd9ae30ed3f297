#include "session/receive/stanza_receiver.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/log.h"
#include "session/connection/receipt.h"
#include "session/receive/incoming_message.h"
#include "session/receive/incoming_receipt.h"
#include "session/receive/message_retry.h"
#include "session/receive/notification.h"
#include "session/receive/phone_retry.h"

namespace wasync {

bool StanzaReceiver::takes(const Node& stanza) {
  constexpr std::array<std::string_view, 5> kTags{"message", "receipt", "notification", "call",
                                                  "status"};
  return std::find(kTags.begin(), kTags.end(), stanza.tag) != kTags.end();
}

void StanzaReceiver::receive(std::span<const Node> stanzas,
                             const std::function<void(StanzaOutcome&&)>& committed) {
  if (stanzas.size() > 1) {
    const MessageCounts before = counts_;
    std::optional<StanzaOutcome> outcome;
    try {
      outcome = receive_together(stanzas);
    } catch (const std::exception& error) {
      log::warn("{} stanzas could not be stored together: {}", stanzas.size(), error.what());
      counts_ = before;  // they were rolled back
    }
    if (outcome) {
      committed(*std::move(outcome));
      return;
    }
  }
  for (const Node& stanza : stanzas) committed(receive_alone(stanza));
}

StanzaOutcome StanzaReceiver::receive_together(std::span<const Node> stanzas) {
  StanzaGroup group(store_, device_);
  const UnixSeconds now = UnixSeconds::now();
  for (const Node& stanza : stanzas) {
    take(stanza, group);
    phone_.hear(stanza, device_, now);
  }
  const bool noted = group.has_begun() && phone_.is_due();
  if (noted) phone_.store(group.database());
  group.commit();
  if (noted) phone_.stored();
  counts_.left_out += group.outcome.left_out;
  counts_.not_asked += group.outcome.not_asked;
  counts_.identities_changed += group.outcome.identities_changed;
  return std::move(group.outcome);
}

StanzaOutcome StanzaReceiver::receive_alone(const Node& stanza) {
  try {
    return receive_together({&stanza, 1});
  } catch (const std::exception& error) {
    // Only a failing file may be better next time.
    const auto* ours = dynamic_cast<const Error*>(&error);
    if (ours != nullptr && ours->code() == ErrorCode::kStore) throw;
    log::error("a stanza could not be handled: {}", error.what());
  }
  StanzaGroup group(store_, device_);
  group.outcome.answers.push_back(answer_unusable(stanza, Nack::kUnhandledError, group));
  group.commit();
  return std::move(group.outcome);
}

Node StanzaReceiver::unknown(const Node& stanza) {
  StanzaGroup group(store_, device_);
  Node answer = answer_unusable(stanza, Nack::kUnrecognizedStanza, group);
  group.commit();
  return answer;
}

Node StanzaReceiver::answer_unusable(const Node& stanza, Nack why, StanzaGroup& group) {
  group.database();  // begins the transaction
  if (!refused_.enough(stanza, why)) {
    group.outcome.refused = true;
    return ack(stanza, why);
  }
  ++counts_.given_up;
  const auto message = stanza.tag == "message" ? parse_incoming(stanza, device_) : std::nullopt;
  return message ? give_up(stanza, *message) : ack(stanza);
}

void StanzaReceiver::take(const Node& stanza, StanzaGroup& group) {
  std::vector<Node>& answers = group.outcome.answers;
  if (stanza.tag == "message") {
    take_message(stanza, group, counts_);  // which answers it, too
    if (const auto why = answers.empty() ? std::nullopt : nack_in(answers.back())) {
      answers.back() = answer_unusable(stanza, *why, group);
    }
    return;
  }
  if (stanza.tag == "notification") {
    take_notification(stanza, group);
  } else if (stanza.tag == "call") {
    calls_.take(stanza, group);
  } else if (stanza.tag == "receipt") {
    if (stanza.text("type") == "retry") repeat_for_phone(stanza, group);
    const auto receipt = parse_receipt(stanza, device_);
    if (receipt && receipt->kind != ReceiptKind::kOther) store_receipt(*receipt, group.inbox());
  }
  answers.push_back(ack(stanza));
}

}  // namespace wasync
