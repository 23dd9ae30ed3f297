#include "session/device/generation.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/number.h"
#include "base/secret_file.h"
#include "base/sqlite.h"
#include "session/device/device.h"
#include "signal/cipher.h"
#include "signal/store.h"

namespace wasync {
namespace {

constexpr std::size_t kMostMarkBytes = 256;
// Raised once a second, it takes longer than anybody lives.
constexpr std::int64_t kMostGenerations = std::int64_t{1} << 40;

// How far an account's file has come. As text: these in this order, with a space between.
struct Mark {
  std::string phone{};       // bare JID
  std::int64_t paired_at{};  // names the link
  std::int64_t generation{};
  std::uint32_t next_pre_key{};
  std::uint32_t signed_pre_key{};

  bool operator==(const Mark&) const = default;
};

std::string text_of(const Mark& mark) {
  return mark.phone + ' ' + std::to_string(mark.paired_at) + ' ' + std::to_string(mark.generation) +
         ' ' + std::to_string(mark.next_pre_key) + ' ' + std::to_string(mark.signed_pre_key) + '\n';
}

template <typename Number>
std::optional<Number> take_field(std::string_view& text, Number most) {
  if (!text.starts_with(' ')) return std::nullopt;
  text.remove_prefix(1);
  const auto number = take_number<Number>(text);
  return number && *number >= 0 && *number <= most ? number : std::nullopt;
}

std::optional<Mark> parse_mark(std::string_view text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  Mark mark{.phone = std::string(text.substr(0, end))};
  text.remove_prefix(end);
  const auto paired_at = take_field(text, kMostGenerations);
  const auto generation = take_field(text, kMostGenerations);
  const auto next_pre_key = take_field(text, kMaxPreKeyId);
  const auto signed_pre_key = take_field(text, kMaxPreKeyId);
  if (!paired_at || !generation || !next_pre_key || !signed_pre_key || text != "\n")
    return std::nullopt;
  mark.paired_at = *paired_at;
  mark.generation = *generation;
  mark.next_pre_key = *next_pre_key;
  mark.signed_pre_key = *signed_pre_key;
  return mark;
}

std::optional<Mark> read_mark(const std::filesystem::path& file) {
  const SecretFile found = read_secret_file(file, kMostMarkBytes);
  if (found.state != SecretFile::State::kRead) return std::nullopt;
  return parse_mark(found.content.text);
}

void write_mark(const std::filesystem::path& file, const Mark& mark) {
  try {
    write_secret_file(file, as_bytes(text_of(mark)));
  } catch (const Error& error) {
    log::debug("the generation could not be noted: {}", error.what());
  }
}

// Nothing when the account is not linked.
std::optional<Mark> mark_of(Database& database) {
  auto row = database.prepare("SELECT jid, paired_at, generation FROM device");
  if (!row.step()) return std::nullopt;
  const auto jid = Jid::parse(row.text_view(0));
  const SignalStore store(database);
  if (!jid || !store.has_local_identity()) return std::nullopt;
  return Mark{.phone = jid->bare().to_string(),
              .paired_at = row.integer(1),
              .generation = row.integer(2),
              .next_pre_key = store.next_pre_key_id(),
              .signed_pre_key = store.signed_pre_key().id};
}

void go_on(Database& database, const Mark& seen, bool same_link) {
  SignalStore store(database);
  const auto device = load_device(database);
  Transaction transaction(database, "restored backup");
  database.prepare("UPDATE device SET generation = ?, restored_at = ?, phone_session_due = ?")
      .bind(seen.generation + 1, UnixSeconds::now(), same_link)
      .run();
  if (same_link) {
    store.renew_pre_keys(seen.next_pre_key, seen.signed_pre_key);
    SignalCipher cipher(store);
    for (const Jid& phone : {device->jid.bare(), device->lid.bare()})
      cipher.skip_sending_keys(SignalAddress::from(phone));
  }
  transaction.commit();
}

FileAge age_of(const Mark& now, const Mark& seen) {
  if (seen.phone != now.phone) return FileAge::kCurrent;
  if (seen.paired_at != now.paired_at)
    return seen.paired_at > now.paired_at ? FileAge::kFormerLink : FileAge::kCurrent;
  return seen.generation > now.generation ? FileAge::kRestored : FileAge::kCurrent;
}

}  // namespace

void raise_generation(Database& database) {
  database.prepare("UPDATE device SET generation = generation + 1").run();
}

void note_generation(Database& database, const std::filesystem::path& file) {
  if (const auto mark = mark_of(database)) write_mark(file, *mark);
}

FileAge take_up_generation(Database& database, const std::filesystem::path& file) {
  const auto now = mark_of(database);
  if (!now) return FileAge::kCurrent;
  const auto seen = read_mark(file);
  if (seen == now) return FileAge::kCurrent;
  const FileAge age = seen ? age_of(*now, *seen) : FileAge::kCurrent;
  if (age != FileAge::kCurrent) go_on(database, *seen, age == FileAge::kRestored);
  note_generation(database, file);
  return age;
}

}  // namespace wasync
