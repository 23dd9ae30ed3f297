#include "firestore/write.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace write_test {

using namespace wasync::firestore;
using nlohmann::json;

namespace {

json sent(const DocumentWrite& write) {
  std::string out;
  append_json(out, write, "projects/p/databases/d/documents");
  const json parsed = json::parse(out, nullptr, false);
  REQUIRE_FALSE(parsed.is_discarded());
  return parsed;
}

}  // namespace

TEST_CASE("a write touches the fields it names and no others") {
  const json write = sent({.path = "threads/a", .fields = {{"name", "A"}, {"n", std::int64_t{5}}}});
  CHECK(write ==
        json{{"update",
              {{"name", "projects/p/databases/d/documents/threads/a"},
               {"fields", {{"name", {{"stringValue", "A"}}}, {"n", {{"integerValue", "5"}}}}}}},
             {"updateMask", {{"fieldPaths", {"name", "n"}}}}});
}

TEST_CASE("what is removed stands in the mask alone") {
  const json write = sent({.path = "a/b", .fields = {{"x", true}}, .removed = {"y", "z"}});
  CHECK(write["updateMask"]["fieldPaths"] == json{"x", "y", "z"});
  CHECK(write["update"]["fields"].size() == 1);
  // A mask that names nothing still is one: without it the document would be replaced.
  const json nothing = sent({.path = "a/b"});
  CHECK(nothing["updateMask"] == json{{"fieldPaths", json::array()}});
  CHECK(nothing["update"]["fields"] == json::object());
}

TEST_CASE("server times are transforms, outside the mask") {
  const json write =
      sent({.path = "a/b", .fields = {{"x", true}}, .server_times = {"updatedAt", "synced at"}});
  CHECK(write["updateMask"]["fieldPaths"] == json{"x"});
  CHECK(write["updateTransforms"] ==
        json::array({{{"fieldPath", "updatedAt"}, {"setToServerValue", "REQUEST_TIME"}},
                     {{"fieldPath", "`synced at`"}, {"setToServerValue", "REQUEST_TIME"}}}));
}

TEST_CASE("only where there is none yet") {
  CHECK(sent({.path = "a/b", .only_if_missing = true})["currentDocument"] ==
        json{{"exists", false}});
  CHECK_FALSE(sent({.path = "a/b"}).contains("currentDocument"));
}

TEST_CASE("odd names and ids survive") {
  const std::string odd = "a`b\\c \"d\".e";
  const json write = sent({.path = "contacts/\"q\"\n[object Object]",
                           .fields = {{odd, "v"}},
                           .removed = {"4073@s.whatsapp.net", "9lives", ""},
                           .server_times = {"ă"}});
  CHECK(write["update"]["name"] ==
        "projects/p/databases/d/documents/contacts/\"q\"\n[object Object]");
  // In fields a name stands as it is; in a path it is quoted.
  CHECK(write["update"]["fields"].contains(odd));
  CHECK(write["updateMask"]["fieldPaths"] ==
        json{"`a\\`b\\\\c \"d\".e`", "`4073@s.whatsapp.net`", "`9lives`", "``"});
  CHECK(write["updateTransforms"][0]["fieldPath"] == "`ă`");
}

}  // namespace write_test
