// The man pages and --help know the same options, variables and exit codes.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "cli/command_line.h"
#include "cli/environment.h"
#include "cli/exit_code.h"

namespace man_test {

using namespace wasync;

namespace {

const std::map<std::string, std::string> kPageOf = {{"", "wa-sync"},
                                                    {"pair", "wa-sync-pair"},
                                                    {"listen", "wa-sync-listen"},
                                                    {"backfill", "wa-sync-backfill"},
                                                    {"diagnose", "wa-sync-diagnose"},
                                                    {"report", "wa-sync-report"},
                                                    {"unpair", "wa-sync-unpair"},
                                                    {"accounts list", "wa-sync-accounts"},
                                                    {"threads list", "wa-sync-threads"},
                                                    {"threads show", "wa-sync-threads"},
                                                    {"messages search", "wa-sync-messages"}};

std::string page(const std::string& name) {
  std::ifstream file(std::string(WASYNC_SOURCE_DIR) + "/man/" + name + ".1");
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Options that have an entry of their own: named on the line behind .TP.
std::set<std::string> documented(const std::string& text) {
  static const std::regex kOption(R"(\\-\\-([a-z]+(?:\\-[a-z]+)*))");
  std::set<std::string> found;
  std::istringstream lines(text);
  std::string line;
  bool entry = false;
  while (std::getline(lines, line)) {
    if (entry)
      for (std::sregex_iterator it(line.begin(), line.end(), kOption), end; it != end; ++it) {
        std::string name = "--" + (*it)[1].str();
        std::erase(name, '\\');
        found.insert(name);
      }
    entry = line == ".TP";
  }
  return found;
}

}  // namespace

TEST_CASE("each page documents exactly the options that --help lists") {
  std::map<std::string, std::set<std::string>> helped;
  for (const OptionHelp& option : all_options())
    helped[kPageOf.at(option.command)].insert(option.name);
  for (const auto& [command, name] : kPageOf) {
    CAPTURE(name);
    auto there = documented(page(name));
    // `help COMMAND` is explained by it.
    const auto& expected = helped[name];
    for (const auto& option : expected)
      CHECK_MESSAGE(there.contains(option), option, " is missing");
    for (const auto& option : there) {
      // The ENVIRONMENT section of wa-sync(1) names the twins of all options.
      const bool elsewhere =
          name == "wa-sync" &&
          std::ranges::any_of(all_options(), [&](auto& any) { return any.name == option; });
      CHECK_MESSAGE((elsewhere || expected.contains(option)), option, " does not exist");
    }
  }
}

TEST_CASE("wa-sync(1) has the table of environment variables as the program knows it") {
  // When this fails: put the output of `wa-sync help environment --roff` there.
  CHECK(page("wa-sync").find("\n" + environment_roff() + ".\\\" End") != std::string::npos);
}

TEST_CASE("wa-sync(1) lists every exit code") {
  const std::string text = page("wa-sync");
  std::set<int> codes;
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInterrupted); ++code)
    codes.insert(static_cast<int>(exit_code(static_cast<ErrorCode>(code))));
  codes.insert(0);
  for (int cause = 10; cause <= 19; ++cause) codes.insert(cause);
  for (const int code : codes)
    CHECK_MESSAGE(text.find(".TP\n.B " + std::to_string(code) + "\n") != std::string::npos, code);
}

}  // namespace man_test
