#include <charconv>
#include <optional>

#include "sim/admin.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

// Where "bytes=N-" begins; nothing for other ranges, which are then answered in full.
std::optional<std::size_t> range_start(std::string_view range, std::size_t size) {
  constexpr std::string_view kBytes = "bytes=";
  if (!range.starts_with(kBytes) || !range.ends_with('-')) return std::nullopt;
  range.remove_prefix(kBytes.size());
  range.remove_suffix(1);
  std::size_t start = 0;
  const auto [end, error] = std::from_chars(range.data(), range.data() + range.size(), start);
  if (error != std::errc() || end != range.data() + range.size() || start >= size)
    return std::nullopt;
  return start;
}

}  // namespace

HttpAnswer answer_media(World& world, const HttpQuestion& question) {
  HttpAnswer answer;
  answer.content_type = "application/octet-stream";
  const Bytes* blob = world.media.find(question.path);
  if (world.faults.on("media-status")) {
    answer.status = static_cast<unsigned>(world.faults.number("media-status", 500));
    return answer;
  }
  if (blob == nullptr || world.faults.on("missing-blob")) {
    answer.status = 404;
    return answer;
  }
  if (question.method == "DELETE") {
    world.media.erase(question.path);
    ++world.media.deleted;
    return answer;
  }
  if (question.method != "GET") {
    answer.status = 405;
    return answer;
  }
  ++world.media.fetched;
  answer.body = to_string(*blob);
  if (const auto from = range_start(question.range, blob->size())) {
    answer.status = 206;
    answer.content_range = "bytes " + std::to_string(*from) + "-" +
                           std::to_string(blob->size() - 1) + "/" + std::to_string(blob->size());
    answer.body.erase(0, *from);
  }
  if (world.faults.on("corrupt-blob") && !answer.body.empty())
    answer.body[answer.body.size() / 2] =
        static_cast<char>(answer.body[answer.body.size() / 2] ^ 1);
  if (world.faults.on("truncated-blob")) {
    answer.announced_length = answer.body.size();
    answer.body.resize(answer.body.size() / 2);
  }
  return answer;
}

}  // namespace wasync::sim
