#include "inbox/media_facts.h"

#include <algorithm>
#include <array>

#include "base/columns.h"
#include "base/text.h"

namespace wasync {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kMaxPathBytes = 2048;

constexpr std::array kFactColumns{
    column<&MediaFacts::media_key>("media_key"),
    sparse_column<&MediaFacts::direct_path>("direct_path"),
    sparse_column<&MediaFacts::url>("url"),
    sparse_column<&MediaFacts::file_sha256>("file_sha256"),
    sparse_column<&MediaFacts::file_enc_sha256>("file_enc_sha256"),
    sparse_column<&MediaFacts::file_length>("file_length"),
    sparse_column<&MediaFacts::media_key_at>("media_key_at"),
    sparse_column<&MediaFacts::thumbnail>("thumbnail"),
};

// Printable ASCII: anything else in it would be an attempt at something.
bool is_path(const std::string& text, std::string_view begins) {
  return text.size() <= kMaxPathBytes && text.starts_with(begins) &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

void keep_hash(Bytes& hash) {
  if (hash.size() != kHashBytes) hash.clear();
}

template <typename Value>
void fill(Value& known, const Value& told) {
  if (known == Value{}) known = told;
}

}  // namespace

std::optional<MediaFacts> sound_media_facts(MediaFacts told) {
  if (told.media_key.size() != kKeyBytes) return std::nullopt;
  if (!is_path(told.direct_path, "/")) told.direct_path.clear();
  if (!told.direct_path.empty() || !is_path(told.url, "https://")) told.url.clear();
  keep_hash(told.file_sha256);
  keep_hash(told.file_enc_sha256);
  told.file_length = std::min<std::uint64_t>(told.file_length, INT64_MAX);
  if (told.thumbnail.size() > kMaxThumbnailBytes) told.thumbnail.clear();
  return told;
}

void put_media_facts(Database& database, std::int64_t message, const MediaFacts& told) {
  static const std::string kInsert = "INSERT INTO media_facts (" + column_names(kFactColumns) +
                                     ", message) VALUES (" + placeholders(kFactColumns) +
                                     ", ?) ON CONFLICT (message) DO NOTHING";
  auto insert = database.prepare(kInsert);
  bind_columns(insert, kFactColumns, told);
  insert.bind(message).run();
  if (database.changes() > 0) return;

  MediaFacts better = load_media_facts(database, message).value();
  const MediaFacts known = better;
  if (told.media_key_at > known.media_key_at) {
    better = told;
    fill(better.thumbnail, known.thumbnail);
  } else if (told.media_key == known.media_key) {
    fill(better.direct_path, told.direct_path);
    if (better.direct_path.empty()) fill(better.url, told.url);
    fill(better.file_sha256, told.file_sha256);
    fill(better.file_enc_sha256, told.file_enc_sha256);
    fill(better.file_length, told.file_length);
    fill(better.thumbnail, told.thumbnail);
  }
  if (better == known) return;
  static const std::string kUpdate =
      "UPDATE media_facts SET " + assignments(kFactColumns) + " WHERE message = ?";
  auto update = database.prepare(kUpdate);
  bind_columns(update, kFactColumns, better);
  update.bind(message).run();
}

std::optional<MediaFacts> load_media_facts(Database& database, std::int64_t message) {
  static const std::string kSelect =
      "SELECT " + column_names(kFactColumns) + " FROM media_facts WHERE message = ?";
  auto query = database.prepare(kSelect);
  query.bind(message);
  if (!query.step()) return std::nullopt;
  MediaFacts facts;
  read_columns(query, kFactColumns, facts);
  return facts;
}

}  // namespace wasync
