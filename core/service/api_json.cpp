#include "service/api_json.h"

#include <type_traits>

#include "firestore/documents.h"

namespace wasync {
namespace {

using firestore::Value;

OrderedJson with_id(const std::string& id, const OrderedJson& fields) {
  OrderedJson out = {{"id", id}};
  out.update(fields);
  return out;
}

}  // namespace

OrderedJson plain_json(const Value& value) {
  return std::visit(
      [](const auto& held) -> OrderedJson {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, firestore::Timestamp>) {
          return firestore::to_string(held);
        } else if constexpr (std::is_same_v<T, Bytes>) {
          return base64_encode(held);
        } else if constexpr (std::is_same_v<T, firestore::Reference>) {
          return held.name;
        } else if constexpr (std::is_same_v<T, firestore::GeoPoint>) {
          return {{"latitude", held.latitude}, {"longitude", held.longitude}};
        } else if constexpr (std::is_same_v<T, firestore::Array>) {
          OrderedJson out = OrderedJson::array();
          for (const Value& each : held) out.push_back(plain_json(each));
          return out;
        } else if constexpr (std::is_same_v<T, firestore::Fields>) {
          return plain_json(held);
        } else {
          return held;
        }
      },
      value.data);
}

OrderedJson plain_json(const firestore::Fields& fields) {
  OrderedJson out = OrderedJson::object();
  for (const auto& [name, value] : fields) out[name] = plain_json(value);
  return out;
}

OrderedJson time_json(UnixSeconds time) {
  return time.known() ? OrderedJson(to_string(firestore::timestamp(time))) : OrderedJson();
}

OrderedJson account_json(const Account& account, const RunningAccount* running) {
  OrderedJson out =
      with_id(account.id.str(), plain_json(firestore::account_document(account, true).fields));
  out["waJid"] = account.jid.empty() ? OrderedJson() : OrderedJson(account.jid.bare().to_string());
  out["lastSeen"] = time_json(account.last_server_traffic_at);
  out["lastMessageAt"] = time_json(account.last_realtime_message_at);
  out["reconnectCount"] = 0;
  if (running != nullptr) {
    out["status"] = running->status;
    out["lastSeen"] = time_json(running->last_server_traffic);
    out["lastMessageAt"] = time_json(running->last_message);
    out["reconnectCount"] = running->counters.reconnects;
  }
  out["needsQR"] = out["status"] == "needs_qr" || out["status"] == "logged_out";
  return out;
}

OrderedJson thread_json(const AccountId& account, const ThreadListing& thread) {
  DirtyThread row{
      .thread = thread, .last_text = thread.last_message, .has_news = thread.time_known};
  const bool named = thread.name != thread.phone;
  if (named) row.display_name = thread.name;
  if (named && thread.jid.is_group()) row.group_subject = thread.name;
  return with_id(thread.thread.str(), plain_json(firestore::thread_document(account, row).fields));
}

OrderedJson message_json(const Account& account, const ThreadId& thread,
                         const StoredMessage& message) {
  const DirtyMessage row{.mark = {.first_upload = true}, .thread = thread, .message = message};
  OrderedJson out =
      with_id(message.id.str(), plain_json(firestore::message_document(account, row).fields));
  out["waMessageId"] = message.message.key.id;
  return out;
}

}  // namespace wasync
