#include "sim/hostile_history.h"

#include <zlib.h>

#include <stdexcept>
#include <string>

#include "base/inflate.h"
#include "proto/history_sync.pb.h"
#include "proto/message.pb.h"

namespace wasync::sim {
namespace {

// The bytes behind those already deflated, ending on a byte and referring to nothing before,
// so that they can be repeated.
Bytes deflate_block(z_stream& zlib, BytesView data) {
  Bytes out(compressBound(data.size()) + 64);
  zlib.next_in = const_cast<Bytef*>(data.data());
  zlib.avail_in = static_cast<uInt>(data.size());
  zlib.next_out = out.data();
  zlib.avail_out = static_cast<uInt>(out.size());
  if (deflate(&zlib, Z_FULL_FLUSH) != Z_OK) throw std::runtime_error("deflate");
  out.resize(out.size() - zlib.avail_out);
  return out;
}

// A conversation that announces 3 GiB and keeps its word.
Bytes bomb() {
  z_stream zlib{};
  if (deflateInit(&zlib, Z_BEST_COMPRESSION) != Z_OK) throw std::bad_alloc();
  constexpr std::uint8_t kHead[] = {2 << 3 | 2, 0x80, 0x80, 0x80, 0x80, 0x0c};
  Bytes out = deflate_block(zlib, kHead);
  const Bytes zeros(std::size_t{1} << 20);
  const Bytes mebibyte = deflate_block(zlib, zeros);
  for (int i = 0; i < 3 * 1024; ++i) append(out, mebibyte);
  deflateEnd(&zlib);
  return out;
}

std::string nested_without_end() {
  pb::Message inner;
  inner.set_conversation("deep");
  for (int depth = 0; depth < 2000; ++depth) {
    pb::Message outer;
    outer.mutable_ephemeral_message()->mutable_message()->Swap(&inner);
    inner.Swap(&outer);
  }
  pb::HistorySync chunk;
  pb::Conversation& conversation = *chunk.add_conversations();
  conversation.set_id("40721999999@s.whatsapp.net");
  pb::WebMessageInfo& info = *conversation.add_messages()->mutable_message();
  info.mutable_key()->set_id("3ANESTED");
  info.mutable_key()->set_remote_jid(conversation.id());
  info.set_message_timestamp(1'767'000'000);
  info.mutable_message()->Swap(&inner);
  return chunk.SerializeAsString();
}

std::string push_name(const std::string& jid, const std::string& name) {
  pb::HistorySync chunk;
  pb::Pushname& entry = *chunk.add_pushnames();
  entry.set_id(jid);
  entry.set_pushname(name);
  return chunk.SerializeAsString();
}

std::string damaged_between() {
  const std::string damage = "\x3a\x02\xff\xff";  // a push name of two bytes that are no fields
  return push_name("40721999991@s.whatsapp.net", "Before") + damage +
         push_name("40721999992@s.whatsapp.net", "Behind");
}

}  // namespace

std::vector<Bytes> hostile_chunks() {
  return {bomb(), wasync::deflate(as_bytes(nested_without_end())),
          wasync::deflate(as_bytes(damaged_between())), to_bytes("this is no zlib stream")};
}

}  // namespace wasync::sim
