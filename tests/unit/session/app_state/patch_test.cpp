// Opening snapshots and patches: what adds up, and everything that must not.
#include "session/app_state/patch.h"

#include <map>

#include "base/error.h"
#include "unit/session/app_state/app_state.h"
#include "unit/session/server.h"

namespace app_state_patch_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr const char* kNobody = "40744000000@s.whatsapp.net";

// Reads patches one after the other, as the account does.
struct Reader {
  SharedContacts& contacts;
  CollectionState state{};
  std::map<Bytes, Bytes> values{};

  std::vector<Mutation> read(const pb::SyncdPatch& patch) {
    const auto before = [&](BytesView index_mac) -> std::optional<Bytes> {
      const auto found = values.find(to_bytes(index_mac));
      if (found == values.end()) return std::nullopt;
      return found->second;
    };
    Opened opened = open_patch(kContacts, patch, state, before, contacts.keys);
    state = opened.state;
    for (const Mutation& mutation : opened.mutations) {
      values.erase(mutation.index_mac);
      if (!mutation.removed) values[mutation.index_mac] = mutation.value_mac;
    }
    return std::move(opened.mutations);
  }
};

void flip(std::string& bytes, std::size_t at) {
  REQUIRE(at < bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
}

pb::SyncdRecord& record(pb::SyncdPatch& patch, int i) {
  return *patch.mutable_mutations(i)->mutable_record();
}

}  // namespace

TEST_CASE("a snapshot and the patches that made it lead to the same state") {
  SharedContacts contacts;
  contacts.change({saved(kMaria, "Maria"), saved(kNobody, "Nobody")});
  contacts.change({saved(kMaria, "Maria Pop"), removed(kNobody)});
  contacts.change({saved(kNobody, "Somebody")});

  Reader reader{contacts};
  CHECK(reader.read(contacts.patch(1)).size() == 2);
  const auto second = reader.read(contacts.patch(2));
  REQUIRE(second.size() == 2);
  CHECK_FALSE(second[0].removed);
  CHECK(second[0].value.contact_action().full_name() == "Maria Pop");
  CHECK(second[0].index == R"(["contact","40733000000@s.whatsapp.net"])");
  CHECK(second[1].removed);
  reader.read(contacts.patch(3));

  const Opened snapshot = open_snapshot(kContacts, contacts.snapshot(), contacts.keys);
  CHECK(snapshot.mutations.size() == 2);
  CHECK(snapshot.state.version == 3);
  CHECK(snapshot.state == reader.state);
}

TEST_CASE("an index changed twice in one patch counts once") {
  SharedContacts contacts;
  contacts.change({saved(kMaria, "Maria"), saved(kMaria, "Maria Pop")});
  contacts.change({removed(kMaria), saved(kMaria, "Again"), removed(kMaria)});
  Reader reader{contacts};
  reader.read(contacts.patch(1));
  CHECK(reader.state.hash != LtHash());
  reader.read(contacts.patch(2));
  CHECK(reader.state.hash == LtHash());
}

TEST_CASE("the removal of what is not there changes nothing") {
  SharedContacts contacts;
  contacts.change({removed(kNobody)});
  Reader reader{contacts};
  CHECK(reader.read(contacts.patch(1)).size() == 1);
  CHECK(reader.state.hash == LtHash());
}

TEST_CASE("a patch without a version leads to the next") {
  SharedContacts contacts;
  contacts.change({saved(kMaria, "Maria")});
  pb::SyncdPatch patch = contacts.patch(1);
  patch.clear_version();
  Reader reader{contacts};
  reader.read(patch);
  CHECK(reader.state.version == 1);
}

TEST_CASE("a patch is refused when any of it was tampered with") {
  SharedContacts contacts;
  contacts.change({saved(kMaria, "Maria"), saved(kNobody, "Nobody")});
  contacts.change({saved(kMaria, "Maria Pop"), saved(kNobody, "Somebody")});
  Reader reader{contacts};
  reader.read(contacts.patch(1));
  const CollectionState before = reader.state;
  pb::SyncdPatch patch = contacts.patch(2);

  SUBCASE("its own MAC") {
    flip(*patch.mutable_patch_mac(), 31);
  }
  SUBCASE("the state's MAC") {
    flip(*patch.mutable_snapshot_mac(), 0);
  }
  SUBCASE("no MACs at all") {
    patch.clear_patch_mac();
    patch.clear_snapshot_mac();
  }
  SUBCASE("a value's MAC") {
    std::string& blob = *record(patch, 0).mutable_value()->mutable_blob();
    flip(blob, blob.size() - 1);
  }
  SUBCASE("a value") {
    flip(*record(patch, 0).mutable_value()->mutable_blob(), 20);
  }
  SUBCASE("a value's IV") {
    flip(*record(patch, 0).mutable_value()->mutable_blob(), 0);
  }
  SUBCASE("an index") {
    flip(*record(patch, 1).mutable_index()->mutable_blob(), 7);
  }
  SUBCASE("values under each other's index") {
    record(patch, 0).mutable_index()->Swap(record(patch, 1).mutable_index());
  }
  SUBCASE("an operation") {
    patch.mutable_mutations(0)->set_operation(pb::SyncdMutation::OPERATION_REMOVE);
  }
  SUBCASE("the order") {
    patch.mutable_mutations()->SwapElements(0, 1);
  }
  SUBCASE("something left out") {
    patch.mutable_mutations()->RemoveLast();
  }
  SUBCASE("something repeated") {
    *patch.add_mutations() = patch.mutations(0);
  }
  SUBCASE("its version") {
    patch.mutable_version()->set_version(3);
  }
  SUBCASE("a version that leads backwards") {
    patch.mutable_version()->set_version(1);
  }
  SUBCASE("an absurd version") {
    patch.mutable_version()->set_version(std::numeric_limits<std::uint64_t>::max());
  }
  SUBCASE("a value too short for anything") {
    record(patch, 0).mutable_value()->set_blob(std::string(40, 'x'));
  }
  SUBCASE("no index") {
    record(patch, 0).clear_index();
  }
  SUBCASE("an earlier patch once more") {
    patch = contacts.patch(1);
    patch.mutable_version()->set_version(2);
  }
  CHECK(code_of([&] { reader.read(patch); }) == ErrorCode::kProtocol);
  CHECK(reader.state == before);
}

