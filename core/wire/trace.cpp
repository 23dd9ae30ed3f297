#include "wire/trace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/number.h"
#include "base/rfc3339.h"

namespace wasync {
namespace {

constexpr int kMaxTracedDepth = 16;
constexpr std::size_t kMostChildren = 50;
constexpr std::size_t kLongestLine = 16 * 1024;
constexpr std::size_t kLongestShown = 40;
// Longer runs of digits may be a phone number, a LID or a code.
constexpr std::size_t kMostDigits = 6;

// Attributes whose values WhatsApp takes from a fixed set. Nothing that a person chose, that
// addresses anybody or that identifies a message belongs here.
constexpr auto kShownAttributes = std::to_array<std::string_view>({"action",
                                                                   "addressing_mode",
                                                                   "call",
                                                                   "category",
                                                                   "class",
                                                                   "code",
                                                                   "context",
                                                                   "count",
                                                                   "decrypt-fail",
                                                                   "edit",
                                                                   "error",
                                                                   "has_more_patches",
                                                                   "hist_sync",
                                                                   "index",
                                                                   "item",
                                                                   "last",
                                                                   "location",
                                                                   "mediatype",
                                                                   "message",
                                                                   "mode",
                                                                   "notification",
                                                                   "offline",
                                                                   "order",
                                                                   "passive",
                                                                   "phash_match",
                                                                   "polltype",
                                                                   "privacy_sensitive",
                                                                   "push_priority",
                                                                   "query",
                                                                   "reason",
                                                                   "receipt",
                                                                   "retry",
                                                                   "return_snapshot",
                                                                   "stage",
                                                                   "state",
                                                                   "text",
                                                                   "type",
                                                                   "v",
                                                                   "value",
                                                                   "version",
                                                                   "xmlns"});
// Times, in seconds or milliseconds: more digits than the others have.
constexpr auto kTimeAttributes = std::to_array<std::string_view>(
    {"creation", "expiration", "last", "s_t", "t", "timestamp", "ts"});
// What a collection of app state, or a property, is called. Elsewhere a name is a person's.
constexpr auto kNamedTags =
    std::to_array<std::string_view>({"collection", "feature", "platform", "prop"});
constexpr auto kServers = std::to_array<std::string_view>(
    {jid_server::kUser, jid_server::kLegacyUser, jid_server::kLid, jid_server::kGroup,
     jid_server::kBroadcast, jid_server::kNewsletter, jid_server::kHosted, jid_server::kHostedLid,
     jid_server::kMessenger, jid_server::kInterop, jid_server::kBot, "call"});

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A word of the protocol: short, in small letters, as names are not, and without what could be a
// number of somebody.
bool is_plain(std::string_view text, std::size_t most_digits) {
  std::size_t digits = 0;
  for (const char c : text) {
    if (!is_letter(c) && !is_digit(c) && std::string_view(":_-.").find(c) == std::string_view::npos)
      return false;
    digits = is_digit(c) ? digits + 1 : 0;
    if (digits > most_digits) return false;
  }
  return !text.empty() && text.size() <= kLongestShown;
}

// Between 2001 and 2039: numbers of phones are longer or larger.
bool is_time(std::string_view text) {
  auto number = parse_number<std::uint64_t>(text);
  if (!number) return false;
  if (text.size() == 13) *number /= 1'000;
  return *number >= 1'000'000'000 && *number < 2'200'000'000;
}

template <typename List>
bool is_one_of(const List& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

bool is_shown(std::string_view tag, std::string_view key, std::string_view value) {
  if (is_one_of(kTimeAttributes, key) && is_time(value)) return true;
  if (key == "name" && is_one_of(kNamedTags, tag)) return is_plain(value, kMostDigits);
  return is_one_of(kShownAttributes, key) && is_plain(value, kMostDigits);
}

std::string now_text() {
  using namespace std::chrono;
  const auto now = system_clock::now().time_since_epoch();
  const auto whole = floor<seconds>(now);
  const auto millis = duration_cast<milliseconds>(now - whole);
  return fmt::format("{}.{:03}Z", rfc3339(whole.count()).substr(0, 19), millis.count());
}

Error cannot_write(const std::filesystem::path& file, Words why) {
  return {ErrorCode::kIo,
          Phrase{"the trace {} cannot be written: {}", "urma {} nu se poate scrie: {}"}.with(
              file.string(), why),
          Phrase{"Name a new file in a directory that exists and that you may write to.",
                 "Numește un fișier nou, într-un director care există și în care poți scrie."}};
}

FileDescriptor open_trace(const std::filesystem::path& file) {
  FileDescriptor out(::open(
      file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  if (!out) throw cannot_write(file, std::strerror(errno));
  struct stat found {};
  if (::fstat(out.get(), &found) != 0 || !S_ISREG(found.st_mode))
    throw cannot_write(file, Phrase{"it is not a regular file", "nu este un fișier obișnuit"});
  if ((found.st_mode & 077) != 0)
    throw cannot_write(file, Phrase{"others may read it", "îl pot citi și alții"});
  std::array<char, 64> start{};
  const ssize_t read = ::pread(out.get(), start.data(), start.size(), 0);
  if (read != 0 &&
      !Trace::is_line({start.data(), static_cast<std::size_t>(std::max(read, ssize_t{0}))}))
    throw cannot_write(file, Phrase{"it holds something else", "conține altceva"});
  return out;
}

}  // namespace

Trace::Trace(std::filesystem::path file, std::size_t most_bytes)
    : path_(std::move(file)), most_bytes_(most_bytes), file_(open_trace(path_)) {
  struct stat found {};
  if (::fstat(file_.get(), &found) == 0) size_ = static_cast<std::size_t>(found.st_size);
  write(0, '#', "a new run: stand-ins differ from those above");
}

unsigned Trace::connected() {
  unsigned number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++connections_;
  }
  write(number, '#', "connected");
  return number;
}

void Trace::closed(unsigned connection, std::string_view why) {
  write(connection, '#', fmt::format("closed: {}", why));
}

void Trace::unreadable(unsigned connection, std::size_t bytes) {
  write(connection, '<', fmt::format("[{} bytes that are no stanza]", bytes));
}

bool Trace::is_line(std::string_view line) {
  // 2026-11-30T07:30:22.123Z 1 < …
  if (line.size() < 29 || line[10] != 'T' || line[23] != 'Z' || line[24] != ' ') return false;
  const std::size_t behind = line.find(' ', 25);
  return behind != std::string_view::npos && behind + 2 < line.size() &&
         std::string_view("<>#").find(line[behind + 1]) != std::string_view::npos &&
         line[behind + 2] == ' ';
}

std::string Trace::line_of(const Node& node) const {
  std::string out;
  append(out, node, 0);
  if (out.size() > kLongestLine) {
    out.resize(kLongestLine);
    out += "… (cut)";
  }
  return out;
}

std::string Trace::shown_jid(const Jid& jid) const {
  std::string out = jid.user.empty() ? std::string() : stand_ins_.of(jid.user);
  if (jid.device != 0) out += ":" + std::to_string(jid.device);
  if (!out.empty()) out += "@";
  return out + (is_one_of(kServers, jid.server) ? jid.server : stand_ins_.of(jid.server));
}

std::string Trace::shown_value(std::string_view tag, std::string_view key,
                               const Node::Value& value) const {
  if (const auto* jid = std::get_if<Jid>(&value)) return shown_jid(*jid);
  const std::string& text = std::get<std::string>(value);
  if (text.empty() || is_shown(tag, key, text)) return text;
  if (text.find('@') != std::string::npos)
    if (const auto jid = Jid::parse(text)) return shown_jid(*jid);
  // Ids of messages say in their first characters what made them: 3EB0 is a linked device.
  const bool marked = key == "id" && text.starts_with("3EB0");
  return (marked ? "3EB0" : "") + stand_ins_.of(text);
}

void Trace::append(std::string& out, const Node& node, int depth) const {
  if (out.size() > kLongestLine) return;
  const std::string tag = is_plain(node.tag, kMostDigits) ? node.tag : stand_ins_.of(node.tag);
  out += "<" + tag;
  for (const auto& [key, value] : node.attributes)
    out += fmt::format(" {}=\"{}\"", is_plain(key, kMostDigits) ? key : stand_ins_.of(key),
                       shown_value(node.tag, key, value));
  if (std::holds_alternative<std::monostate>(node.content)) {
    out += "/>";
    return;
  }
  out += ">";
  if (std::holds_alternative<Bytes>(node.content)) {
    out += fmt::format("[{} bytes]", node.bytes().size());
  } else if (depth >= kMaxTracedDepth) {
    out += "…";
  } else {
    const auto& children = node.children();
    const std::size_t shown = std::min(children.size(), kMostChildren);
    for (std::size_t i = 0; i < shown; ++i) append(out, children[i], depth + 1);
    if (shown < children.size()) out += fmt::format("… {} more", children.size() - shown);
  }
  out += "</" + tag + ">";
}

void Trace::write(unsigned connection, char direction, std::string_view text) {
  const std::string line = fmt::format("{} {} {} {}\n", now_text(), connection, direction, text);
  const std::lock_guard lock(mutex_);
  if (!file_) return;
  try {
    if (size_ + line.size() > most_bytes_) rotate();
    const ssize_t written = ::write(file_.get(), line.data(), line.size());
    if (written != static_cast<ssize_t>(line.size()))
      throw cannot_write(path_, written < 0 ? std::strerror(errno) : std::strerror(ENOSPC));
    size_ += line.size();
  } catch (const Error& error) {
    log::warn("{}; the trace ends here", error.what());
    file_ = FileDescriptor();
  }
}

void Trace::rotate() {
  const std::filesystem::path before = path_.string() + ".1";
  if (::rename(path_.c_str(), before.c_str()) != 0) throw cannot_write(path_, std::strerror(errno));
  file_ = open_trace(path_);
  size_ = 0;
}

}  // namespace wasync
