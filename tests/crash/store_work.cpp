#include "crash/store_work.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "base/error.h"
#include "base/inflate.h"
#include "bench/phone_history.h"
#include "inbox/account.h"
#include "inbox/history_queue.h"
#include "proto/message.pb.h"
#include "proto/peer_message.pb.h"
#include "session/device/account_file.h"
#include "session/history/history_worker.h"
#include "session/receive/stanza_receiver.h"
#include "signal/padding.h"
#include "unit/session/live_connection.h"
#include "unit/signal/device.h"

namespace wasync::test {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

constexpr std::string_view kPhone = "+40700000001";
constexpr UnixSeconds kThen{1'700'000'000};

Jid jid(std::string_view text) {
  return Jid::parse(text).value();
}

AccountId account() {
  return account_id_for(kPhone);
}

wasync::Device linked_device() {
  return {.jid = jid("40700000001:7@s.whatsapp.net"),
          .lid = jid("9001:7@lid"),
          .platform = "android",
          .signed_identity = {1, 2, 3},
          .paired_at = kThen};
}

void link(Database& database, const DeviceKeys& keys) {
  SignalStore store(database);
  Transaction transaction(database, "linked");
  replace_device(store, linked_device(), keys);
  put_account(database, {.id = account(),
                         .phone = std::string(kPhone),
                         .jid = linked_device().jid,
                         .lid = linked_device().lid,
                         .status = AccountStatus::kConnected});
  transaction.commit();
}

// An account of ours, kept open as `listen` does.
class OfAccount : public Work {
 public:
  void begin(const fs::path& state) override {
    close();
    state_ = state;
    done_.clear();
  }
  void close() override { file_.reset(); }
  fs::path file(const fs::path& state) const override {
    return StateDir::open(state).account_file(account());
  }

 protected:
  Database& database() {
    if (!file_)
      file_ = std::make_unique<AccountFile>(AccountFile::open(StateDir::open(state_), account()));
    return *file_->database;
  }

  fs::path state_{};
  std::unique_ptr<AccountFile> file_{};
  std::set<std::string> done_{};  // by what we answered
};

class TakeInHistory final : public OfAccount {
 public:
  std::string_view name() const override { return "history"; }

  void prepare(const fs::path& state) override {
    AccountFile made = AccountFile::create(StateDir::open(state), account());
    link(*made.database, DeviceKeys::generate());
    for (int chunk = 1; chunk <= kChunks; ++chunk) {
      pb::HistorySync history =
          bench::phone_history({.chats = 12, .messages = 10, .seed = static_cast<unsigned>(chunk)});
      history.set_chunk_order(static_cast<unsigned>(chunk));
      history.set_progress(static_cast<unsigned>(100 * chunk / kChunks));
      pb::HistorySyncNotification notification;
      notification.set_sync_type(pb::HISTORY_SYNC_FULL);
      notification.set_chunk_order(history.chunk_order());
      notification.set_progress(history.progress());
      notification.set_initial_hist_bootstrap_inline_payload(
          to_string(deflate(as_bytes(history.SerializeAsString()))));
      Transaction transaction(*made.database, "queued");
      HistoryQueue(*made.database)
          .add({.received_at = kThen,
                .type = pb::HISTORY_SYNC_FULL,
                .chunk_order = chunk,
                .notification = to_bytes(notification.SerializeAsString()),
                .message_id = "H" + std::to_string(chunk)});
      transaction.commit();
    }
  }

  void go_on() override {
    Database& queue = database();
    const auto device = load_device(queue);
    const auto connection = std::make_shared<PlayedConnection>(*device);
    asio::io_context io;
    asio::thread_pool workers(1);
    HistoryWorker worker(
        io.get_executor(), workers.get_executor(), queue, queue.file(),
        {.on_progress = [](const ChunkStatus&) {},
         .on_done = [](const ChunkStatus&) {},
         .on_failed = [](const ChunkStatus&, const Error& error) { throw Error(error); }});
    std::exception_ptr failure;
    asio::co_spawn(io, worker.drain(connection),
                   [&](const std::exception_ptr& error) { failure = error; });
    io.run();
    for (const Node& receipt : connection->sent) done_.insert(receipt.text("id"));
    if (failure) std::rethrow_exception(failure);
  }

  bool is_over() const override { return done_.size() == kChunks; }

 private:
  static constexpr int kChunks = 3;
};

class ReceiveMessages final : public OfAccount {
 public:
  std::string_view name() const override { return "live"; }

  void prepare(const fs::path& state) override {
    AccountFile made = AccountFile::create(StateDir::open(state), account());
    link(*made.database, DeviceKeys::generate());
    for (const char* person : {"40722000000", "40722000001", "40722000002"})
      writers_.push_back(std::make_unique<Writer>(*made.database, person));
    for (const auto& writer : writers_) stanzas_.push_back(writer->group_key(next_id()));
    for (int i = 0; i < 12; ++i) {
      for (const auto& writer : writers_) {
        const std::string id = next_id();
        stanzas_.push_back(writer->to_us(id, text(i)));
        if (i % 4 == 1) stanzas_.push_back(writer->to_us(next_id(), reaction(id)));
        if (i % 4 == 2) stanzas_.push_back(writer->to_us(next_id(), edit(id)));
        if (i % 3 == 0) stanzas_.push_back(writer->to_group(next_id(), text(i)));
      }
    }
    // Their ratchets must stand where they stood: they write once more.
    for (const auto& writer : writers_) {
      stanzas_.push_back(writer->to_us(next_id(), text(-1)));
      stanzas_.push_back(writer->to_group(next_id(), text(-1)));
    }
  }

  void go_on() override {
    Database& file = database();
    SignalStore store(file);
    const auto device = load_device(file);
    StanzaReceiver receiver(store, *device);
    std::vector<Node> left;  // what the server delivers again
    for (const Node& stanza : stanzas_)
      if (!done_.contains(stanza.text("id"))) left.push_back(stanza);
    for (std::span<const Node> all(left); !all.empty();) {
      const std::size_t size = std::min(kTogether, all.size());
      receiver.receive(all.first(size), [&](StanzaOutcome&& outcome) {
        for (const Node& answer : outcome.answers) done_.insert(answer.text("id"));
      });
      all = all.subspan(size);
    }
  }

  bool is_over() const override { return done_.size() == stanzas_.size(); }

 private:
  static constexpr std::size_t kTogether = 8;
  static constexpr std::string_view kGroup = "120363000000000001@g.us";

  struct Writer {
    Device device;
    Jid address;

    Writer(Database& account, const std::string& person)
        : device(person), address(jid(person + "@s.whatsapp.net")) {
      SignalStore store(account);
      Transaction made(account, "pre-key");
      const LocalIdentity local = store.local_identity();
      const PreKeyBundle bundle{.registration_id = local.registration_id,
                                .identity = local.key.public_key,
                                .signed_pre_key = store.signed_pre_key(),
                                .pre_key = store.generate_pre_keys(1)[0]};
      made.commit();
      Transaction begun(*device.database, "session");
      if (device.cipher->process_bundle(us(), bundle)) throw std::runtime_error("no session");
      begun.commit();
    }
    static SignalAddress us() { return {.name = "account", .device = 7}; }

    Node to_us(std::string id, const pb::Message& content) {
      return stanza(std::move(id), address, {sealed(content)});
    }
    // To all members, and who is one learns the key with it.
    Node group_key(std::string id) {
      Transaction transaction(*device.database, "test");
      const Bytes key = device.cipher->create_sender_key_distribution(jid(kGroup), device.address);
      transaction.commit();
      pb::Message content;
      auto& told = *content.mutable_sender_key_distribution_message();
      told.set_group_id(std::string(kGroup));
      told.set_axolotl_sender_key_distribution_message(to_string(key));
      return stanza(std::move(id), jid(kGroup), {sealed(content), sealed_for_group(text(0))});
    }
    Node to_group(std::string id, const pb::Message& content) {
      return stanza(std::move(id), jid(kGroup), {sealed_for_group(content)});
    }

   private:
    Node sealed(const pb::Message& content) {
      Transaction transaction(*device.database, "test");
      const auto made =
          device.cipher->encrypt(us(), pad(as_bytes(content.SerializeAsString()))).value();
      transaction.commit();
      return Node("enc", {{"type", std::string(wasync::name(made.type))}, {"v", "2"}}, made.bytes);
    }
    Node sealed_for_group(const pb::Message& content) {
      Transaction transaction(*device.database, "test");
      const auto made = device.cipher
                            ->group_encrypt(jid(kGroup), device.address,
                                            pad(as_bytes(content.SerializeAsString())))
                            .value();
      transaction.commit();
      return Node("enc", {{"type", "skmsg"}, {"v", "2"}}, made);
    }
    Node stanza(std::string id, const Jid& chat, std::vector<Node> parts) {
      Node out("message", {{"from", chat}, {"notify", "Ana"}}, std::move(parts));
      if (chat.is_group()) out.set("participant", address);
      out.set("id", std::move(id));
      out.set("t", std::to_string(kThen.value));
      return out;
    }
  };

  std::string next_id() { return "3A" + std::to_string(++ids_); }

  static pb::Message text(int number) {
    pb::Message message;
    message.set_conversation("mesajul " + std::to_string(number) + std::string(300, '.'));
    return message;
  }
  static pb::Message reaction(const std::string& to) {
    pb::Message message;
    message.mutable_reaction()->mutable_key()->set_id(to);
    message.mutable_reaction()->mutable_key()->set_from_me(true);
    message.mutable_reaction()->set_text("👍");
    return message;
  }
  static pb::Message edit(const std::string& of) {
    pb::Message message;
    auto& protocol = *message.mutable_protocol_message();
    protocol.set_type(pb::ProtocolMessage::PROTOCOL_MESSAGE_EDIT);
    protocol.mutable_key()->set_id(of);
    protocol.mutable_key()->set_from_me(true);
    protocol.mutable_edited_message()->set_conversation("altfel");
    return message;
  }

  std::vector<std::unique_ptr<Writer>> writers_{};
  std::vector<Node> stanzas_{};
  int ids_ = 0;
};

class MakeAccount final : public OfAccount {
 public:
  std::string_view name() const override { return "pair"; }
  void prepare(const fs::path& state) override { StateDir::open(state); }
  void go_on() override {
    if (!file_)
      file_ = std::make_unique<AccountFile>(AccountFile::create(StateDir::open(state_), account()));
    link(*file_->database, keys_);
    done_.insert("paired");
  }
  bool is_over() const override { return !done_.empty(); }

 private:
  DeviceKeys keys_ = DeviceKeys::generate();
};

class UpdateFile final : public OfAccount {
 public:
  explicit UpdateFile(fs::path old_account) : old_account_(std::move(old_account)) {}
  std::string_view name() const override { return "update"; }
  void prepare(const fs::path& state) override {
    const StateDir made = StateDir::open(state);
    made.create_account(account());
    fs::copy_file(old_account_, made.account_file(account()));
    fs::permissions(made.account_file(account()), fs::perms::owner_read | fs::perms::owner_write);
  }
  void go_on() override {
    database();
    done_.insert("updated");
  }
  bool is_over() const override { return !done_.empty(); }

 private:
  fs::path old_account_;
};

}  // namespace

std::vector<std::unique_ptr<Work>> all_work(const fs::path& old_account) {
  std::vector<std::unique_ptr<Work>> out;
  out.push_back(std::make_unique<TakeInHistory>());
  out.push_back(std::make_unique<ReceiveMessages>());
  out.push_back(std::make_unique<MakeAccount>());
  out.push_back(std::make_unique<UpdateFile>(old_account));
  return out;
}

}  // namespace wasync::test
