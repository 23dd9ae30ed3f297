#include "firestore/held_messages.h"

#include <optional>
#include <string>
#include <utility>

#include "base/jid.h"

namespace wasync::firestore {
namespace {

constexpr std::size_t kLongestId = 256;  // WhatsApp's have 16 to 32 characters

// A request quotes this key to the phone. Nothing when the document has no possible key.
std::optional<Anchor> anchor_in(const Document& document, const ThreadId& thread) {
  const auto* key = find<Fields>(document.fields, "key");
  if (key == nullptr) return std::nullopt;
  Anchor out;
  out.key.id = text_of(*key, "id");
  out.sent_at = seconds_of(document.fields, "tsClient");
  const auto* from_me = find<bool>(*key, "fromMe");
  const auto chat = Jid::parse(text_of(*key, "remoteJid"));
  const bool of_this_chat =
      chat && (chat->is_group() ? chat->bare() == thread.jid() : chat->is_person());
  if (out.key.id.empty() || out.key.id.size() > kLongestId || !out.sent_at.known() ||
      from_me == nullptr || !of_this_chat)
    return std::nullopt;
  out.key.from_me = *from_me;
  out.key.remote_jid = chat->bare().to_string();
  return out;
}

}  // namespace

std::vector<Anchor> oldest_held(Client& client, const ThreadId& thread, std::int64_t limit) {
  std::vector<Anchor> out;
  for (const Document& document : client.run_query({.parent = "threads/" + thread.str(),
                                  .collection = "messages",
                                  .order_by = "tsClient",
                                  .limit = limit,
                                  .fields = {"key", "tsClient"}}))
    if (auto anchor = anchor_in(document, thread)) out.push_back(*std::move(anchor));
  return out;
}

}  // namespace wasync::firestore
