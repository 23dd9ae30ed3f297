// From the server's answer to the inbox.
#include "session/app_state/answer.h"

#include "unit/session/app_state/app_state.h"
#include "unit/session/server.h"

namespace app_state_answer_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr std::string_view kOther = "40744000000@s.whatsapp.net";

Node answer_node(std::vector<Node> content, Node::Attributes more = {}) {
  Node::Attributes attributes{{"name", std::string(kContacts)}};
  attributes.insert(attributes.end(), more.begin(), more.end());
  return Node(
      "iq", {},
      std::vector<Node>{
          Node("sync", {}, std::vector<Node>{Node("collection", attributes, std::move(content))})});
}

struct Taking : SharedContacts {
  TakenIn take(CollectionAnswer answer, bool from_scratch = false) {
    return take_in_answer(account.db, kContacts, std::move(answer), from_scratch, download);
  }
  TakenIn take_patch(std::uint64_t version) { return take({.patches = {patch(version)}}); }
  TakenIn take_snapshot() {
    return take({.snapshot = pb::ExternalBlobReference(), .patches = {}}, true);
  }
  CollectionState state() { return state_of(account.db, kContacts); }

  Download download = [this](const pb::ExternalBlobReference&) {
    return phone.snapshot(std::string(kContacts));
  };
};

}  // namespace

TEST_CASE("patches one after the other") {
  Taking contacts;
  contacts.change({saved(kMaria, "Maria"), saved(kOther, "Other")});
  contacts.change({saved(kMaria, "Maria Pop"), removed(kOther)});
  CHECK(contacts.take_patch(1).applied == 2);
  CHECK(contacts.name_of(kMaria) == "Maria");
  CHECK(contacts.name_of(kOther) == "Other");
  contacts.take_patch(2);
  CHECK(contacts.name_of(kMaria) == "Maria Pop");
  CHECK(contacts.name_of(kOther).empty());
  CHECK(contacts.state().version == 2);
  CHECK(contacts.account.number("SELECT count(*) FROM app_state_values") == 1);

  // What is known already is passed over.
  CHECK(contacts.take_patch(1).applied == 0);
  CHECK(contacts.name_of(kMaria) == "Maria Pop");
}

TEST_CASE("a patch that is refused leaves everything as it was") {
  Taking contacts;
  contacts.change({saved(kMaria, "Maria")});
  contacts.change({saved(kMaria, "Maria Pop"), saved(kOther, "Other")});
  contacts.take_patch(1);
  const CollectionState before = contacts.state();
  pb::SyncdPatch bad = contacts.patch(2);
  bad.set_patch_mac(std::string(32, 'x'));
  CHECK(code_of([&] { contacts.take({.patches = {bad}}); }) == ErrorCode::kProtocol);
  CHECK(contacts.state() == before);
  CHECK(contacts.name_of(kMaria) == "Maria");
  contacts.take_patch(2);
  CHECK(contacts.name_of(kOther) == "Other");
}

TEST_CASE("a snapshot replaces everything: what it does not hold is gone") {
  Taking contacts;
  contacts.change({saved(kMaria, "Maria"), saved(kOther, "Other")});
  contacts.take_patch(1);
  contacts.change({removed(kOther)});
  contacts.change({saved(kMaria, "Maria Pop")});
  CHECK(contacts.take_snapshot().applied == 2);  // one there, one gone
  CHECK(contacts.name_of(kMaria) == "Maria Pop");
  CHECK(contacts.name_of(kOther).empty());
  CHECK(contacts.state().version == 3);

  // Patches go on from there.
  contacts.change({saved(kOther, "Again")});
  contacts.take_patch(4);
  CHECK(contacts.name_of(kOther) == "Again");
}

TEST_CASE("after a new link the first snapshot still tells what is gone") {
  Taking contacts;
  contacts.change({saved(kMaria, "Maria"), saved(kOther, "Other")});
  contacts.take_snapshot();
  Transaction transaction(contacts.account.db, "test");
  replace_device(contacts.account.store, contacts.account.device, contacts.account.keys);
  transaction.commit();
  contacts.share(contacts.phone);
  contacts.change({removed(kOther)});
  contacts.take_snapshot();
  CHECK(contacts.name_of(kMaria) == "Maria");
  CHECK(contacts.name_of(kOther).empty());
}

TEST_CASE("from scratch without a snapshot every patch counts from the first") {
  Taking contacts;
  contacts.change({saved(kMaria, "Maria")});
  contacts.change({saved(kMaria, "Maria Pop")});
  contacts.take({.patches = {contacts.patch(1), contacts.patch(2)}}, true);
  CHECK(contacts.state().version == 2);
  const CollectionState once = contacts.state();
  contacts.take({.patches = {contacts.patch(1), contacts.patch(2)}}, true);
  CHECK(contacts.state() == once);
  CHECK(contacts.name_of(kMaria) == "Maria Pop");
}

TEST_CASE("an entry sealed anew with another key stays when the former one goes") {
  // The phone's index MACs come from its key, so two keys give one contact two entries.
  Taking contacts;
  contacts.change({saved(kMaria, "Maria")});
  contacts.take_patch(1);
  put_value_mac(contacts.account.db, kContacts, Bytes(32, 1), Bytes(32, 2),
                R"(["contact","40733000000@s.whatsapp.net"])");
  contacts.change({removed(kMaria)});
  contacts.take_patch(2);
  CHECK(contacts.name_of(kMaria) == "Maria");
}

