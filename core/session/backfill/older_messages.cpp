#include "session/backfill/older_messages.h"

#include <algorithm>

#include "proto/message.pb.h"
#include "proto/peer_message.pb.h"
#include "session/connection/live_connection.h"
#include "session/history/history_requests.h"
#include "session/receive/chat_addresses.h"

namespace wasync {
namespace {

constexpr std::size_t kAnchorsLookedAt = 10;

bool is_of_linked_device(const Anchor& anchor) {
  return anchor.key.id.starts_with("3EB0");
}

}  // namespace

std::optional<Node> older_messages_request(LiveConnection& connection, Database& database,
                                           const AnchorChoice& from, int count, UnixSeconds now) {
  pb::Message message;
  auto& protocol = *message.mutable_protocol_message();
  protocol.set_type(pb::ProtocolMessage::PROTOCOL_PEER_DATA_OPERATION_REQUEST_MESSAGE);
  auto& request = *protocol.mutable_peer_data_operation_request_message();
  request.set_peer_data_operation_request_type(pb::PEER_DATA_HISTORY_SYNC_ON_DEMAND);
  auto& asked = *request.mutable_history_sync_on_demand_request();
  asked.set_chat_jid(from.chat.to_string());
  asked.set_oldest_msg_id(from.anchor.key.id);
  asked.set_oldest_msg_from_me(from.anchor.key.from_me);
  asked.set_oldest_msg_timestamp_ms(from.anchor.sent_at.value);  // seconds, whatever its name says
  asked.set_on_demand_msg_count(std::min(count, kMostOlderMessages));
  auto sealed = connection.seal_for_phone(message);
  if (sealed) remember_history_request(database, sealed->text("id"), from.chat.to_string(), now);
  return sealed;
}

std::vector<AnchorChoice> anchor_choices(Database& database, const ThreadId& thread,
                                         const std::vector<Anchor>& elsewhere,
                                         bool by_phone_number) {
  std::vector<Anchor> oldest = oldest_messages(database, thread, kAnchorsLookedAt);
  for (const Anchor& anchor : elsewhere) {
    const auto same = [&](const Anchor& each) { return each.key.id == anchor.key.id; };
    if (std::ranges::none_of(oldest, same)) oldest.push_back(anchor);
  }
  std::ranges::stable_sort(oldest, {}, &Anchor::sent_at);
  if (oldest.size() > kAnchorsLookedAt) oldest.resize(kAnchorsLookedAt);
  std::vector<AnchorChoice> choices;
  for (Anchor& anchor : oldest) {
    const Jid chat = Jid::parse(anchor.key.remote_jid).value_or(thread.jid());
    const int older = static_cast<int>(choices.size());
    choices.push_back({.anchor = std::move(anchor), .chat = chat, .older_known = older});
  }
  std::ranges::stable_partition(
      choices, [](const AnchorChoice& each) { return !is_of_linked_device(each.anchor); });
  for (AnchorChoice& choice : choices)
    choice.chat = chat_to_ask(database, choice.chat, by_phone_number);
  if (choices.empty()) return choices;
  AnchorChoice otherwise = choices.front();
  otherwise.chat = chat_to_ask(database, otherwise.chat, !by_phone_number);
  if (otherwise.chat != choices.front().chat)
    choices.insert(choices.begin() + 1, std::move(otherwise));
  return choices;
}

Jid chat_to_ask(Database& database, const Jid& chat, bool by_phone_number) {
  const auto addresses = chat_addresses(database, chat);
  return by_phone_number ? addresses.back() : addresses.front();
}

}  // namespace wasync
