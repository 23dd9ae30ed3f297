#include "wire/trace.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "base/error.h"
#include "scratch_dir.h"

namespace trace_test {

using namespace wasync;
using test::ScratchDir;

namespace {

std::string read(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

Jid jid(std::string_view text) {
  return Jid::parse(text).value();
}

Node message() {
  return Node("message",
              {{"from", jid("40737123397:7@s.whatsapp.net")},
               {"id", "3EB0C0FFEE0123456789"},
               {"t", "1764486000"},
               {"type", "text"},
               {"notify", "Ana Pop"},
               {"participant", "40737123397@s.whatsapp.net"}},
              std::vector<Node>{Node("enc", {{"type", "pkmsg"}, {"v", "2"}}, Bytes(123, 7))});
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a line shows what kind of stanza it is, and nothing of anybody") {
  const ScratchDir scratch;
  const Trace trace(scratch.path() / "trace");
  const std::string line = trace.line_of(message());
  for (const char* shown :
       {"<message from=\"#", ":7@s.whatsapp.net\"", " t=\"1764486000\"", " type=\"text\"",
        "<enc type=\"pkmsg\" v=\"2\">[123 bytes]</enc>", " id=\"3EB0#"})
    CHECK_MESSAGE(contains(line, shown), line);
  for (const char* secret : {"40737123397", "C0FFEE", "Ana", "Pop"})
    CHECK_MESSAGE(!contains(line, secret), line);
}

TEST_CASE("equal values have equal stand-ins, in one trace alone") {
  const ScratchDir scratch;
  const Trace trace(scratch.path() / "trace");
  CHECK(trace.line_of(message()) == trace.line_of(message()));
  const Trace another(scratch.path() / "another");
  CHECK(trace.line_of(message()) != another.line_of(message()));
}

TEST_CASE("a value is shown only where it is a word of the protocol") {
  const ScratchDir scratch;
  const Trace trace(scratch.path() / "trace");
  const auto shown = [&](const char* key, const char* value) {
    return contains(trace.line_of(Node("x", {{key, value}})), std::string("\"") + value + "\"");
  };
  CHECK(shown("error", "479"));
  CHECK(shown("text", "not-authorized"));
  CHECK(shown("type", "companion_reg_refresh"));
  CHECK(shown("addressing_mode", "lid"));
  CHECK_FALSE(shown("type", "40737123397"));
  CHECK_FALSE(shown("text", "call me on 0737"));
  CHECK_FALSE(shown("name", "critical_block"));
  CHECK_FALSE(shown("subject", "family"));
  CHECK_FALSE(shown("t", "1764486000 Ana"));
  CHECK_FALSE(shown("type", "Ana"));
  CHECK(shown("t", "1764486000123"));
  CHECK_FALSE(shown("t", "40721000001"));
  CHECK_FALSE(shown("t", "4072100000123"));
  CHECK(shown("last", "true"));
  CHECK(contains(trace.line_of(Node("collection", {{"name", "critical_block"}})),
                 "name=\"critical_block\""));
}

TEST_CASE("tags, attributes and servers that nobody knows have stand-ins, too") {
  const ScratchDir scratch;
  const Trace trace(scratch.path() / "trace");
  const std::string line = trace.line_of(
      Node("40737123397", {{"a b", "x"}, {"jid", Jid{.user = "1", .server = "ana"}}}));
  for (const char* secret : {"40737123397", "a b", "ana"})
    CHECK_MESSAGE(!contains(line, secret), line);
}

TEST_CASE("a wide or deep stanza is cut") {
  const ScratchDir scratch;
  const Trace trace(scratch.path() / "trace");
  const Node wide("list", {}, std::vector<Node>(10'000, message()));
  CHECK(trace.line_of(wide).size() < 20'000);
  Node deep("n");
  for (int i = 0; i < 100; ++i) deep = Node("n", {}, std::vector<Node>{std::move(deep)});
  CHECK(trace.line_of(deep).size() < 200);
}

TEST_CASE("two files of a bounded size, for their owner alone") {
  const ScratchDir scratch;
  const std::filesystem::path file = scratch.path() / "trace";
  constexpr std::size_t kMost = 4'000;
  Trace trace(file, kMost);
  const unsigned connection = trace.connected();
  CHECK(connection == 1);
  for (int i = 0; i < 100; ++i) trace.received(connection, message());
  trace.closed(connection, "network");
  CHECK(std::filesystem::file_size(file) <= kMost);
  CHECK(std::filesystem::file_size(file.string() + ".1") <= kMost);
  CHECK(contains(read(file), " 1 < <message "));
  CHECK(contains(read(file), " 1 # closed: network\n"));
  struct stat found {};
  REQUIRE(::stat(file.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("a new run goes on in the file") {
  const ScratchDir scratch;
  const std::filesystem::path file = scratch.path() / "trace";
  { Trace(file).sent(1, message()); }
  const std::string before = read(file);
  { Trace(file).sent(1, message()); }
  CHECK(read(file).starts_with(before));
  CHECK(read(file).size() > before.size());
}

TEST_CASE("a file that is not there for it alone is refused") {
  const ScratchDir scratch;
  const std::filesystem::path open_to_others = scratch.path() / "open";
  std::ofstream(open_to_others) << "x";
  ::chmod(open_to_others.c_str(), 0644);
  CHECK_THROWS_WITH_AS(Trace{open_to_others}, doctest::Contains("others may read it"), Error);
  std::filesystem::create_symlink(open_to_others, scratch.path() / "link");
  const std::filesystem::path mine = scratch.path() / "mine";
  std::ofstream(mine)
      << "what somebody keeps in a file of this name, of more than a line's length\n";
  ::chmod(mine.c_str(), 0600);
  const std::string before = read(mine);
  CHECK_THROWS_WITH_AS(Trace{mine}, doctest::Contains("something else"), Error);
  CHECK(read(mine) == before);
  CHECK_THROWS_AS(Trace{scratch.path() / "link"}, Error);
  CHECK_THROWS_AS(Trace{scratch.path() / "no" / "such"}, Error);
  CHECK_THROWS_AS(Trace{scratch.path()}, Error);
}

}  // namespace trace_test