TEST_CASE("a patch's entries may lie on the media servers") {
  Taking contacts;
  contacts.change({saved(kMaria, "Maria")});
  pb::SyncdPatch patch = contacts.patch(1);
  pb::SyncdMutations apart;
  apart.mutable_mutations()->Swap(patch.mutable_mutations());
  patch.mutable_external_mutations()->set_direct_path("/there");
  contacts.download = [&](const pb::ExternalBlobReference& reference) {
    CHECK(reference.direct_path() == "/there");
    return to_bytes(apart.SerializeAsString());
  };
  const CollectionAnswer answer{.patches = {patch}};
  CHECK(answer.needs_download());
  contacts.take(answer);
  CHECK(contacts.name_of(kMaria) == "Maria");
}

TEST_CASE("without a key what precedes is taken in, and the key is named") {
  Taking contacts;
  contacts.change({saved(kMaria, "Maria")});
  contacts.change({saved(kOther, "Other")});
  pb::SyncdPatch sealed = contacts.patch(2);
  sealed.mutable_mutations(0)->mutable_record()->mutable_key_id()->set_id("another");
  const TakenIn taken = contacts.take({.patches = {contacts.patch(1), sealed}});
  CHECK(taken.missing_keys == std::vector<Bytes>{to_bytes("another")});
  CHECK(contacts.name_of(kMaria) == "Maria");
  CHECK(contacts.state().version == 1);
}

TEST_CASE("kinds that mean nothing here are counted, and the rest is taken") {
  Taking contacts;
  contacts.change({{.index = {"star", "x", "y"}, .version = 1, .value = to_bytes("\x08\x01")},
                   saved(kMaria, "Maria")});
  const TakenIn taken = contacts.take_patch(1);
  CHECK(taken.applied == 1);
  CHECK(taken.ignored == 1);
}

TEST_CASE("a snapshot that is damaged, or that nobody asked for") {
  Taking contacts;
  contacts.change({saved(kMaria, "Maria")});
  SUBCASE("not asked for") {
    CHECK(code_of([&] {
            contacts.take({.snapshot = pb::ExternalBlobReference(), .patches = {}});
          }) == ErrorCode::kProtocol);
  }
  SUBCASE("no protobuf") {
    contacts.download = [](const pb::ExternalBlobReference&) { return Bytes(100, 0xFF); };
    CHECK(code_of([&] { contacts.take_snapshot(); }) == ErrorCode::kProtocol);
  }
  SUBCASE("empty") {
    contacts.download = [](const pb::ExternalBlobReference&) { return Bytes(); };
    // Without any key there is nothing to check it with.
    CHECK(contacts.take_snapshot().missing_keys == std::vector<Bytes>{Bytes()});
  }
  CHECK(contacts.state() == CollectionState());
  CHECK(contacts.name_of(kMaria).empty());
}

TEST_CASE("requests") {
  const Node first = collection_request(kContacts, 7, true);
  CHECK(first.text("xmlns") == "w:sync:app:state");
  const Node& asked = *first.child("sync")->child("collection");
  CHECK(asked.text("name") == kContacts);
  CHECK(asked.text("version") == "0");
  CHECK(asked.text("return_snapshot") == "true");
  const Node next = collection_request(kContacts, 7, false);
  CHECK(next.child("sync")->child("collection")->text("version") == "7");
  CHECK(next.child("sync")->child("collection")->text("return_snapshot") == "false");
}

TEST_CASE("answers") {
  Taking contacts;
  contacts.change({saved(kMaria, "Maria")});
  const Node patch("patch", {}, to_bytes(contacts.patch(1).SerializeAsString()));
  const auto refusal = [](const Node& node) {
    return code_of([&] { parse_answer(node, kContacts); });
  };
  CHECK(parse_answer(answer_node({}), kContacts).patches.empty());
  CHECK_FALSE(parse_answer(answer_node({}), kContacts).needs_download());
  const Node list("patches", {}, std::vector<Node>{patch});
  const auto answer = parse_answer(answer_node({list}, {{"has_more_patches", "true"}}), kContacts);
  CHECK(answer.patches.size() == 1);
  CHECK(answer.more);
  CHECK(parse_answer(answer_node({patch}), kContacts).patches.size() == 1);
  CHECK(parse_answer(answer_node({Node("snapshot", {}, Bytes{10, 1, 1})}), kContacts).snapshot);
  CHECK(refusal(Node("iq")) == ErrorCode::kProtocol);
  CHECK(refusal(Node("iq", {}, std::vector<Node>{Node("sync")})) == ErrorCode::kProtocol);
  CHECK(code_of([&] { parse_answer(answer_node({}), "regular"); }) == ErrorCode::kProtocol);
  CHECK(refusal(answer_node({Node("patch", {}, Bytes(9, 0xFF))})) == ErrorCode::kProtocol);
  CHECK(refusal(answer_node({Node("snapshot", {}, Bytes(9, 0xFF))})) == ErrorCode::kProtocol);
  CHECK(refusal(answer_node({Node("error", {{"code", "404"}})}, {{"type", "error"}})) ==
        ErrorCode::kServerRefused);
}

}  // namespace app_state_answer_test
