// usage: bench-upload --fill DIR [--chats N] [--messages N] [--seed N]
//        bench-upload --send DIR
//
// Fills DIR/wa-sync.db with the history of a phone, or sends what it holds to the Firestore that
// the environment names (FIRESTORE_EMULATOR_HOST, GOOGLE_CLOUD_PROJECT), until everything is
// there; then prints one line of JSON. What is timed, and beside what, is said by
// tests/firestore/bench/compare.py.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/inflate.h"
#include "base/log.h"
#include "base/sqlite.h"
#include "firestore/uploader.h"
#include "google/credentials.h"
#include "history/ingest.h"
#include "inbox/account.h"
#include "inbox/schema.h"
#include "phone_history.h"

using namespace wasync;

namespace {

namespace fs = std::filesystem;

constexpr const char* kPhone = "+40799999999";
const Jid kOwn{.user = "40799999999", .server = "s.whatsapp.net"};

void fill(const fs::path& file, const bench::Shape& shape) {
  const Bytes chunk = deflate(as_bytes(bench::phone_history(shape).SerializeAsString()));
  Database database(file);
  migrate_inbox(database);
  {
    Transaction transaction(database, "bench");
    put_account(database, {.id = account_id_for(kPhone), .phone = kPhone, .jid = kOwn});
    transaction.commit();
  }
  IngestOptions options;
  options.own.phone = kOwn;
  ingest(
      database, [&](const auto& sink) { sink(chunk); }, options);
}

firestore::UploadState send(const fs::path& file, std::size_t under_way) {
  auto credentials = std::make_shared<Credentials>(Credentials::find(process_environment()));
  const firestore::Target target{.project = process_environment()("GOOGLE_CLOUD_PROJECT").value(),
                                 .emulator = credentials->emulator().value()};
  firestore::UploadState last;
  firestore::UploadOptions options = firestore::upload_options_for(target);
  if (under_way > 0) options.most_under_way = under_way;
  firestore::Uploader uploader({.target = target, .credentials = credentials}, std::move(options));
  uploader.add(file, [&last](const firestore::UploadState& state) { last = state; });
  uploader.finish();
  uploader.run();
  return last;
}

// Not getrusage's: that one includes what started us.
std::int64_t peak_rss_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::int64_t kb = 0;
    if (word == "VmHWM:" && status >> kb) return kb;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Speed of the upload to Firestore"};
  std::string to_fill;
  std::string to_send;
  bench::Shape shape;
  app.add_option("--fill", to_fill);
  app.add_option("--send", to_send);
  app.add_option("--chats", shape.chats);
  app.add_option("--messages", shape.messages);
  app.add_option("--seed", shape.seed);
  std::size_t under_way = 0;
  app.add_option("--under-way", under_way, "batches; 0: as wa-sync does");
  bool verbose = false;
  app.add_flag("--verbose", verbose);
  CLI11_PARSE(app, argc, argv);
  if (verbose) log::start(log::Format::kText, 2);
  try {
    if (!to_fill.empty()) fill(fs::path(to_fill) / "wa-sync.db", shape);
    if (to_send.empty()) return 0;
    const auto began = std::chrono::steady_clock::now();
    const firestore::UploadState state = send(fs::path(to_send) / "wa-sync.db", under_way);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    const nlohmann::json out{{"written", state.written},
                             {"queued", state.queued},
                             {"set_aside", state.set_aside},
                             {"seconds", took.count()},
                             {"cpu_s", seconds(usage.ru_utime) + seconds(usage.ru_stime)},
                             {"peak_rss_kb", peak_rss_kb()}};
    std::puts(out.dump().c_str());
    return state.queued == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-upload: %s\n", error.what());
    return 1;
  }
}
