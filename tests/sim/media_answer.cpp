#include <algorithm>
#include <optional>

#include "base/crypto.h"
#include "base/number.h"
#include "base/percent.h"
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
  const auto start = parse_number<std::size_t>(range);
  return start && *start < size ? start : std::nullopt;
}

// The value of a parameter, percent-decoded; nothing when it is not there.
std::optional<std::string> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (!pair.starts_with(name) || pair.substr(name.size()).substr(0, 1) != "=") continue;
    const std::string_view value = pair.substr(name.size() + 1);
    return percent_decode(value).value_or(std::string(value));
  }
  return std::nullopt;
}

std::optional<Bytes> base64url_decode(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return base64_decode(text);
}

// DELETE /mms/md-msg-hist/<token>?token=…&d_md=…&auth=…: the token is the hash of the encrypted
// blob, d_md its path. The header Companion_User_Secret says what the phone told with the history.
HttpAnswer delete_blob(World& world, const HttpQuestion& question) {
  HttpAnswer answer;
  constexpr std::string_view kPath = "/mms/md-msg-hist/";
  const auto token = parameter(question.query, "token");
  const auto path = base64url_decode(parameter(question.query, "d_md").value_or(""));
  const Bytes* blob = path ? world.media.find(as_text(*path)) : nullptr;
  if (parameter(question.query, "auth") != world.media.auth ||
      !world.media.deletion_secrets.contains(question.secret)) {
    answer.status = 401;
  } else if (!token || question.path != std::string(kPath) + *token ||
             parameter(question.query, "e_handle") != "simulated") {
    answer.status = 400;
  } else if (blob == nullptr) {
    answer.status = 404;
  } else if (*token != base64url_encode(sha256(*blob))) {
    answer.status = 403;
  } else {
    world.media.erase(as_text(*path));
    ++world.media.deleted;
  }
  if (answer.status != 200)
    Journal::add(world.journal.complaints,
                 "deleting a blob was refused: " + std::to_string(answer.status));
  return answer;
}

// Whether a fault hits this blob: every one, or ("once") what the phone would upload again.
bool is_hit(const World& world, std::string_view fault, const HttpQuestion& question) {
  if (!world.faults.on(fault)) return false;
  if (world.faults.value(fault) != "once") return true;
  return parameter(question.query, "mms-type") == "md-msg-hist" &&
         !world.media.is_put_again(question.path);
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
  if (question.method == "DELETE") return delete_blob(world, question);
  if (blob == nullptr || is_hit(world, "missing-blob", question)) {
    answer.status = 404;
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
  if (is_hit(world, "corrupt-blob", question) && !answer.body.empty())
    answer.body[answer.body.size() / 2] =
        static_cast<char>(answer.body[answer.body.size() / 2] ^ 1);
  if (world.faults.on("truncated-blob") &&
      (world.faults.value("truncated-blob") != "once" || world.media.first_fetch(question.path))) {
    answer.announced_length = answer.body.size();
    answer.body.resize(answer.body.size() / 2);
  }
  world.media.bytes_sent += answer.body.size();
  return answer;
}

}  // namespace wasync::sim
