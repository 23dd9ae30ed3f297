#include "cli/command_line.h"

#include <algorithm>
#include <cctype>

#include "base/bytes.h"
#include "base/error.h"
#include "cli/backfill_settings.h"
#include "cli/command_line_app.h"
#include "cli/console.h"
#include "cli/env.h"
#include "cli/environment.h"
#include "cli/time_text.h"
#include "inbox/ids.h"

namespace wasync {
namespace {

Language chosen_language(const std::string& language) {
  if (language == "ro") return Language::kRomanian;
  if (language == "en") return Language::kEnglish;
  return language_of_locale();
}

term::ColorWhen color_when(const std::string& text) {
  if (text == "always") return term::ColorWhen::kAlways;
  if (text == "never") return term::ColorWhen::kNever;
  return term::ColorWhen::kAuto;
}

[[noreturn]] void usage_error(Language language, Text what, Text hint) {
  throw TranslatedError(ErrorCode::kUsage, say(language, what), say(language, hint));
}

// Where the root key of the real service is used it cannot be replaced: a wrong key there
// would only ever mean that somebody is trying to get between us and WhatsApp.
void check_server(const GlobalOptions& global) {
  if (global.server_key.empty()) return;
  std::string server = global.server;
  std::ranges::transform(server, server.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (server.empty() || server.find("whatsapp.") != std::string::npos)
    usage_error(global.language, Text::kServerKeyAlone, Text::kServerKeyAloneHint);
  const auto key = hex_decode(global.server_key);
  if (!key || key->size() != 32)
    usage_error(global.language, Text::kBadServerKey, Text::kBadServerKeyHint);
}

UnixSeconds time_option(const char* option, const std::string& given) {
  if (given.empty()) return {};
  const auto time = parse_time(given, UnixSeconds::now());
  if (!time)
    throw Error(ErrorCode::kUsage, std::string(option) + ": \"" + given + "\" is no time",
                "Write 2026-03-01, 2026-03-01T12:30:00Z, 24h or 7d.");
  return *time;
}

WebVersion version_option(const std::string& given) {
  const auto version = WebVersion::parse(given);
  if (!version)
    throw Error(ErrorCode::kUsage, "--web-version: \"" + given + "\" is no version",
                "Write auto, built-in, or three numbers like " + WebVersion{}.to_string() + ".");
  return *version;
}

GlobalOptions checked_global(const Grammar& grammar) {
  GlobalOptions global = grammar.global;
  global.language = chosen_language(grammar.raw.language);
  global.color = color_when(grammar.raw.color);
  global.log_json = grammar.raw.log_format == "json";
  check_server(global);
  const std::string& version = grammar.raw.web_version;
  // A server of one's own is asked only when that is wanted.
  global.ask_web_version = version == "auto" || (version.empty() && global.server.empty());
  if (!version.empty() && version != "auto" && version != "built-in")
    global.web_version = version_option(version);
  return global;
}

std::chrono::seconds duration_option(const char* option, const std::string& given) {
  const auto duration = parse_duration(given);
  if (!duration || duration->count() == 0)
    throw Error(ErrorCode::kUsage, std::string(option) + ": \"" + given + "\" is no duration",
                "Write 90s, 10m or 1h.");
  return *duration;
}

std::chrono::seconds timeout_option(const std::string& given) {
  return duration_option("--timeout", given);
}

// Shorter than that, a slow answer loses it; longer, nobody takes over.
ListenOptions checked_listen(const Grammar& grammar) {
  ListenOptions listen = grammar.listen;
  listen.backfill_threads = backfill_threads();
  listen.backfill_count = backfill_count();
  listen.auto_backfill = auto_backfill();
  listen.lease = duration_option("--lease", grammar.raw.lease);
  if (listen.lease < std::chrono::seconds(10) || listen.lease > std::chrono::hours(1))
    throw Error(ErrorCode::kUsage, "--lease: \"" + grammar.raw.lease + "\" makes no sense",
                "Between 10s and 1h: renewed three times as often, and waited for by other hosts.");
  return listen;
}

std::string phone_option(const std::string& given, Language language) {
  if (given.empty()) return {};
  const auto phone = normalized_phone(given);
  if (!phone) usage_error(language, Text::kBadPhone, Text::kBadPhoneHint);
  return *phone;
}

PairOptions checked_pair(const Grammar& grammar, Language language) {
  PairOptions pair = grammar.pair;
  pair.full_history = grammar.raw.history == "full";
  pair.wait = !grammar.raw.no_wait;
  pair.by_code = grammar.raw.method == "code";
  pair.phone = phone_option(grammar.raw.phone, language);
  if (pair.by_code && pair.phone.empty())
    usage_error(language, Text::kCodeNeedsPhone, Text::kCodeNeedsPhoneHint);
  if (grammar.raw.qr == "utf8") pair.qr = QrChoice::kUtf8;
  if (grammar.raw.qr == "ascii") pair.qr = QrChoice::kAscii;
  pair.timeout = timeout_option(grammar.raw.timeout);
  return pair;
}

BackfillOptions checked_backfill(const Grammar& grammar) {
  BackfillOptions backfill = grammar.backfill;
  const RawOptions& raw = grammar.raw;
  backfill.timeout = timeout_option(raw.backfill_timeout);
  backfill.count = raw.backfill_count ? *raw.backfill_count : backfill_count();
  backfill.most = raw.backfill_threads ? *raw.backfill_threads : backfill_threads();
  if (raw.backfill_all) backfill.most.reset();
  return backfill;
}

DiagnoseOptions checked_diagnose(const Grammar& grammar, const GlobalOptions& global) {
  DiagnoseOptions diagnose = grammar.diagnose;
  diagnose.timeout = timeout_option(grammar.raw.diagnose_timeout);
  // The environment or a file may say it for other commands.
  const bool typed = std::ranges::find(global.arguments, "--yes") != global.arguments.end();
  if (typed && !diagnose.fix)
    throw TranslatedError(ErrorCode::kUsage, say(global.language, Text::kFixNeeded));
  return diagnose;
}

Command checked_command(const Grammar& grammar, const GlobalOptions& global) {
  if (grammar.pair_command->parsed()) return checked_pair(grammar, global.language);
  if (grammar.unpair_command->parsed()) {
    UnpairOptions options = grammar.unpair;
    options.timeout = timeout_option(grammar.raw.unpair_timeout);
    return options;
  }
  if (grammar.backfill_command->parsed()) return checked_backfill(grammar);
  if (grammar.diagnose_command->parsed()) return checked_diagnose(grammar, global);
  if (grammar.accounts_list_command->parsed()) return AccountsListOptions{};
  if (grammar.listen_command->parsed()) return checked_listen(grammar);
  if (grammar.threads_list_command->parsed()) {
    ThreadsListOptions options = grammar.threads_list;
    options.limit = grammar.raw.list_limit;
    if (grammar.raw.all) options.limit.reset();
    options.since = time_option("--since", grammar.raw.since);
    options.from_firestore = grammar.raw.source == "firestore";
    return options;
  }
  ThreadsShowOptions options = grammar.threads_show;
  options.limit = grammar.raw.show_limit;
  options.before = time_option("--before", grammar.raw.before);
  return options;
}

// The command the user was in the middle of, for "see … --help".
std::string current_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  if (chosen.empty()) return app.get_name();
  return app.get_name() + " " + current_command(*chosen.front());
}

// CLI11's own words say which option and what; only their shape is made ours.
Error from_parse_error(const CLI::ParseError& error, const CLI::App& app) {
  std::string what = error.what();
  while (!what.empty() && (what.back() == '\n' || what.back() == ' ')) what.pop_back();
  const bool config = dynamic_cast<const CLI::ConfigError*>(&error) != nullptr ||
                      dynamic_cast<const CLI::FileError*>(&error) != nullptr;
  if (config)
    return {ErrorCode::kConfig, "configuration file: " + what,
            "Every long option may stand there without its dashes; see " + current_command(app) +
                " --help."};
  const std::string see = "See " + current_command(app) + " --help.";
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    const auto unknown = app.remaining(true);
    if (!unknown.empty())
      return {ErrorCode::kUsage,
              std::string("there is no ") +
                  (unknown.front().starts_with("-") ? "option" : "command") + " \"" +
                  unknown.front() + "\"",
              see};
    if (what.find("subcommand") != std::string::npos)
      return {ErrorCode::kUsage, "a command is missing", see};
    return {ErrorCode::kUsage, "THREAD is missing", see};
  }
  return {ErrorCode::kUsage, what, see};
}

// `help [COMMAND…]` is COMMAND --help; `help environment` the table of variables.
std::vector<std::string> without_help_command(std::vector<std::string> arguments) {
  if (arguments.empty() || arguments.front() != "help") return arguments;
  arguments.erase(arguments.begin());
  arguments.emplace_back("--help");
  return arguments;
}

}  // namespace

