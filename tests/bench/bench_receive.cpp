// usage: bench-receive [--stanzas N] [--directory DIR]
//
// Times live messages from decrypting to their answers, the same ones twice in the same run, in
// accounts of their own: stored one by one, as they would be when each had to wait for the next,
// and together as a burst is. Prints one line of JSON; `ratio` is what storing together gains.
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/sqlite.h"
#include "inbox/account.h"
#include "inbox/ids.h"
#include "inbox/schema.h"
#include "proto/message.pb.h"
#include "session/device/device.h"
#include "session/device/schema.h"
#include "session/receive/stanza_receiver.h"
#include "signal/cipher.h"
#include "signal/padding.h"
#include "signal/schema.h"

namespace {

using namespace wasync;
namespace fs = std::filesystem;

constexpr std::size_t kTogether = 64;  // as session/stream.h hands them over

struct Took {
  double wall_s = 0;
  double cpu_s = 0;  // tells more than the clock on a busy machine
};

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

Jid jid(std::string_view text) {
  return Jid::parse(text).value();
}

// A linked account, and somebody who writes to it.
struct Bench {
  Database db;
  SignalStore store{db};
  Device device{.jid = jid("40700000001:7@s.whatsapp.net"), .lid = jid("9001:7@lid")};
  Database writer_db;
  SignalStore writer{writer_db};
  SignalCipher cipher{writer};

  explicit Bench(const fs::path& directory)
      : db(directory / "wa-sync.db"), writer_db(directory / "writer.db") {
    migrate_inbox(db);
    migrate(db, session_tables());
    const DeviceKeys keys = DeviceKeys::generate();
    Transaction transaction(db, "bench");
    replace_device(store, device, keys);
    put_account(db, {.id = account_id_for("+40700000001"),
                     .phone = "+40700000001",
                     .jid = device.jid,
                     .lid = device.lid,
                     .status = AccountStatus::kConnected});
    const PreKeyBundle bundle{.registration_id = keys.identity.registration_id,
                              .identity = keys.identity.key.public_key,
                              .signed_pre_key = store.signed_pre_key(),
                              .pre_key = store.generate_pre_keys(1)[0]};
    transaction.commit();
    Transaction begun(writer_db, "bench");
    writer.create_local_identity();
    if (cipher.process_bundle(account(), bundle)) throw std::runtime_error("no session");
    begun.commit();
  }
  static SignalAddress account() { return {.name = "account", .device = 7}; }

  std::vector<Node> stanzas(int count) {
    std::vector<Node> all;
    Transaction transaction(writer_db, "bench");
    for (int i = 0; i < count; ++i) {
      pb::Message message;
      message.set_conversation("A message of a length that people write, number " +
                               std::to_string(i));
      const auto sealed = cipher.encrypt(account(), pad(as_bytes(message.SerializeAsString())));
      Node enc("enc", {{"type", std::string(name(sealed->type))}, {"v", "2"}}, sealed->bytes);
      all.push_back(Node("message",
                         {{"id", "3A" + std::to_string(i)},
                          {"from", jid("40722000000@s.whatsapp.net")},
                          {"notify", "Ana"},
                          {"t", std::to_string(1'700'000'000 + i)}},
                         std::vector<Node>{std::move(enc)}));
    }
    transaction.commit();
    return all;
  }
};

Took receive_all(const fs::path& directory, int count, std::size_t together) {
  fs::create_directory(directory);
  Bench bench(directory);
  const std::vector<Node> all = bench.stanzas(count);
  StanzaReceiver receiver(bench.store, bench.device);
  std::size_t answered = 0;
  const double cpu = cpu_seconds();
  const auto begun = std::chrono::steady_clock::now();
  for (std::span<const Node> left(all); !left.empty();) {
    const std::size_t size = std::min(together, left.size());
    receiver.receive(left.first(size),
                     [&](StanzaOutcome&& outcome) { answered += outcome.answers.size(); });
    left = left.subspan(size);
  }
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begun;
  if (answered != all.size()) throw std::runtime_error("not every stanza was answered");
  return {.wall_s = wall.count(), .cpu_s = cpu_seconds() - cpu};
}

void run(const fs::path& scratch, int count) {
  const Took alone = receive_all(scratch / "alone", count, 1);
  const Took together = receive_all(scratch / "together", count, kTogether);
  const auto per_second = [count](const Took& took) { return std::lround(count / took.wall_s); };
  const auto cpu_us = [count](const Took& took) { return std::lround(took.cpu_s * 1e6 / count); };
  const nlohmann::json report{{"what", "wa-sync: live stanzas to committed rows and answers"},
                              {"stanzas", count},
                              {"one_by_one_per_second", per_second(alone)},
                              {"one_by_one_cpu_us", cpu_us(alone)},
                              {"together_per_second", per_second(together)},
                              {"together_cpu_us", cpu_us(together)},
                              {"ratio", std::round(alone.wall_s / together.wall_s * 100) / 100}};
  std::printf("%s\n", report.dump().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  int stanzas = 5'000;
  fs::path parent = fs::temp_directory_path();
  CLI::App app("Times live messages.");
  app.add_option("--stanzas", stanzas);
  app.add_option("--directory", parent, "where the scratch files go: the disk to measure");
  CLI11_PARSE(app, argc, argv);
  std::string scratch = (parent / "wa-sync-bench-XXXXXX").string();
  if (::mkdtemp(scratch.data()) == nullptr) return 1;
  int status = 0;
  try {
    run(scratch, stanzas);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-receive: %s\n", error.what());
    status = 1;
  }
  fs::remove_all(scratch);
  return status;
}