TEST_CASE("a value that was tampered with is refused also when it still makes sense") {
  SharedContacts contacts;
  contacts.change({saved(kMaria, std::string(100, 'M'))});
  pb::SyncdPatch patch = contacts.patch(1);
  // A block in the middle of the name becomes another; neither the index nor any length does.
  flip(*record(patch, 0).mutable_value()->mutable_blob(), 16 + 80);
  Reader reader{contacts};
  CHECK(code_of([&] { reader.read(patch); }) == ErrorCode::kProtocol);
}

TEST_CASE("a patch holds for its collection alone") {
  SharedContacts contacts;
  contacts.change({saved(kMaria, "Maria")});
  const auto nothing = [](BytesView) -> std::optional<Bytes> { return std::nullopt; };
  CHECK(code_of([&] {
          open_patch("regular_low", contacts.patch(1), {}, nothing, contacts.keys);
        }) == ErrorCode::kProtocol);
}

TEST_CASE("a patch that does not follow what we have does not add up") {
  SharedContacts contacts;
  contacts.change({saved(kMaria, "Maria")});
  contacts.change({saved(kNobody, "Nobody")});
  Reader reader{contacts};
  CHECK(code_of([&] { reader.read(contacts.patch(2)); }) == ErrorCode::kProtocol);
}

TEST_CASE("a snapshot is refused when any of it was tampered with") {
  SharedContacts contacts;
  contacts.change({saved(kMaria, "Maria"), saved(kNobody, "Nobody")});
  pb::SyncdSnapshot snapshot = contacts.snapshot();
  auto& first = *snapshot.mutable_records(0);
  SUBCASE("its MAC") {
    flip(*snapshot.mutable_mac(), 3);
  }
  SUBCASE("an entry less") {
    snapshot.mutable_records()->RemoveLast();
  }
  SUBCASE("a value") {
    flip(*first.mutable_value()->mutable_blob(), 33);
  }
  SUBCASE("an index") {
    flip(*first.mutable_index()->mutable_blob(), 0);
  }
  SUBCASE("its version") {
    snapshot.mutable_version()->set_version(2);
  }
  SUBCASE("no version") {
    snapshot.clear_version();
  }
  SUBCASE("no entries") {
    snapshot.clear_records();
  }
  CHECK(code_of([&] { open_snapshot(kContacts, snapshot, contacts.keys); }) ==
        ErrorCode::kProtocol);
}

TEST_CASE("keys that are lacking are named, and nothing opens without them") {
  SharedContacts contacts;
  sim::AppState stranger;
  stranger.apply(std::string(kContacts), {saved(kMaria, "Maria")});
  pb::SyncdPatch patch;
  REQUIRE(
      patch.ParseFromString(to_string(stranger.patches_after(std::string(kContacts), 0).at(0))));
  REQUIRE(key_ids(patch).size() == 1);
  CHECK(contacts.keys.find(key_ids(patch)[0]) == nullptr);
  Reader reader{contacts};
  CHECK(code_of([&] { reader.read(patch); }) == ErrorCode::kProtocol);

  // The same id does not make it the same key.
  record(patch, 0).mutable_key_id()->set_id(to_string(contacts.phone.key_id()));
  patch.mutable_key_id()->set_id(to_string(contacts.phone.key_id()));
  CHECK(contacts.keys.find(key_ids(patch)[0]) != nullptr);
  CHECK(code_of([&] { reader.read(patch); }) == ErrorCode::kProtocol);

  // Entries of a snapshot may each have another.
  contacts.change({saved(kMaria, "Maria"), saved(kNobody, "Nobody")});
  pb::SyncdSnapshot snapshot = contacts.snapshot();
  snapshot.mutable_records(1)->mutable_key_id()->set_id("another");
  CHECK(key_ids(snapshot).size() == 2);
}

}  // namespace app_state_patch_test
