#include "cli/command_line.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>

#include "base/error.h"
#include "cli/exit_code.h"

namespace command_line_test {

using namespace wasync;

namespace {

using Arguments = std::vector<std::string>;

// Sets a variable for the length of a test.
class Variable {
 public:
  Variable(std::string name, const std::string& value) : name_(std::move(name)) {
    setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Variable() { unsetenv(name_.c_str()); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  std::string name_;
};

class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "wa-sync-config-XXXXXX").string();
    close_ = mkstemp(name.data());
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::filesystem::remove(path_); }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  int close_ = -1;
  std::string path_;
};

Invocation invocation(const Arguments& arguments) {
  return std::get<Invocation>(parse_command_line(arguments));
}

std::string answer(const Arguments& arguments) {
  return std::get<TextToPrint>(parse_command_line(arguments)).text;
}

ErrorCode failure(const Arguments& arguments) {
  try {
    parse_command_line(arguments);
  } catch (const Error& error) {
    CHECK_FALSE(std::string(error.what()).empty());
    return error.code();
  }
  return ErrorCode::kInternal;
}

}  // namespace

TEST_CASE("options of every command may stand before or behind it") {
  CHECK(invocation({"--json", "threads", "list"}).global.json);
  CHECK(invocation({"threads", "--json", "list"}).global.json);
  CHECK(invocation({"threads", "list", "--json"}).global.json);
  CHECK(invocation({"accounts", "list", "--state-dir", "/x"}).global.state_dir == "/x");
}

