// Whatever a chunk inflates to, and in whatever pieces it comes: the parser delivers the same
// parts, within its limits, or ends with Error(kProtocol).
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "history/parser.h"
#include "proto/history_sync.pb.h"

using namespace wasync;

namespace {

// What came, in order, short enough to compare.
struct Log final : HistoryParts {
  std::string said;
  bool conversation(const pb::Conversation& header, std::uint64_t ordinal,
                    std::size_t messages) override {
    said += "c" + std::to_string(ordinal) + "/" + std::to_string(messages) + header.id();
    return ordinal % 5 != 4;  // some are passed over
  }
  void large_conversation(const pb::Conversation& header, std::uint64_t ordinal,
                          std::size_t messages) override {
    said += "C" + std::to_string(ordinal) + "/" + std::to_string(messages) + header.id();
  }
  bool streams(std::uint64_t ordinal) override {
    said += "t" + std::to_string(ordinal);
    return ordinal % 2 == 1;
  }
  void message_too_large() override { said += "T"; }
  void message(const pb::WebMessageInfo& info, BytesView) override { note("m", info); }
  void status_message(const pb::WebMessageInfo& info) override { note("s", info); }
  void push_name(const pb::Pushname& name) override { note("p", name); }
  void lid_mapping(const pb::PhoneNumberToLidMapping& mapping) override { note("l", mapping); }
  void inline_contact(const pb::InlineContact& contact) override { note("i", contact); }
  void damaged() override { said += "d"; }

 private:
  template <typename Part>
  void note(const char* what, const Part& part) {
    said += what + std::to_string(part.ByteSizeLong());
  }
};

std::string read(BytesView bytes, std::size_t piece) {
  Log log;
  HistoryParser parser(log, {.total_bytes = 1 << 20,
                             .conversation_bytes = 1 << 14,
                             .other_part_bytes = 1 << 12,
                             .parts = 2000});
  try {
    while (!bytes.empty()) {
      const std::size_t now = std::min(piece, bytes.size());
      parser.feed(bytes.first(now));
      bytes = bytes.subspan(now);
    }
    parser.finish();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kProtocol) std::abort();
    log.said += "!";
  }
  return log.said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0];
  const BytesView bytes(data + 1, size - 1);
  if (read(bytes, piece) != read(bytes, bytes.size())) std::abort();
  return 0;
}
