#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cli/command_line.h"

namespace command_line_error_test {

using namespace wasync;

namespace {

using Arguments = std::vector<std::string>;

Error failure(const Arguments& arguments) {
  try {
    parse_command_line(arguments);
  } catch (const Error& error) {
    return error;
  }
  FAIL("it was accepted");
  return {ErrorCode::kInternal, ""};
}

struct Mistake {
  Arguments arguments;
  ErrorCode code;
  std::string english;
  std::string romanian;
};

}  // namespace

TEST_CASE("wrong usage is told in both languages, with what was typed") {
  using enum ErrorCode;
  const Mistake mistakes[] = {
      {{}, kUsage, "a command is missing", "lipsește o comandă"},
      {{"threads"}, kUsage, "a command is missing", "lipsește o comandă"},
      {{"pear"}, kUsage, "there is no command \"pear\"", "nu există comanda „pear”"},
      {{"--fast"}, kUsage, "there is no option \"--fast\"", "nu există opțiunea „--fast”"},
      {{"pair", "--fast"}, kUsage, "there is no option \"--fast\"", "nu există opțiunea „--fast”"},
      {{"pair", "now"},
       kUsage,
       "\"now\" is one argument too many",
       "„now” este un argument în plus"},
      {{"threads", "show"}, kUsage, "THREAD is missing", "lipsește THREAD"},
      {{"messages", "search"}, kUsage, "TEXT is missing", "lipsește TEXT"},
      {{"messages", "search", "--limit", "3"}, kUsage, "TEXT is missing", "lipsește TEXT"},
      {{"pair", "--name"}, kUsage, "--name needs a value", "--name cere o valoare"},
      {{"pair", "--name", "a", "--name", "b"},
       kUsage,
       "--name is given more than once",
       "--name apare de mai multe ori"},
      {{"pair", "--again=perhaps"},
       kUsage,
       "--again: the value is not valid",
       "--again: valoarea nu este bună"},
      {{"pair", "--qr", "jpeg"},
       kUsage,
       "--qr: \"jpeg\" is not one of auto, utf8, ascii",
       "--qr: „jpeg” nu este una dintre auto, utf8, ascii"},
      {{"threads", "list", "--limit", "0"},
       kUsage,
       "--limit: \"0\" is not a whole number from 1 to 1000000",
       "--limit: „0” nu este un număr întreg de la 1 la 1000000"},
      {{"threads", "list", "--limit", "many"},
       kUsage,
       "--limit: \"many\" is not a whole number from 1 to 1000000",
       "--limit: „many” nu este un număr întreg de la 1 la 1000000"},
      {{"backfill", "--in-flight", "9"},
       kUsage,
       "--in-flight: \"9\" is not a whole number from 1 to 8",
       "--in-flight: „9” nu este un număr întreg de la 1 la 8"},
      {{"pair", "--timeout", "soon"},
       kUsage,
       "--timeout: \"soon\" is not a valid duration",
       "--timeout: „soon” nu este o durată bună"},
      {{"pair", "--config", "/no/such.toml"},
       kConfig,
       "cannot read the configuration file /no/such.toml",
       "fișierul de configurare /no/such.toml nu se poate citi"}};
  for (const Mistake& each : mistakes) {
    CAPTURE(each.english);
    const Error error = failure(each.arguments);
    CHECK(error.code() == each.code);
    CHECK(error.what() == each.english);
    CHECK(error.message().in(Language::kRomanian) == each.romanian);
  }
}

TEST_CASE("the hint names the command's own help") {
  CHECK(failure({"threads", "show"}).hint() == "See wa-sync threads show --help.");
  CHECK(failure({"pear"}).advice().in(Language::kRomanian) == "Vezi wa-sync --help.");
}

TEST_CASE("a wrong variable is told by its option") {
  setenv("WA_SYNC_QR", "jpeg", 1);
  CHECK(failure({"pair"}).what() == std::string("--qr: \"jpeg\" is not one of auto, utf8, ascii"));
  unsetenv("WA_SYNC_QR");
}

TEST_CASE("a variable that must be typed is named, with what to do") {
  setenv("WA_SYNC_YES", "1", 1);
  const Error error = failure({"unpair"});
  unsetenv("WA_SYNC_YES");
  CHECK(error.what() ==
        std::string("the environment has WA_SYNC_YES, but --yes counts only when typed"));
  CHECK(error.hint() ==
        "Remove the variable (unset WA_SYNC_YES), and type --yes in the command that needs it.");
  CHECK(error.message().in(Language::kRomanian) ==
        "mediul conține WA_SYNC_YES, dar --yes contează numai scris în comandă");
}

TEST_CASE("a line of the configuration file that must be typed is named, with its file") {
  std::string path = (std::filesystem::temp_directory_path() / "wa-sync-typed-XXXXXX").string();
  close(mkstemp(path.data()));
  std::ofstream(path) << "purge = true\n";
  const Error error = failure({"unpair", "--config", path});
  std::filesystem::remove(path);
  CHECK(error.what() ==
        "the configuration file " + path + " has purge, but --purge counts only when typed");
  CHECK(error.hint() == "Remove it from the file, and type --purge in the command that needs it.");
  CHECK(error.message().in(Language::kRomanian) ==
        "fișierul de configurare " + path +
            " conține purge, dar --purge contează numai scris în comandă");
}

}  // namespace command_line_error_test
