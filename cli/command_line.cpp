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

// From LC_ALL, LC_MESSAGES or LANG, the first that is set; English unless it is Romanian.
Language language_of_locale() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const std::string locale = env(name);
    if (locale.empty()) continue;
    const bool romanian = locale == "ro" || locale.starts_with("ro_") || locale.starts_with("ro.");
    return romanian ? Language::kRomanian : Language::kEnglish;
  }
  return Language::kEnglish;
}

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

// Where the root key of the real service is used it cannot be replaced: a wrong key there
// would only ever mean that somebody is trying to get between us and WhatsApp.
void check_server(const GlobalOptions& global) {
  if (global.server_key.empty()) return;
  std::string server = global.server;
  std::ranges::transform(server, server.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (server.empty() || server.find("whatsapp.") != std::string::npos)
    throw Error(
        ErrorCode::kUsage,
        Phrase{"--server-key works only together with --server",
               "--server-key se poate folosi doar împreună cu --server"},
        Phrase{
            "WhatsApp's own key is built in. Another key is for a simulator: give its address, "
            "too.",
            "Cheia WhatsApp este inclusă. Altă cheie este pentru un simulator: dă și adresa lui."});
  const auto key = hex_decode(global.server_key);
  if (!key || key->size() != 32)
    throw Error(ErrorCode::kUsage,
                Phrase{"--server-key must be 64 hexadecimal digits",
                       "--server-key trebuie să aibă 64 de cifre hexazecimale"},
                Phrase{"The simulator prints it as root_key when it starts.",
                       "Simulatorul o afișează la pornire, ca root_key."});
}

UnixSeconds time_option(const char* option, const std::string& given) {
  if (given.empty()) return {};
  const auto time = parse_time(given, UnixSeconds::now());
  if (!time)
    throw Error(
        ErrorCode::kUsage,
        Phrase{"{}: \"{}\" is not a valid time", "{}: „{}” nu este o oră sau o dată bună"}.with(
            option, given),
        Phrase{"Write 2026-03-01, 2026-03-01T12:30:00Z, 24h or 7d.",
               "Scrie 2026-03-01, 2026-03-01T12:30:00Z, 24h sau 7d."});
  return *time;
}

WebVersion version_option(const std::string& given) {
  const auto version = WebVersion::parse(given);
  if (!version)
    throw Error(ErrorCode::kUsage,
                Phrase{"--web-version: \"{}\" is not a valid version",
                       "--web-version: „{}” nu este o versiune bună"}
                    .with(given),
                Phrase{"Write auto, built-in, or three numbers like {}.",
                       "Scrie auto, built-in sau trei numere, ca {}."}
                    .with(WebVersion{}.to_string()));
  return *version;
}

GlobalOptions checked_global(const Grammar& grammar) {
  GlobalOptions global = grammar.global;
  global.language = chosen_language(grammar.raw.language);
  global.color = color_when(grammar.raw.color);
  global.log_json = grammar.raw.log_format == "json";
  check_server(global);
  if (!grammar.raw.search_index.empty()) global.search_index = grammar.raw.search_index == "on";
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
    throw Error(ErrorCode::kUsage,
                Phrase{"{}: \"{}\" is not a valid duration", "{}: „{}” nu este o durată bună"}.with(
                    option, given),
                Phrase{"Write 90s, 10m or 1h.", "Scrie 90s, 10m sau 1h."});
  return *duration;
}

std::chrono::seconds timeout_option(const std::string& given) {
  return duration_option("--timeout", given);
}

// Shorter than that, a slow answer loses it; longer, no other host takes over.
ListenOptions checked_listen(const Grammar& grammar) {
  ListenOptions listen = grammar.listen;
  listen.backfill_threads = backfill_threads();
  listen.backfill_count = backfill_count();
  listen.auto_backfill = auto_backfill();
  listen.lease = duration_option("--lease", grammar.raw.lease);
  if (listen.lease < std::chrono::seconds(10) || listen.lease > std::chrono::hours(1))
    throw Error(
        ErrorCode::kUsage,
        Phrase{"--lease: \"{}\" is not between 10s and 1h", "--lease: „{}” nu este între 10s și 1h"}
            .with(grammar.raw.lease),
        Phrase{"wa-sync renews a lease three times while it lasts; other hosts wait for "
               "its end.",
               "wa-sync reînnoiește o rezervare de trei ori cât durează; alte sisteme îi "
               "așteaptă sfârșitul."});
  return listen;
}

std::string phone_option(const std::string& given) {
  if (given.empty()) return {};
  const auto phone = normalized_phone(given);
  if (!phone)
    throw Error(ErrorCode::kUsage,
                Phrase{"--phone is not an international phone number",
                       "--phone nu este un număr de telefon internațional"},
                Phrase{"Write it with the country code, like +40737123397.",
                       "Scrie-l cu prefixul țării, ca +40737123397."});
  return *phone;
}

PairOptions checked_pair(const Grammar& grammar) {
  PairOptions pair = grammar.pair;
  pair.full_history = grammar.raw.history == "full";
  pair.wait = !grammar.raw.no_wait;
  pair.by_code = grammar.raw.method == "code";
  pair.phone = phone_option(grammar.raw.phone);
  if (pair.by_code && pair.phone.empty())
    throw Error(
        ErrorCode::kUsage, Phrase{"--method code needs --phone", "--method code cere și --phone"},
        Phrase{"A code works for one phone only: wa-sync pair --method code --phone +40737123397",
               "Un cod este valabil pentru un singur telefon: wa-sync pair --method code --phone "
               "+40737123397"});
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

DiagnoseOptions checked_diagnose(const Grammar& grammar) {
  DiagnoseOptions diagnose = grammar.diagnose;
  diagnose.timeout = timeout_option(grammar.raw.diagnose_timeout);
  if (diagnose.yes && !diagnose.fix)
    throw Error(ErrorCode::kUsage,
                Phrase{"--yes is for --fix: it answers the question that --fix asks",
                       "--yes este pentru --fix: răspunde la întrebarea pe care o pune --fix"});
  return diagnose;
}

Command checked_command(const Grammar& grammar) {
  if (grammar.pair_command->parsed()) return checked_pair(grammar);
  if (grammar.unpair_command->parsed()) {
    UnpairOptions options = grammar.unpair;
    options.timeout = timeout_option(grammar.raw.unpair_timeout);
    return options;
  }
  if (grammar.backfill_command->parsed()) return checked_backfill(grammar);
  if (grammar.report_command->parsed()) return grammar.report;
  if (grammar.diagnose_command->parsed()) return checked_diagnose(grammar);
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
  if (grammar.messages_search_command->parsed()) {
    MessagesSearchOptions options = grammar.messages_search;
    options.limit = grammar.raw.search_limit;
    options.since = time_option("--since", grammar.raw.search_since);
    return options;
  }
  ThreadsShowOptions options = grammar.threads_show;
  options.limit = grammar.raw.show_limit;
  options.before = time_option("--before", grammar.raw.before);
  return options;
}

// `help [COMMAND…]` is COMMAND --help; `help environment` the table of variables.
std::vector<std::string> without_help_command(std::vector<std::string> arguments) {
  if (arguments.empty() || arguments.front() != "help") return arguments;
  arguments.erase(arguments.begin());
  arguments.emplace_back("--help");
  return arguments;
}

}  // namespace

std::variant<Invocation, TextToPrint> parse_command_line(
    const std::vector<std::string>& arguments) {
  if (arguments == std::vector<std::string>{"help", "environment"})
    return TextToPrint{environment_text()};
  if (arguments == std::vector<std::string>{"help", "environment", "--roff"})
    return TextToPrint{environment_roff()};
  Grammar grammar;
  auto given = without_help_command(arguments);
  std::ranges::reverse(given);  // as CLI11 wants them
  try {
    grammar.app.parse(given);
  } catch (const CLI::CallForHelp&) {
    return TextToPrint{grammar.app.help()};
  } catch (const CLI::CallForVersion& version) {
    return TextToPrint{std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& error) {
    throw error_of(error, grammar.app);
  }
  check_nothing_typed_is_set(grammar);
  GlobalOptions global = checked_global(grammar);
  global.arguments = arguments;
  Command command = checked_command(grammar);
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
  collect(*grammar.report_command, "report");
  collect(*grammar.accounts_list_command, "accounts list");
  collect(*grammar.threads_list_command, "threads list");
  collect(*grammar.threads_show_command, "threads show");
  collect(*grammar.messages_search_command, "messages search");
  return all;
}

}  // namespace wasync
