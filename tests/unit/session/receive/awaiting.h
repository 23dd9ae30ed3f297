// An account to which messages come that it cannot decrypt.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/peer_message.pb.h"
#include "proto/web_message.pb.h"
#include "session/receive/awaited_messages.h"
#include "unit/session/receive/receiving.h"

namespace wasync::test {

struct Awaiting : LinkedAccount {
  Receiver receiver{*this};
  Writer ana{*this};
  Writer phone{*this};

  StanzaOutcome receive(std::string id, Node::Attributes attributes, std::vector<Node> parts) {
    return receiver.receive(message_stanza(std::move(id), std::move(attributes), std::move(parts)));
  }
  StanzaOutcome from_ana(std::string id, Node part) {
    return receive(std::move(id), {{"from", jid(kAna)}, {"notify", "Ana"}}, {std::move(part)});
  }
  StanzaOutcome fails(std::string id) { return from_ana(std::move(id), garbage()); }
  static Node garbage() { return Node("enc", {{"type", "msg"}, {"v", "2"}}, Bytes(60, 5)); }
  // The phone's answer with this content for the message of that id.
  static pb::Message answer(std::string id, const pb::Message& content,
                            std::string_view chat = kAna) {
    pb::WebMessageInfo info;
    info.mutable_key()->set_id(std::move(id));
    info.mutable_key()->set_remote_jid(std::string(chat));
    info.mutable_key()->set_from_me(false);
    if (content.ByteSizeLong() > 0) *info.mutable_message() = content;
    info.set_push_name("Ana");
    return answer(info);
  }
  static pb::Message answer(const pb::WebMessageInfo& info) {
    pb::Message message;
    auto& response =
        *message.mutable_protocol_message()->mutable_peer_data_operation_request_response_message();
    response.set_peer_data_operation_request_type(pb::PEER_DATA_PLACEHOLDER_MESSAGE_RESEND);
    response.add_peer_data_operation_result()
        ->mutable_placeholder_message_resend_response()
        ->set_web_message_info_bytes(info.SerializeAsString());
    return message;
  }
  StanzaOutcome phone_says(const pb::Message& content, Jid from = jid(kOwnPhone)) {
    static int count = 0;
    return receive("P" + std::to_string(++count), {{"from", from}, {"category", "peer"}},
                   {phone.enc(content)});
  }
  std::string text(std::string_view column, std::string_view id) {
    const std::string sql = "SELECT " + std::string(column) +
                            " FROM messages WHERE document_id = '" + std::string(id) + "'";
    static std::vector<std::string> kept;  // statements are cached by their text
    kept.reserve(1000);
    auto query = db.prepare(kept.emplace_back(sql));
    return query.step() ? query.text(0) : "(no such message)";
  }
  static int retry_count(const StanzaOutcome& outcome) {
    for (const Node& answer : outcome.answers)
      if (const Node* retry = answer.child("retry"))
        return static_cast<int>(retry->number("count").value_or(0));
    return 0;
  }
};

}  // namespace wasync::test
