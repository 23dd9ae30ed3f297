// usage: bench-ingest [--chats N] [--messages N] [--seed N] [--directory DIR]
//                     [--search-index on|off] [--write-blob DIR | --blob DIR]
//
// Times the way of a history blob from its encrypted bytes to committed rows, and beside it,
// in the same run, what no client can avoid: inflating the same blob and having SQLite insert the
// same rows (the floor). Prints one line of JSON.
//
// With --write-blob, writes DIR/history.enc and DIR/history.json (media_key, file_sha256 and
// file_enc_sha256 in hexadecimal) instead, so that another client can be timed on it; --blob reads
// them back.
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/inflate.h"
#include "base/sqlite.h"
#include "history/blob.h"
#include "history/ingest.h"
#include "inbox/account.h"
#include "inbox/schema.h"
#include "inbox/search_index.h"
#include "phone_history.h"

using namespace wasync;

namespace {

namespace fs = std::filesystem;

const Jid kOwn{.user = "40799999999", .server = "s.whatsapp.net"};

void write_file(const fs::path& path, std::string_view data) {
  std::ofstream out(path, std::ios::binary);
  out << data;
  if (!out.flush()) throw Error(ErrorCode::kIo, "cannot write " + path.string());
}

void write_blob(const bench::Shape& shape, const fs::path& directory) {
  const Bytes media_key = to_bytes(sha256(as_bytes("bench")));
  const std::string wire = bench::phone_history(shape).SerializeAsString();
  const EncryptedBlob blob = encrypt_blob(kHistoryMedia, deflate(as_bytes(wire)), media_key);
  write_file(directory / "history.enc", as_text(blob.data));
  const nlohmann::json description{{"media_key", hex_encode(media_key)},
                                   {"file_sha256", hex_encode(blob.file_sha256)},
                                   {"file_enc_sha256", hex_encode(blob.file_enc_sha256)},
                                   {"inflated_bytes", wire.size()}};
  write_file(directory / "history.json", description.dump(2) + "\n");
}

// Making the history takes far more memory than reading it: a process of its own does it, so
// that the peak reported here is the reader's.
void write_blob_elsewhere(const bench::Shape& shape, const fs::path& directory) {
  const pid_t child = ::fork();
  if (child == 0) {
    write_blob(shape, directory);
    ::_exit(0);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) {
    throw Error(ErrorCode::kInternal, "the history could not be made");
  }
}

VerifiedBlob receive(const fs::path& directory, const fs::path& scratch,
                     const nlohmann::json& description) {
  const auto field = [&](const char* name) {
    return *hex_decode(description.at(name).get<std::string>());
  };
  BlobReceiver receiver(scratch,
                        ExpectedBlob::from(kHistoryMedia, field("media_key"), field("file_sha256"),
                                           field("file_enc_sha256")));
  std::ifstream in(directory / "history.enc", std::ios::binary);
  Bytes piece(16 * 1024);  // as libcurl delivers
  while (in) {
    in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
    receiver.append(BytesView(piece).first(static_cast<std::size_t>(in.gcount())));
  }
  return std::move(receiver).verify();
}

// Reads everything and keeps nothing.
struct Nobody final : HistoryParts {
  bool conversation(const pb::Conversation&, std::uint64_t, std::size_t) override { return true; }
  void large_conversation(const pb::Conversation&, std::uint64_t, std::size_t) override {}
  bool streams(std::uint64_t) override { return true; }
  void message_too_large() override {}
  void message(const pb::WebMessageInfo&, BytesView) override {}
  void status_message(const pb::WebMessageInfo&) override {}
  void push_name(const pb::Pushname&) override {}
  void lid_mapping(const pb::PhoneNumberToLidMapping&) override {}
  void inline_contact(const pb::InlineContact&) override {}
  void damaged() override {}
};

struct Took {
  double wall_s = 0;
  double cpu_s = 0;  // tells more than the clock on a busy machine
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

template <typename Work>
Took timed(Work work) {
  const double cpu = cpu_seconds();
  const auto begun = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begun;
  return {.wall_s = wall.count(), .cpu_s = cpu_seconds() - cpu};
}

nlohmann::json to_json(const Took& took) {
  const auto milliseconds = [](double s) {
    return static_cast<double>(static_cast<long>(s * 1000)) / 1000;
  };
  return {{"wall_s", milliseconds(took.wall_s)}, {"cpu_s", milliseconds(took.cpu_s)}};
}

void inflate_only(const ChunkSource& source) {
  InflateStream inflate(std::uint64_t{4} << 30);
  source([&](BytesView piece) { inflate.feed(piece, [](BytesView) {}); });
  inflate.finish();
}

void parse_only(const ChunkSource& source) {
  Nobody nobody;
  HistoryParser parser(nobody, {});
  InflateStream inflate(std::uint64_t{4} << 30);
  source([&](BytesView piece) { inflate.feed(piece, [&](BytesView out) { parser.feed(out); }); });
  parser.finish();
}

void create_account(Database& database) {
  migrate_inbox(database);
  Transaction transaction(database, "account");
  const std::string phone = *phone_of(kOwn);
  put_account(database, Account{.id = account_id_for(phone),
                                .phone = phone,
                                .name = {},
                                .push_name = {},
                                .jid = kOwn,
                                .lid = {},
                                .platform = {}});
  transaction.commit();
}

// The same rows into a new file of the same tables, as fast as SQLite can: it copies them
// itself, in one transaction.
void insert_only(const fs::path& stored, const fs::path& copy) {
  Database database(copy);
  migrate_inbox(database);
  database.execute("ATTACH '" + stored.string() + "' AS stored");
  Transaction transaction(database, "copy");
  for (const char* table :
       {"account", "threads", "messages", "media_facts", "senders", "contacts", "lid_mappings"}) {
    const std::string name = table;
    database.execute("INSERT INTO main." + name + " SELECT * FROM stored." + name);
  }
  transaction.commit();
}

double mebibytes(long kibibytes) {
  return static_cast<double>(kibibytes * 10 / 1024) / 10;
}

// Of the full-text index, with its pages' unused parts.
std::int64_t search_bytes(Database& database) {
  auto query = database.prepare(
      "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name LIKE '%\\_search\\_%' ESCAPE '\\'");
  query.step();
  return query.integer(0);
}

long peak_rss() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

void run(const fs::path& directory, const fs::path& scratch, bool search_index) {
  std::ifstream in(directory / "history.json");
  const nlohmann::json description = nlohmann::json::parse(in);
  const long idle = peak_rss();
  ChunkSource source;
  const Took verify =
      timed([&] { source = chunk_source(receive(directory, scratch, description)); });
  const Took inflate = timed([&] { inflate_only(source); });
  const Took parse = timed([&] { parse_only(source); });

  Database database(scratch / "wa-sync.db");
  create_account(database);
  switch_search_index(database, search_index);
  IngestOptions options;
  options.own.phone = kOwn;
  options.sync_type = pb::HISTORY_SYNC_FULL;
  IngestResult result;
  const Took store = timed([&] { result = ingest(database, source, options); });

  const long peak = peak_rss();
  // As when the phone sends the same messages in two chunks.
  const Took again = timed([&] { ingest(database, source, options); });
  const Took insert = timed([&] { insert_only(scratch / "wa-sync.db", scratch / "copy.db"); });

  const double seconds = verify.wall_s + store.wall_s;
  const double floor = inflate.wall_s + insert.wall_s;
  const auto count = static_cast<double>(result.messages_inserted);
  const nlohmann::json report{{"what", "wa-sync: encrypted blob to committed rows"},
                              {"bytes", fs::file_size(directory / "history.enc")},
                              {"inflated_bytes", description.at("inflated_bytes")},
                              {"chats", result.conversations},
                              {"messages", result.messages_inserted},
                              {"seconds", seconds},
                              {"cpu_seconds", verify.cpu_s + store.cpu_s},
                              {"messages_per_second", static_cast<std::int64_t>(count / seconds)},
                              {"times_the_floor", std::round(seconds / floor * 100) / 100},
                              {"peak_rss_mib", mebibytes(peak)},
                              {"idle_rss_mib", mebibytes(idle)},
                              {"verify", to_json(verify)},
                              {"decrypt_and_inflate_only", to_json(inflate)},
                              {"decrypt_inflate_and_parse_only", to_json(parse)},
                              {"ingest", to_json(store)},
                              {"ingest_again", to_json(again)},
                              {"insert_only", to_json(insert)},
                              {"database_bytes", fs::file_size(scratch / "wa-sync.db")},
                              {"search_index_bytes", search_bytes(database)}};
  std::printf("%s\n", report.dump().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  bench::Shape shape;
  fs::path parent = fs::temp_directory_path();
  fs::path write_to;
  fs::path read_from;
  CLI::App app("Times history ingestion.");
  app.add_option("--chats", shape.chats);
  app.add_option("--messages", shape.messages, "in each chat");
  app.add_option("--seed", shape.seed);
  app.add_option("--directory", parent, "where the scratch files go: the disk to measure");
  app.add_option("--write-blob", write_to, "only write history.enc and history.json there");
  app.add_option("--blob", read_from, "read history.enc and history.json from there");
  std::string search_index = "on";
  app.add_option("--search-index", search_index)->check(CLI::IsMember({"on", "off"}));
  CLI11_PARSE(app, argc, argv);
  if (!write_to.empty()) {
    write_blob(shape, write_to);
    return 0;
  }
  std::string scratch = (parent / "wa-sync-bench-XXXXXX").string();
  if (::mkdtemp(scratch.data()) == nullptr) return 1;
  int status = 0;
  try {
    if (read_from.empty()) write_blob_elsewhere(shape, scratch);
    run(read_from.empty() ? fs::path(scratch) : read_from, scratch, search_index == "on");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-ingest: %s\n", error.what());
    status = 1;
  }
  fs::remove_all(scratch);
  return status;
}
