#include "session/receive/stanza_receiver.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/log.h"
#include "session/connection/receipt.h"
#include "session/receive/incoming_receipt.h"
#include "session/receive/notification.h"
#include "session/receive/stanza_group.h"

namespace wasync {

bool StanzaReceiver::takes(const Node& stanza) {
  constexpr std::array<std::string_view, 4> kTags{"message", "receipt", "notification", "call"};
  return std::find(kTags.begin(), kTags.end(), stanza.tag) != kTags.end();
}

void StanzaReceiver::receive(std::span<const Node> stanzas,
                             const std::function<void(Outcome&&)>& committed) {
  if (stanzas.size() > 1) {
    const MessageReceiver::Counts before = messages_.counts();
    std::optional<Outcome> outcome;
    try {
      outcome = receive_together(stanzas);
    } catch (const Error& error) {
      log::warn("{} stanzas could not be stored together: {}", stanzas.size(), error.what());
      messages_.restore(before);
    }
    if (outcome) {
      committed(*std::move(outcome));
      return;
    }
  }
  for (const Node& stanza : stanzas) committed(receive_alone(stanza));
}

StanzaReceiver::Outcome StanzaReceiver::receive_together(std::span<const Node> stanzas) {
  Outcome outcome;
  StanzaGroup group(store_);
  const UnixSeconds now = UnixSeconds::now();
  for (const Node& stanza : stanzas) {
    take(stanza, group, outcome);
    phone_.hear(stanza, device_, now);
  }
  const bool noted = group.has_begun() && phone_.is_due();
  if (noted) phone_.store(group.database());
  group.commit();
  if (noted) phone_.stored();
  return outcome;
}

StanzaReceiver::Outcome StanzaReceiver::receive_alone(const Node& stanza) {
  try {
    return receive_together({&stanza, 1});
  } catch (const Error& error) {
    // Only a failing file may be better next time.
    if (error.code() == ErrorCode::kStore) throw;
    log::error("a stanza could not be handled: {}: {}", stanza.describe(), error.what());
  }
  Outcome refused;
  refused.answers.push_back(ack(stanza, Nack::kUnhandledError));
  return refused;
}

void StanzaReceiver::take(const Node& stanza, StanzaGroup& group, Outcome& outcome) {
  if (stanza.tag == "message") {
    messages_.receive(stanza, group, outcome);
    return;
  }
  if (stanza.tag == "notification") {
    const NotificationNews news = take_notification(stanza, device_, store_, group);
    outcome.app_state_news |= news.app_state;
    outcome.few_pre_keys |= news.few_pre_keys;
  } else if (stanza.tag == "receipt") {
    const auto receipt = parse_receipt(stanza, device_);
    if (receipt && receipt->kind != ReceiptKind::kOther) store_receipt(*receipt, group.inbox());
  }
  outcome.answers.push_back(ack(stanza));
}

}  // namespace wasync
