// Fetching app state from a server played by hand.
#include "session/app_state/sync.h"

#include <boost/asio/thread_pool.hpp>

#include "unit/session/app_state/app_state.h"
#include "unit/session/online.h"

namespace app_state_sync_test {

using namespace wasync;
using namespace wasync::test;

namespace {

struct Syncing : Online {
  sim::AppState phone;
  int idle = 0;
  boost::asio::thread_pool workers{1};
  AppStateSync sync{server.loop.io.get_executor(),
                    workers.get_executor(),
                    account.db,
                    account.file,
                    {.on_idle = [this] { ++idle; },
                     .on_failed = [](const std::exception_ptr&) { FAIL("failed"); }}};
  std::vector<std::string> asked;  // "critical_block 0 snapshot", "regular 7"
  std::size_t patches_at_once = 100;
  // Changes an answer's collection before it goes out.
  std::function<void(Node&)> tamper;

  Syncing() {
    answer = [this](const Node& iq) {
      return iq.text("xmlns") == "w:sync:app:state" ? answer_sync(iq) : usual_answer(iq);
    };
    log_in();
  }
  void share_keys() {
    Transaction transaction(account.db, "test");
    store_app_state_keys(account.db, share_of(phone));
    transaction.commit();
  }
  void change(const std::vector<sim::AppStateChange>& changes) {
    phone.apply(std::string(kContacts), changes);
  }
  Node answer_sync(const Node& iq) {
    const Node& wanted = *iq.child("sync")->child("collection");
    const std::string name = wanted.text("name");
    const std::uint64_t version = wanted.number("version").value_or(0);
    asked.push_back(name + " " + wanted.text("version") +
                    (wanted.text("return_snapshot") == "true" ? " snapshot" : ""));
    Node collection("collection", {{"name", name}});
    std::vector<Node> patches;
    const auto all = phone.patches_after(name, version);
    for (std::size_t i = 0; i < std::min(all.size(), patches_at_once); ++i) {
      patches.push_back(Node("patch", {}, all[i]));
    }
    collection.set("has_more_patches", std::string(all.size() > patches.size() ? "true" : "false"));
    collection.content = std::move(patches);
    if (tamper) tamper(collection);
    return result_of(iq, {Node("sync", {}, std::vector<Node>{std::move(collection)})});
  }
  void run() { server.loop.run(sync.run(session)); }
  Standing standing() { return standing_of(account.db, kContacts); }
  std::string name_of(std::string_view who) {
    auto query = account.db.prepare("SELECT saved_name FROM contacts WHERE jid = ?");
    query.bind(who);
    return query.step() ? query.text(0) : "";
  }
  // The requests for contacts among all.
  std::vector<std::string> asked_for_contacts() const {
    std::vector<std::string> out;
    for (const std::string& each : asked) {
      if (each.starts_with(kContacts)) out.push_back(each.substr(kContacts.size() + 1));
    }
    return out;
  }
};

using Strings = std::vector<std::string>;

void spoil_patches(Node& collection) {
  std::vector<Node> spoilt;
  for (const Node& patch : collection.children()) {
    Bytes bytes = to_bytes(patch.bytes());
    pb::SyncdPatch parsed;
    REQUIRE(parsed.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    parsed.set_patch_mac(std::string(32, 'x'));
    spoilt.push_back(Node("patch", {}, to_bytes(parsed.SerializeAsString())));
  }
  collection.content = std::move(spoilt);
}

}  // namespace

TEST_CASE("nothing is asked for before the phone has shared a key; then everything, once") {
  Syncing syncing;
  syncing.change({saved(kMaria, "Maria")});
  CHECK_FALSE(syncing.sync.is_wanted());
  syncing.run();
  CHECK(syncing.asked.empty());
  syncing.share_keys();
  CHECK(syncing.sync.is_wanted());
  syncing.run();
  CHECK(syncing.asked == Strings{"critical_block 0 snapshot", "critical_unblock_low 0 snapshot",
                                 "regular_high 0 snapshot", "regular 0 snapshot",
                                 "regular_low 0 snapshot"});
  CHECK(syncing.name_of(kMaria) == "Maria");
  CHECK_FALSE(syncing.sync.is_wanted());
  syncing.run();
  CHECK(syncing.asked.size() == 5);
}

TEST_CASE("what comes in pages is asked for page by page") {
  Syncing syncing;
  for (const char* name : {"M", "Ma", "Mar"}) syncing.change({saved(kMaria, name)});
  syncing.patches_at_once = 1;
  syncing.share_keys();
  syncing.run();
  CHECK(syncing.asked_for_contacts() == Strings{"0 snapshot", "1", "2"});
  CHECK(syncing.name_of(kMaria) == "Mar");
}

TEST_CASE("a collection that the server announces is fetched on from its version") {
  Syncing syncing;
  syncing.change({saved(kMaria, "Maria")});
  syncing.share_keys();
  syncing.run();
  syncing.change({saved(kMaria, "Maria Pop")});
  const auto announce = [&](const std::string& id, std::vector<Node> collections) {
    syncing.say(from_server(
        Node("notification", {{"id", id}, {"type", "server_sync"}}, std::move(collections))));
    const Node ack = syncing.next();
    CHECK(ack.tag == "ack");
    CHECK(ack.text("id") == id);
  };
  announce("N1", {Node("collection", {{"name", "unheard of"}, {"version", "9"}}),
                  Node("collection", {{"name", std::string(kContacts)}, {"version", "1"}})});
  CHECK(syncing.app_state_events == 0);
  CHECK_FALSE(syncing.sync.is_wanted());
  announce("N2", {Node("collection", {{"name", std::string(kContacts)}, {"version", "2"}})});
  CHECK(syncing.app_state_events == 1);
  CHECK(syncing.sync.is_wanted());
  syncing.asked.clear();
  syncing.run();
  CHECK(syncing.asked == Strings{"critical_unblock_low 1"});
  CHECK(syncing.name_of(kMaria) == "Maria Pop");
}

TEST_CASE("what is announced while it is fetched is fetched again") {
  Syncing syncing;
  syncing.change({saved(kMaria, "Maria")});
  syncing.share_keys();
  syncing.tamper = [&](Node& collection) {
    if (collection.text("name") != kContacts) return;
    Transaction transaction(syncing.account.db, "test");
    announce_version(syncing.account.db, kContacts, 2);
    transaction.commit();
  };
  syncing.run();
  CHECK(syncing.standing() == Standing::kWanted);
  syncing.tamper = nullptr;
  syncing.run();
  CHECK(syncing.standing() == Standing::kCurrent);
}

TEST_CASE("a patch that cannot be trusted: once more from scratch, then it is left alone") {
  Syncing syncing;
  syncing.change({saved(kMaria, "Maria")});
  syncing.share_keys();
  syncing.run();
  syncing.change({saved(kMaria, "Maria Pop")});
  Transaction transaction(syncing.account.db, "test");
  announce_version(syncing.account.db, kContacts, 2);
  transaction.commit();
  syncing.asked.clear();
  int spoil = 0;
  syncing.tamper = [&](Node& collection) {
    if (spoil-- > 0) spoil_patches(collection);
  };
  SUBCASE("the second try succeeds") {
    spoil = 1;
    syncing.run();
    CHECK(syncing.standing() == Standing::kCurrent);
    CHECK(syncing.name_of(kMaria) == "Maria Pop");
  }
  SUBCASE("neither does") {
    spoil = 2;
    syncing.run();
    CHECK(syncing.standing() == Standing::kDamaged);
    CHECK(damaged_collections(syncing.account.db).at(0).problem.find("MAC") != std::string::npos);
    CHECK(syncing.name_of(kMaria) == "Maria");
    CHECK_FALSE(syncing.sync.is_wanted());
  }
  CHECK(syncing.asked == Strings{"critical_unblock_low 1", "critical_unblock_low 0 snapshot"});
  CHECK(syncing.session->is_open());
}

TEST_CASE("a server that promises more without an end is not believed, the others are") {
  Syncing syncing;
  syncing.share_keys();
  syncing.tamper = [](Node& collection) {
    if (collection.text("name") == kContacts) {
      collection.set("has_more_patches", std::string("true"));
    }
  };
  syncing.run();
  CHECK(syncing.asked_for_contacts() == Strings{"0 snapshot", "0", "0 snapshot", "0"});
  CHECK(syncing.standing() == Standing::kDamaged);
  CHECK(standing_of(syncing.account.db, "regular_low") == Standing::kCurrent);
}

TEST_CASE("what cannot be had now stays wanted, and does not hold up the others") {
  Syncing syncing;
  syncing.share_keys();
  syncing.tamper = [](Node& collection) {
    if (collection.text("name") != kContacts) return;
    SUBCASE("the server refuses") {
      collection.set("type", std::string("error"));
      collection.content = std::vector<Node>{Node("error", {{"code", "500"}})};
    }
    SUBCASE("no media host can be reached") {
      pb::ExternalBlobReference reference;
      reference.set_media_key(std::string(32, 'k'));
      reference.set_file_sha256(std::string(32, 'p'));
      reference.set_file_enc_sha256(std::string(32, 'c'));
      reference.set_direct_path("/v/blob");
      collection.content =
          std::vector<Node>{Node("snapshot", {}, to_bytes(reference.SerializeAsString()))};
    }
  };
  syncing.run();
  CHECK(wanted_collections(syncing.account.db) == std::vector<std::string_view>{kContacts});
  CHECK(syncing.asked_for_contacts().size() == 1);
}

TEST_CASE("when the connection ends the next one goes on") {
  Syncing syncing;
  syncing.share_keys();
  syncing.tamper = [&](Node& collection) {
    if (collection.text("name") == kContacts) syncing.remote->abort();
  };
  CHECK(code_of([&] { syncing.run(); }) == ErrorCode::kNetwork);
  CHECK(standing_of(syncing.account.db, "critical_block") == Standing::kCurrent);
  CHECK(wanted_collections(syncing.account.db).size() == 4);
}

TEST_CASE("in the background: until nothing is wanted, and over the next session if need be") {
  Syncing syncing;
  syncing.sync.start(syncing.session);
  CHECK_FALSE(syncing.sync.busy());
  syncing.share_keys();
  syncing.change({saved(kMaria, "Maria")});
  SUBCASE("asked again meanwhile") {
    syncing.tamper = [&](Node& collection) {
      if (collection.text("name") != kContacts || syncing.phone.version(std::string(kContacts)) > 1)
        return;
      syncing.change({saved(kMaria, "Maria Pop")});
      Transaction transaction(syncing.account.db, "test");
      announce_version(syncing.account.db, kContacts, 2);
      transaction.commit();
      syncing.sync.start(syncing.session);
    };
    syncing.sync.start(syncing.session);
    CHECK(syncing.sync.busy());
    syncing.server.loop.run_until([&] { return !syncing.sync.busy(); });
    CHECK_FALSE(syncing.sync.unfinished());
    CHECK(syncing.idle == 1);
    CHECK(syncing.name_of(kMaria) == "Maria Pop");
  }
  SUBCASE("the connection ends") {
    syncing.tamper = [&](Node&) { syncing.remote->abort(); };
    syncing.sync.start(syncing.session);
    syncing.server.loop.run_until([&] { return !syncing.sync.busy(); });
    CHECK(syncing.sync.unfinished());
    CHECK(syncing.sync.is_wanted());
  }
  SUBCASE("stopped") {
    syncing.sync.stop();
    syncing.sync.start(syncing.session);
    CHECK_FALSE(syncing.sync.busy());
  }
}

TEST_CASE("a lacking key is asked of the phone, and opens the collection when it comes") {
  Syncing syncing;
  syncing.share_keys();
  syncing.phone = sim::AppState();  // sealed with another key from now on
  syncing.change({saved(kMaria, "Maria")});
  SUBCASE("a phone that has written to us") {
    Writer phone(syncing.account);
    syncing.say(message_stanza("P1", {{"from", jid(kOwnPhone)}, {"category", "peer"}},
                               {phone.enc(pb::Message())}));
    CHECK(syncing.next().tag == "receipt");
    syncing.run();
    const Node request = syncing.next();
    CHECK(request.tag == "message");
    CHECK(request.text("category") == "peer");
    CHECK(request.jid("to") == jid(kOwnPhone));
    REQUIRE(request.child("enc") != nullptr);
    CHECK(request.child("enc")->text("type") == "msg");
    CHECK(awaits_app_state_keys(syncing.account.db));
    syncing.sync.start(syncing.session);
    CHECK_FALSE(syncing.sync.busy());
  }
  SUBCASE("a phone that has not: there is no way to ask it for now") {
    syncing.run();
    CHECK(awaits_app_state_keys(syncing.account.db));
  }
  CHECK(syncing.standing() == Standing::kAwaitsKey);
  CHECK_FALSE(syncing.sync.is_wanted());
  syncing.share_keys();
  syncing.run();
  CHECK(syncing.name_of(kMaria) == "Maria");
  CHECK(syncing.standing() == Standing::kCurrent);
}

TEST_CASE("a key that was asked for in an earlier session is asked for again, once") {
  Syncing syncing;
  syncing.share_keys();
  Writer phone(syncing.account);
  syncing.say(message_stanza("P1", {{"from", jid(kOwnPhone)}, {"category", "peer"}},
                             {phone.enc(pb::Message())}));
  CHECK(syncing.next().tag == "receipt");
  syncing.run();
  Transaction transaction(syncing.account.db, "test");
  keys_to_request(syncing.account.db, {to_bytes("a key id")}, UnixSeconds::now());
  transaction.commit();
  syncing.asked.clear();
  // It ended before the request was sent: this one has another object.
  AppStateSync sync(syncing.server.loop.io.get_executor(), syncing.workers.get_executor(),
                    syncing.account.db, syncing.account.file,
                    {.on_idle = [] {}, .on_failed = [](const auto&) { FAIL("failed"); }});
  CHECK_FALSE(sync.is_wanted());
  sync.start(syncing.session);
  CHECK(sync.busy());
  CHECK(syncing.next().text("category") == "peer");
  syncing.server.loop.run_until([&] { return !sync.busy(); });
  CHECK(syncing.asked.empty());
  sync.start(syncing.session);
  CHECK_FALSE(sync.busy());
}

}  // namespace app_state_sync_test
