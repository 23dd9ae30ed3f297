// An account that takes in what Ana and its own phone write, message by message.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/peer_message.pb.h"
#include "unit/session/account.h"

namespace wasync::test {

inline const std::string kGroup = "120363000000000001@g.us";

struct Receiving : LinkedAccount {
  Receiver receiver{*this};
  Writer ana{*this};
  Writer phone{*this};  // our own

  StanzaOutcome from_ana(std::string id, std::vector<Node> parts) {
    return receiver.receive(
        message_stanza(std::move(id), {{"from", jid(kAna)}, {"notify", "Ana"}}, std::move(parts)));
  }
  StanzaOutcome from_phone(std::string id, std::vector<Node> parts, Node::Attributes more = {}) {
    Node stanza = message_stanza(std::move(id), {{"from", jid(kOwnPhone)}, {"category", "peer"}},
                                 std::move(parts));
    for (auto& [key, value] : more) stanza.set(key, std::move(value));
    return receiver.receive(stanza);
  }
  StanzaOutcome in_group(std::string id, std::vector<Node> parts) {
    return receiver.receive(message_stanza(
        std::move(id), {{"from", jid(kGroup)}, {"participant", jid(kAnaLid)}}, std::move(parts)));
  }
  std::int64_t messages() { return number("SELECT count(*) FROM messages"); }
  std::string body_of(std::string_view id) {
    auto query = db.prepare("SELECT body FROM messages WHERE document_id = ?1 OR key_id = ?1");
    query.bind(id);
    return query.step() ? query.text(0) : "(no such message)";
  }
};

inline const Node& only_answer(const StanzaOutcome& outcome) {
  REQUIRE(outcome.answers.size() == 1);
  return outcome.answers[0];
}

inline bool asks_again(const StanzaOutcome& outcome) {
  return outcome.answers.size() == 2 && outcome.answers[0].tag == "receipt" &&
         outcome.answers[0].text("type") == "retry" && outcome.answers[1].tag == "ack" &&
         !outcome.answers[1].has("error");
}

inline pb::Message history_notification(std::string hash = "hash of the blob") {
  pb::Message message;
  auto& notification = *message.mutable_protocol_message()->mutable_history_sync_notification();
  notification.set_sync_type(pb::HISTORY_SYNC_RECENT);
  notification.set_chunk_order(2);
  notification.set_progress(40);
  notification.set_file_enc_sha256(std::move(hash));
  notification.set_direct_path("/v/t62/blob");
  return message;
}

}  // namespace wasync::test
