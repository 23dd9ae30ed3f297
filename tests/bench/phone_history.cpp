#include "phone_history.h"

#include <array>
#include <string>
#include <string_view>

namespace wasync::bench {
namespace {

constexpr std::uint64_t kNewest = 1'700'000'000;
constexpr std::array<std::string_view, 16> kWords{
    "salut", "mâine", "ne", "vedem", "la", "ora",  "șapte", "mulțumesc",
    "da",    "nu",    "👍",  "sigur", "ok", "bine", "poza",  "acasă"};

// SplitMix64: small, and the same everywhere, which the standard distributions are not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }
  bool one_in(std::uint64_t odds) { return below(odds) == 0; }
  std::string bytes(std::size_t count) {
    std::string out(count, '\0');
    for (char& c : out) c = static_cast<char>(next() & 0xff);
    return out;
  }
  std::string id() {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out = "3A";
    for (int i = 0; i < 18; ++i) out += kHex[below(16)];
    return out;
  }
  std::string text() {
    std::string out;
    for (std::uint64_t words = 3 + below(18); words > 0; --words) {
      out += kWords[below(kWords.size())];
      out += ' ';
    }
    return out;
  }

 private:
  std::uint64_t state_;
};

std::string person(std::uint64_t number) {
  return std::to_string(40'700'000'000 + number) + "@s.whatsapp.net";
}

void fill_image(pb::ImageMessage& image, Random& random) {
  image.set_url("https://mmg.whatsapp.net/o1/v/t62.7118-24/f1/m231/" + random.id() + "?ccb=9-4");
  image.set_direct_path("/o1/v/t62.7118-24/f1/m231/" + random.id() + "?ccb=9-4&oh=01_Q5&oe=66");
  image.set_mimetype("image/jpeg");
  image.set_media_key(random.bytes(32));
  image.set_file_sha256(random.bytes(32));
  image.set_file_enc_sha256(random.bytes(32));
  image.set_file_length(50'000 + random.below(400'000));
  image.set_width(1200);
  image.set_height(1600);
  image.set_media_key_timestamp(static_cast<std::int64_t>(kNewest));
  // The thumbnail, a field our description leaves out (16): most of a picture's weight.
  image.mutable_unknown_fields()->append("\x82\x01\xe8\x07").append(random.bytes(1000));
  if (random.one_in(3)) image.set_caption(random.text());
}

void fill_content(pb::Message& message, Random& random) {
  switch (random.below(20)) {
    case 0:
    case 1: fill_image(*message.mutable_image(), random); break;
    case 2:
      message.mutable_audio()->set_ptt(true);
      message.mutable_audio()->set_seconds(7);
      message.mutable_audio()->set_mimetype("audio/ogg; codecs=opus");
      message.mutable_audio()->set_waveform(random.bytes(64));
      message.mutable_audio()->set_media_key(random.bytes(32));
      break;
    case 3:
    case 4: {
      auto& reply = *message.mutable_extended_text();
      reply.set_text(random.text());
      reply.mutable_context_info()->set_stanza_id(random.id());
      reply.mutable_context_info()->set_participant(person(random.below(3000)));
      reply.mutable_context_info()->mutable_quoted_message()->set_conversation(random.text());
      break;
    }
    default: message.set_conversation(random.text()); break;
  }
  message.mutable_message_context_info()->set_message_secret(random.bytes(32));
}

void fill_message(pb::WebMessageInfo& info, const std::string& chat, bool group,
                  std::uint64_t sent_at, Random& random) {
  const bool from_me = random.one_in(3);
  info.mutable_key()->set_remote_jid(chat);
  info.mutable_key()->set_from_me(from_me);
  info.mutable_key()->set_id(random.id());
  info.set_message_timestamp(sent_at);
  fill_content(*info.mutable_message(), random);
  if (from_me) {
    info.set_status(pb::WebMessageInfo::STATUS_READ);
    auto& receipt = *info.add_user_receipt();
    receipt.set_user_jid(group ? person(random.below(3000)) : chat);
    receipt.set_receipt_timestamp(static_cast<std::int64_t>(sent_at + 2));
    receipt.set_read_timestamp(static_cast<std::int64_t>(sent_at + 60));
  } else {
    const std::uint64_t author = random.below(40);
    if (group) info.set_participant(person(author));
    info.set_push_name("Prieten " + std::to_string(author));
  }
  if (random.one_in(25)) {
    auto& reaction = *info.add_reactions();
    reaction.mutable_key()->set_remote_jid(chat);
    reaction.mutable_key()->set_id(random.id());
    if (group) reaction.mutable_key()->set_participant(person(random.below(40)));
    reaction.set_text("👍");
  }
}

}  // namespace

pb::HistorySync phone_history(const Shape& shape) {
  Random random(shape.seed);
  pb::HistorySync history;
  history.set_sync_type(pb::HISTORY_SYNC_FULL);
  history.set_chunk_order(1);
  history.set_progress(100);
  for (int c = 0; c < shape.chats; ++c) {
    const auto number = static_cast<std::uint64_t>(c);
    const bool group = c % 5 == 4;
    const std::string jid =
        group ? std::to_string(120'363'000'000'000'000 + number) + "@g.us" : person(number);
    auto& conversation = *history.add_conversations();
    conversation.set_id(jid);
    conversation.set_name((group ? "Grupul " : "Contact ") + std::to_string(c));
    const std::uint64_t newest = kNewest - number * 977;
    conversation.set_conversation_timestamp(newest);
    conversation.set_unread_count(static_cast<std::uint32_t>(random.below(4)));
    for (int m = 0; m < shape.messages; ++m) {
      fill_message(*conversation.add_messages()->mutable_message(), jid, group,
                   newest - static_cast<std::uint64_t>(m) * 613, random);
    }
    if (group) continue;
    auto& mapping = *history.add_phone_number_to_lid_mappings();
    mapping.set_pn_jid(jid);
    mapping.set_lid_jid(std::to_string(100'000'000'000'000 + number) + "@lid");
    history.add_pushnames()->set_id(jid);
    history.mutable_pushnames(history.pushnames_size() - 1)
        ->set_pushname("Prieten " + std::to_string(c));
  }
  return history;
}

}  // namespace wasync::bench