std::variant<Invocation, Answer> parse_command_line(const std::vector<std::string>& arguments) {
  if (arguments == std::vector<std::string>{"help", "environment"})
    return Answer{environment_text()};
  if (arguments == std::vector<std::string>{"help", "environment", "--roff"})
    return Answer{environment_roff()};
  Grammar grammar;
  auto given = without_help_command(arguments);
  std::ranges::reverse(given);  // as CLI11 wants them
  try {
    grammar.app.parse(given);
  } catch (const CLI::CallForHelp&) {
    return Answer{grammar.app.help()};
  } catch (const CLI::CallForVersion& version) {
    return Answer{std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& error) {
    throw from_parse_error(error, grammar.app);
  }
  GlobalOptions global = checked_global(grammar);
  global.arguments = arguments;
  Command command = checked_command(grammar, global);
  return Invocation{.global = std::move(global), .command = std::move(command)};
}

GlobalOptions options_for_errors(const std::vector<std::string>& arguments) {
  const auto given = [&](std::string_view name) -> std::string {
    const std::string flag = "--" + std::string(name);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (arguments[i].starts_with(flag + "=")) return arguments[i].substr(flag.size() + 1);
      if (arguments[i] == flag) return i + 1 < arguments.size() ? arguments[i + 1] : "";
    }
    return env(environment_twin(name).c_str());
  };
  GlobalOptions options;
  options.language = chosen_language(given("lang"));
  options.color = color_when(given("color"));
  options.json = std::ranges::find(arguments, "--json") != arguments.end();
  return options;
}

std::vector<OptionHelp> all_options() {
  const Grammar grammar;
  std::vector<OptionHelp> all;
  const auto collect = [&all](const CLI::App& app, const std::string& command) {
    for (const CLI::Option* option : app.get_options()) {
      if (option->get_lnames().empty()) continue;
      if (!command.empty() && option == app.get_help_ptr()) continue;
      const bool flag = option->get_expected_min() == 0;
      all.push_back({.command = command,
                     .name = "--" + option->get_lnames().front(),
                     .value = flag ? std::string() : option->get_type_name(),
                     .environment = option->get_envname(),
                     .description = option->get_description()});
    }
  };
  collect(grammar.app, "");
  collect(*grammar.pair_command, "pair");
  collect(*grammar.unpair_command, "unpair");
  collect(*grammar.listen_command, "listen");
  collect(*grammar.backfill_command, "backfill");
  collect(*grammar.diagnose_command, "diagnose");
  collect(*grammar.accounts_list_command, "accounts list");
  collect(*grammar.threads_list_command, "threads list");
  collect(*grammar.threads_show_command, "threads show");
  return all;
}

}  // namespace wasync
