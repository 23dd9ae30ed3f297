// Whatever a message says, it is mapped to something the inbox knows, without failing, and the
// same way each time.
#include <cstdlib>

#include "history/content.h"
#include "history/web_message.h"
#include "proto/web_message.pb.h"

using namespace wasync;

namespace {

void require(bool ok) {
  if (!ok) std::abort();
}

const OwnIdentity kOwn{.phone = {.user = "40799999999", .server = "s.whatsapp.net"},
                       .lid = {.user = "111222333444555", .server = "lid"}};

void check(const Message& message) {
  require(!message.type.empty());
  require(message.key.from_me == message.sender.empty() || message.chat.is_group() ||
          !message.sender.empty());
  require((message.type == message_type::kUnknown) == message.unknown_field.has_value());
  require(message.sent_at.value >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  pb::WebMessageInfo info;
  if (!info.ParseFromArray(data + 1, static_cast<int>(size - 1))) return 0;
  const Jid chat = (data[0] & 1) != 0 ? Jid{.user = "120363000000000001", .server = "g.us"}
                                      : Jid{.user = "40721000001", .server = "s.whatsapp.net"};
  const MessageContext context{
      .own = kOwn, .chat = chat, .fallback_time = {1'700'000'000}, .now = {1'760'000'000}};
  const HistoryEntry entry = read_web_message(info, context);
  if (const auto* message = std::get_if<Message>(&entry)) check(*message);
  require(read_web_message(info, context).index() == entry.index());
  return 0;
}