TEST_CASE("the commands carry their options") {
  const auto list = std::get<ThreadsListOptions>(
      invocation({"threads", "list", "--limit=7", "--hidden", "--search", "ana"}).command);
  CHECK(list.limit == 7);
  CHECK(list.hidden);
  CHECK(list.search == "ana");
  CHECK_FALSE(std::get<ThreadsListOptions>(invocation({"threads", "list", "--all"}).command).limit);
  const auto show =
      std::get<ThreadsShowOptions>(invocation({"threads", "show", "Ana Pop"}).command);
  CHECK(show.thread == "Ana Pop");
  CHECK(show.limit == 50);
  const auto search = std::get<MessagesSearchOptions>(
      invocation({"messages", "search", "tort mare", "--thread", "Ana", "--since",
                  "2026-03-01T00:00Z", "--limit", "3"})
          .command);
  CHECK(search.text == "tort mare");
  CHECK(search.thread == "Ana");
  CHECK(search.since.value == 1'772'323'200);
  CHECK(search.limit == 3);
  const auto pair = std::get<PairOptions>(
      invocation({"pair", "--no-wait", "--history", "recent", "--timeout", "90s", "--qr=ascii"})
          .command);
  CHECK_FALSE(pair.wait);
  CHECK_FALSE(pair.full_history);
  CHECK(pair.timeout.count() == 90);
  CHECK(pair.qr == QrChoice::kAscii);
}

TEST_CASE("the search index stays as it is unless it is switched") {
  CHECK_FALSE(invocation({"listen"}).global.search_index);
  CHECK(invocation({"listen", "--search-index", "on"}).global.search_index == true);
  CHECK(invocation({"pair", "--search-index", "off"}).global.search_index == false);
  CHECK(failure({"backfill", "--search-index", "yes"}) == ErrorCode::kUsage);
  const ConfigFile config("search-index = \"off\"\n");
  for (const char* command : {"listen", "pair", "backfill"})
    CHECK(invocation({command, "--config", config.path()}).global.search_index == false);
}

TEST_CASE("the web version: given, asked for, or built in") {
  const auto global = [](Arguments arguments) {
    arguments.insert(arguments.begin(), "pair");
    return invocation(arguments).global;
  };
  const auto chosen = global({"--web-version", "2.3001.5"}).web_version;
  REQUIRE(chosen);
  CHECK(chosen->to_string() == "2.3001.5");
  CHECK(failure({"pair", "--web-version", "2.3001"}) == ErrorCode::kUsage);
  // Only the real service is asked without being told to.
  CHECK(global({}).ask_web_version);
  CHECK_FALSE(global({"--server", "ws://127.0.0.1:9"}).ask_web_version);
  CHECK(global({"--server", "ws://127.0.0.1:9", "--web-version", "auto"}).ask_web_version);
  CHECK_FALSE(global({"--web-version", "built-in"}).ask_web_version);
  CHECK_FALSE(global({"--web-version", "built-in"}).web_version);
}

TEST_CASE("pairing by code is for a phone that is named") {
  const auto pair = [](Arguments arguments) {
    arguments.insert(arguments.begin(), "pair");
    return std::get<PairOptions>(invocation(arguments).command);
  };
  CHECK_FALSE(pair({}).by_code);
  CHECK(pair({"--phone", "0040 737 123 397"}).phone == "+40737123397");
  CHECK(pair({"--phone", "+40737123397", "--method", "code"}).by_code);
  CHECK(failure({"pair", "--method", "code"}) == ErrorCode::kUsage);
  CHECK(failure({"pair", "--phone", "0737123397"}) == ErrorCode::kUsage);
  CHECK(failure({"pair", "--method", "smoke"}) == ErrorCode::kUsage);
}

TEST_CASE("unpair") {
  const auto unpair = [](Arguments arguments) {
    arguments.insert(arguments.begin(), "unpair");
    return std::get<UnpairOptions>(invocation(arguments).command);
  };
  CHECK_FALSE(unpair({}).purge);
  CHECK(unpair({}).timeout.count() == 60);
  CHECK(unpair({"--purge", "--yes"}).purge);
  CHECK(unpair({"--purge", "--yes"}).yes);
  CHECK(unpair({"--timeout", "2m"}).timeout.count() == 120);
  CHECK(failure({"unpair", "--timeout", "soon"}) == ErrorCode::kUsage);
}

TEST_CASE("flag, then environment, then file, then default") {
  const auto limit = [](const Arguments& arguments) {
    return *std::get<ThreadsListOptions>(invocation(arguments).command).limit;
  };
  CHECK(limit({"threads", "list"}) == 50);
  const ConfigFile config("limit = 10\njson = true\n[pair]\nname = \"Shop\"\n");
  CHECK(limit({"threads", "list", "--config", config.path()}) == 10);
  const Variable variable("WA_SYNC_LIMIT", "20");
  CHECK(limit({"threads", "list", "--config", config.path()}) == 20);
  CHECK(limit({"threads", "list", "--config", config.path(), "--limit", "30"}) == 30);

  CHECK(invocation({"threads", "list", "--config", config.path()}).global.json);
  const Variable json("WA_SYNC_JSON", "false");
  CHECK_FALSE(invocation({"threads", "list", "--config", config.path()}).global.json);
  const Variable file("WA_SYNC_CONFIG", config.path());
  CHECK(std::get<PairOptions>(invocation({"pair"}).command).name == "Shop");
}

TEST_CASE("the former backend's variable sets the default of --history") {
  const auto full = [](const Arguments& arguments) {
    return std::get<PairOptions>(invocation(arguments).command).full_history;
  };
  CHECK(full({"pair"}));
  const Variable variable("WHATSAPP_SYNC_FULL_HISTORY", "false");
  CHECK_FALSE(full({"pair"}));
  CHECK(full({"pair", "--history", "full"}));
  const Variable ours("WA_SYNC_HISTORY", "full");
  CHECK(full({"pair"}));
}

TEST_CASE("scheduled backfills are as the former backend's variables say") {
  const auto scheduled = [] {
    return std::get<ListenOptions>(invocation({"listen"}).command).auto_backfill;
  };
  CHECK(scheduled().enabled);
  CHECK(scheduled().interval == std::chrono::minutes(12));
  CHECK(scheduled().success_cooldown == std::chrono::hours(6));
  CHECK(scheduled().attempt_backoff == std::chrono::minutes(10));
  CHECK(scheduled().lease == std::chrono::minutes(15));
  CHECK(scheduled().most_per_tick == 3);
  CHECK(scheduled().most_at_once == 1);
  CHECK(scheduled().per_thread == 20);
  {
    const Variable enabled("AUTO_BACKFILL_ENABLED", "False");
    const Variable interval("AUTO_BACKFILL_INTERVAL_MS", "1000");
    const Variable cooldown("AUTO_BACKFILL_COOLDOWN_SUCCESS_MS", "2000");
    const Variable backoff("AUTO_BACKFILL_ATTEMPT_BACKOFF_MS", "3000");
    const Variable lease("AUTO_BACKFILL_LEASE_MS", "40000");
    const Variable accounts("AUTO_BACKFILL_MAX_ACCOUNTS_PER_TICK", "5");
    const Variable at_once("AUTO_BACKFILL_MAX_CONCURRENCY", "6");
    const Variable messages("WHATSAPP_BACKFILL_MESSAGES_PER_THREAD", "7");
    CHECK_FALSE(scheduled().enabled);
    CHECK(scheduled().interval == std::chrono::seconds(1));
    CHECK(scheduled().success_cooldown == std::chrono::seconds(2));
    CHECK(scheduled().attempt_backoff == std::chrono::seconds(3));
    CHECK(scheduled().lease == std::chrono::seconds(40));
    CHECK(scheduled().most_per_tick == 5);
    CHECK(scheduled().most_at_once == 6);
    CHECK(scheduled().per_thread == 7);
  }
  // Only a clear no turns them off.
  const Variable enabled("AUTO_BACKFILL_ENABLED", "perhaps");
  CHECK(scheduled().enabled);
  const std::pair<const char*, const char*> wrong[] = {
      {"AUTO_BACKFILL_INTERVAL_MS", "12m"},
      {"AUTO_BACKFILL_INTERVAL_MS", "99"},
      {"AUTO_BACKFILL_LEASE_MS", "9999"},
      {"AUTO_BACKFILL_MAX_CONCURRENCY", "0"},
      {"AUTO_BACKFILL_COOLDOWN_SUCCESS_MS", "-1"},
      {"AUTO_BACKFILL_ATTEMPT_BACKOFF_MS", "99999999999999999999"}};
  for (const auto& [name, value] : wrong) {
    CAPTURE(name);
    const Variable variable(name, value);
    CHECK(failure({"listen"}) == ErrorCode::kConfig);
  }
}

TEST_CASE("a section of the file speaks to its command") {
  const ConfigFile config("[threads.list]\nlimit = 3\n[threads.show]\nlimit = 4\n");
  const Variable file("WA_SYNC_CONFIG", config.path());
  CHECK(std::get<ThreadsListOptions>(invocation({"threads", "list"}).command).limit == 3);
  CHECK(std::get<ThreadsShowOptions>(invocation({"threads", "show", "x"}).command).limit == 4);
}

TEST_CASE("quoted values are taken as they stand") {
  const ConfigFile config(
      "# first\n[pair]  # the shop\nname = \"Shop #1, left\"  # a name\nqr-png = '/x #2.png'\n");
  const Variable file("WA_SYNC_CONFIG", config.path());
  const auto pair = std::get<PairOptions>(invocation({"pair"}).command);
  CHECK(pair.name == "Shop #1, left");
  CHECK(pair.qr_png == "/x #2.png");
}

TEST_CASE("what is wrong in the configuration is not passed over") {
  const ConfigFile unknown("no-such-option = 1\n");
  CHECK(failure({"threads", "list", "--config", unknown.path()}) == ErrorCode::kConfig);
  CHECK(failure({"threads", "list", "--config", "/no/such/file.toml"}) == ErrorCode::kConfig);
  const Variable file("WA_SYNC_CONFIG", "/no/such/file.toml");
  CHECK(failure({"threads", "list"}) == ErrorCode::kConfig);
}

TEST_CASE("wrong usage is exit code 2") {
  for (const Arguments& wrong : std::vector<Arguments>{{},
                                                       {"threads"},
                                                       {"accounts"},
                                                       {"threads", "show"},
                                                       {"threads", "list", "surplus"},
                                                       {"nonsense"},
                                                       {"--nonsense"},
                                                       {"threads", "list", "--limit", "x"},
                                                       {"threads", "list", "--limit", "0"},
                                                       {"threads", "list", "--limit", "-1"},
                                                       {"threads", "list", "--since", "yesterday"},
                                                       {"threads", "list", "--color", "blue"},
                                                       {"pair", "--timeout", "soon"},
                                                       {"pair", "--history", "all"},
                                                       {"threads", "list", "--inbox", "postgres"},
                                                       {"diagnose", "--timeout", "0"},
                                                       {"diagnose", "--yes"},
                                                       {"backfill", "--count", "0"}}) {
    const std::string tried = wrong.empty() ? "nothing" : wrong.back();
    CAPTURE(tried);
    CHECK(exit_code(failure(wrong)) == ExitCode::kUsage);
  }
}

TEST_CASE("another root key never goes with the real service") {
  const std::string key(64, 'a');
  CHECK(failure({"pair", "--server-key", key}) == ErrorCode::kUsage);
  CHECK(failure({"pair", "--server-key", key, "--server", "wss://web.whatsapp.com/ws/chat"}) ==
        ErrorCode::kUsage);
  CHECK(failure({"pair", "--server-key", key, "--server", "wss://g.WhatsApp.net/ws"}) ==
        ErrorCode::kUsage);
  CHECK(failure({"pair", "--server-key", "abc", "--server", "ws://127.0.0.1:1"}) ==
        ErrorCode::kUsage);
  CHECK(invocation({"pair", "--server-key", key, "--server", "ws://127.0.0.1:1/ws"})
            .global.server_key == key);
}

TEST_CASE("help and version") {
  CHECK(answer({"--version"}).starts_with("wa-sync "));
  for (const Arguments& command : std::vector<Arguments>{{},
                                                         {"pair"},
                                                         {"listen"},
                                                         {"diagnose"},
                                                         {"accounts"},
                                                         {"accounts", "list"},
                                                         {"threads"},
                                                         {"threads", "list"},
                                                         {"threads", "show"}}) {
    Arguments with_flag = command;
    with_flag.emplace_back("--help");
    const std::string help = answer(with_flag);
    CAPTURE(help);
    CHECK(help.starts_with("Usage: wa-sync"));
    CHECK(help.find("Examples:") != std::string::npos);
    CHECK(help.find("--state-dir") != std::string::npos);
    for (std::size_t from = 0; from < help.size();) {
      const std::size_t end = help.find('\n', from);
      CHECK(end - from <= 80);
      from = end + 1;
    }
    Arguments with_command = command;
    with_command.insert(with_command.begin(), "help");
    CHECK(answer(with_command) == help);
  }
}

TEST_CASE("the language follows --lang, else the locale") {
  const auto language = [](const Arguments& arguments) {
    return invocation(arguments).global.language;
  };
  const Variable all("LC_ALL", "ro_RO.UTF-8");
  CHECK(language({"pair"}) == Language::kRomanian);
  CHECK(language({"pair", "--lang", "en"}) == Language::kEnglish);
  {
    const Variable other("LC_ALL", "C.UTF-8");
    CHECK(language({"pair"}) == Language::kEnglish);
    CHECK(language({"pair", "--lang", "ro"}) == Language::kRomanian);
  }
  const Variable messages("LC_MESSAGES", "ro");
  CHECK(language({"pair"}) == Language::kRomanian);
}

TEST_CASE("every option has its environment twin, except those that destroy or repair") {
  const std::set<std::string> without{
      "--help",  "--version", "--yes", "--purge", "--network-state-dir",
      "--force", "--again",   "--fix"};
  for (const OptionHelp& option : all_options()) {
    CAPTURE(option.name);
    CHECK_FALSE(option.description.empty());
    if (without.contains(option.name))
      CHECK(option.environment.empty());
    else
      CHECK(option.environment.starts_with("WA_SYNC_"));
  }
}

TEST_CASE("what destroys or repairs is refused from the environment and a file") {
  const std::pair<const char*, const char*> options[] = {
      {"unpair", "yes"},   {"unpair", "purge"}, {"backfill", "force"},        {"pair", "again"},
      {"diagnose", "fix"}, {"diagnose", "yes"}, {"pair", "network-state-dir"}};
  for (const auto& [command, option] : options) {
    CAPTURE(option);
    {
      std::string name = option;
      std::ranges::transform(name, name.begin(),
                             [](char c) { return c == '-' ? '_' : std::toupper(c); });
      const Variable variable("WA_SYNC_" + name, "true");
      CHECK(failure({command}) == ErrorCode::kConfig);
      // A command that has no such option, too: who set it believes that it counts.
      CHECK(failure({"accounts", "list"}) == ErrorCode::kConfig);
    }
    const std::string line = std::string(option) + " = true\n";
    for (const std::string& text : {line, "[" + std::string(command) + "]\n" + line}) {
      const ConfigFile config(text);
      CHECK(failure({command, "--config", config.path()}) == ErrorCode::kConfig);
      CHECK(failure({"accounts", "list", "--config", config.path()}) == ErrorCode::kConfig);
    }
  }
  CHECK(failure({"diagnose", "--yes"}) == ErrorCode::kUsage);  // it is for --fix
}

}  // namespace command_line_test
