#include "cli/command_line_app.h"

#include <algorithm>
#include <cctype>

#include "cli/env.h"
#include "session/backfill/backfill.h"

namespace wasync {
namespace {

constexpr const char* kGlobalGroup = "Options of every command";

constexpr const char* kExamples = R"(Examples:
  wa-sync pair                     link this host: shows a QR code to scan
  wa-sync listen                   keep it up to date, until you stop it
  wa-sync backfill                 fetch older messages of the conversations
  wa-sync diagnose                 why the Inbox is empty, and what to do
  wa-sync accounts list            what is linked
  wa-sync threads list             the conversations, newest first
  wa-sync threads show "Maria"     one of them, to read
  wa-sync messages search "tort"   messages with a word that begins so
  wa-sync report                   pack what the report of a fault needs
  wa-sync threads list --json --all | jq '.[].name'

See wa-sync(1) for configuration, environment and exit codes.)";

constexpr const char* kPairExamples = R"(Examples:
  wa-sync pair                       scan the QR code with the phone's WhatsApp
  wa-sync pair --qr-png /tmp/qr.png  also as a picture, for small windows
  wa-sync pair --method code --phone +40737123397
                                     without a camera: type a code on the phone
  wa-sync pair --history recent      only recent messages
  wa-sync pair --again               unlink and link again, for a new history
  wa-sync pair --json                events for a script, one JSON object a line)";

constexpr const char* kListenExamples = R"(Examples:
  wa-sync listen                     all accounts, until you stop it
  wa-sync listen --account "Shop"    one of them
  wa-sync listen --http 127.0.0.1:8090 --http-token-file /etc/wa-sync/token
  wa-sync listen --json              events for a script, one JSON object a line
  systemctl reload wa-sync           read the configuration again (SIGHUP))";

constexpr const char* kBackfillExamples = R"(Examples:
  wa-sync backfill                   older messages of the 50 newest conversations
  wa-sync backfill --thread "Maria" --count 1000
  wa-sync backfill --all --timeout 2h
  wa-sync backfill --dry-run         only list the conversations to ask about
  wa-sync backfill --json            events for a script, one JSON object a line)";

constexpr const char* kDiagnoseExamples = R"(Examples:
  wa-sync diagnose                   what is wrong, and the one thing to do
  wa-sync diagnose --account "Shop"  with one of several accounts
  wa-sync diagnose --verbose         every check, and whole phone numbers
  wa-sync diagnose --live            ask WhatsApp itself, too
  wa-sync diagnose --lang ro         in Romanian
  wa-sync diagnose --fix             do the safe repairs, then diagnose again
  wa-sync diagnose --json | jq -r .action
  wa-sync diagnose > /dev/null; [ $? = 14 ] && wa-sync backfill)";

constexpr const char* kReportExamples = R"(Examples:
  wa-sync report                     writes wa-sync-report-DATE.tar.gz here
  wa-sync listen --trace /tmp/trace; wa-sync report fault.tar.gz --trace /tmp/trace
  tar -xzOf fault.tar.gz | less      read it before you send it)";

constexpr const char* kUnpairExamples = R"(Examples:
  wa-sync unpair                     unlink; the conversations stay
  wa-sync unpair --account "Shop"    one of several accounts
  wa-sync unpair --purge --yes       unlink, and delete the account on this host)";

constexpr const char* kAccountsExamples = R"(Examples:
  wa-sync accounts list
  wa-sync accounts list --json | jq -r '.[].phone')";

constexpr const char* kListExamples = R"(Examples:
  wa-sync threads list
  wa-sync threads list --since 7d --search maria
  wa-sync threads list --all --hidden --json
  wa-sync threads list --source firestore)";

constexpr const char* kShowExamples = R"(Examples:
  wa-sync threads show +40737123397
  wa-sync threads show "Maria" --limit 200
  wa-sync threads show 40737123397@s.whatsapp.net --before 2026-03-01)";

constexpr const char* kSearchExamples = R"(Examples:
  wa-sync messages search tort       messages with a word that begins with "tort"
  wa-sync messages search "tort ciocolata" --since 30d
  wa-sync messages search factura --thread "Maria" --json)";

void with_environment(CLI::Option* option) {
  option->envname(environment_twin(option->get_lnames().front()));
}

template <typename Value>
CLI::Option* add(CLI::App& app, const char* flags, Value& to, const char* value,
                 const char* description) {
  CLI::Option* option = app.add_option(flags, to, description)->type_name(value);
  with_environment(option);
  return option;
}

CLI::Option* add_flag(CLI::App& app, const char* flags, bool& to, const char* description) {
  CLI::Option* option = app.add_flag(flags, to, description);
  with_environment(option);
  return option;
}

// The first file that exists of $WA_SYNC_CONFIG, the user's and the system's; the first
// alone when it is set, so that a mistyped one is not silently another.
std::string default_config_file() {
  if (const std::string named = env("WA_SYNC_CONFIG"); !named.empty()) return named;
  std::string home = env("XDG_CONFIG_HOME");
  if (home.empty() && !env("HOME").empty()) home = env("HOME") + "/.config";
  const std::string own = home + "/wa-sync/config.toml";
  if (!home.empty() && CLI::detail::check_path(own.c_str()) == CLI::detail::path_type::file)
    return own;
  return "/etc/wa-sync/config.toml";
}

std::string default_history() {
  return env_says_no("WHATSAPP_SYNC_FULL_HISTORY") ? "recent" : "full";
}

// --help works behind every command but is listed once, among the options of all.
void hide_inner_help_flags(CLI::App& app) {
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    command->get_help_ptr()->group("");
    hide_inner_help_flags(*command);
  }
}

}  // namespace

std::string environment_twin(std::string_view option) {
  std::string name = "WA_SYNC_";
  for (const char c : option)
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

Grammar::Grammar() : app("Links this host to WhatsApp as a device and keeps its conversations.") {
  app.name("wa-sync");
  app.formatter(std::make_shared<HelpFormat>());
  app.config_formatter(std::make_shared<ConfigFile>(app));
  app.require_subcommand(1);
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.set_help_flag("-h,--help", "Show this help and exit")->group(kGlobalGroup);
  app.set_version_flag("--version", std::string("wa-sync ") + WASYNC_VERSION,
                       "Show the version and exit")
      ->group(kGlobalGroup);
  app.footer(kExamples);
  add_global_options();
  add_pair();
  add_listen();
  add_backfill();
  add_diagnose();
  add_report();
  add_unpair();
  add_accounts();
  add_threads();
  add_messages();
  hide_inner_help_flags(app);
}

void Grammar::add_global_options() {
  app.option_defaults()->group(kGlobalGroup);
  add(app, "--state-dir", global.state_dir, "DIR",
      "Directory of the accounts (default: $STATE_DIRECTORY, then $XDG_STATE_HOME/wa-sync, "
      "then ~/.local/state/wa-sync)");
  add_typed_flag(app, "--network-state-dir", global.network_state_dir,
                 "Use a state directory on a network file system (default: refuse it; locks do "
                 "not hold there)");
  app.set_config("--config", default_config_file(),
                 "Configuration file (default: $XDG_CONFIG_HOME/wa-sync/config.toml, then "
                 "/etc/wa-sync/config.toml)",
                 !env("WA_SYNC_CONFIG").empty())
      ->type_name("FILE")
      ->group(kGlobalGroup)
      ->envname("WA_SYNC_CONFIG");
  add(app, "--account", global.account, "ID|PHONE|NAME",
      "Account to use; needed only when there are several");
  check_one_of(add(app, "--inbox", global.inbox, "sqlite|firestore",
                   "Where conversations go: SQLite in the state directory alone, or also Firestore "
                   "(default: firestore when a project or an emulator is configured, else sqlite)"),
               {"sqlite", "firestore"});
  add(app, "--project", global.project, "ID",
      "Firestore project (default: $WA_SYNC_FIRESTORE_PROJECT, $GOOGLE_CLOUD_PROJECT, then "
      "that of the credentials)");
  add(app, "--database", global.database, "ID",
      "Firestore database of that project (default: (default))");
  add(app, "--server", global.server, "URL", "Address of WhatsApp (default: the real service)");
  add(app, "--server-key", global.server_key, "HEX",
      "Trusted root key of a simulator; needs --server");
  add(app, "--web-version", raw.web_version, "auto|built-in|A.B.C",
      "Version of WhatsApp Web to claim (default: auto, which asks the service; built-in "
      "with another --server)");
  add_flag(app, "--json", global.json,
           "Print results as JSON; pair, listen and backfill print one event a line");
  add_flag(app, "-q,--quiet", global.quiet, "Print no remarks and no progress on standard error");
  add_flag(app, "-v,--verbose", global.verbose, "Log every step on standard error");
  check_one_of(add(app, "--color", raw.color, "auto|always|never",
                   "When to use colours (default: auto, on terminals without NO_COLOR)"),
               {"auto", "always", "never"});
  check_one_of(
      add(app, "--lang", raw.language, "en|ro", "Language of messages (default: from the locale)"),
      {"en", "ro"});
  check_one_of(
      add(app, "--log-format", raw.log_format, "text|json", "Format of log lines (default: text)"),
      {"text", "json"});
}

// For what destroys or repairs: a variable or a line that somebody forgot must not do it.
void Grammar::add_typed_flag(CLI::App& command, const char* flag, bool& to,
                             const char* description) {
  typed_only.push_back(command.add_flag(flag, to, description)->configurable(false));
}

void Grammar::add_trace(CLI::App& command) {
  add(command, "--trace", global.trace, "FILE",
      "Write every stanza that comes or goes to FILE, without names, numbers, texts and keys: for "
      "a report of a fault");
}

void Grammar::add_search_index(CLI::App& command) {
  check_one_of(
      add(command, "--search-index", raw.search_index, "on|off",
          "Keep the index that messages search needs, or drop it (default: as it is; a new "
          "account has one)"),
      {"on", "off"});
}

void Grammar::add_pair() {
  pair_command = app.add_subcommand("pair", "Link this host as a device and fetch the history");
  raw.history = default_history();
  pair_command->fallthrough();
  pair_command->option_defaults()->group("Options");
  pair_command->footer(kPairExamples);
  add(*pair_command, "--phone", raw.phone, "NUMBER",
      "Phone number of the account, with its country code; pair links no other phone");
  check_one_of(
      add(*pair_command, "--method", raw.method, "qr|code",
          "How to link: scan a QR code (default), or type 8 characters on the phone of --phone"),
      {"qr", "code"});
  add(*pair_command, "--name", pair.name, "NAME", "Name of the account on this host");
  check_one_of(add(*pair_command, "--qr", raw.qr, "auto|utf8|ascii",
                   "How to draw the QR code (default: auto, as the terminal allows)"),
               {"auto", "utf8", "ascii"});
  add(*pair_command, "--qr-png", pair.qr_png, "FILE",
      "Also write the QR code to this picture; pair replaces it with each new code and removes "
      "it at the end");
  add(*pair_command, "--passkey-script", pair.passkey_script, "FILE",
      "If the account demands its passkey, also write the lines to run in a browser to this file; "
      "pair removes it at the end");
  check_one_of(add(*pair_command, "--history", raw.history, "full|recent",
                   "How much history to ask for (default: full)"),
               {"full", "recent"});
  add_typed_flag(*pair_command, "--again", pair.again,
                 "Unlink and link again, even if nothing is wrong; pair keeps the inbox");
  add_flag(*pair_command, "--no-wait", raw.no_wait, "Stop once linked; the history arrives later");
  add(*pair_command, "--timeout", raw.timeout, "TIME",
      "Give up when nothing happens for this time: 90s, 10m, 1h (default: 10m for the phone to "
      "scan, less for the later steps)");
  add_search_index(*pair_command);
  add_trace(*pair_command);
}

void Grammar::add_listen() {
  listen_command = app.add_subcommand(
      "listen", "Receive every new message of all paired accounts, until you stop it");
  listen_command->fallthrough();
  listen_command->option_defaults()->group("Options");
  listen_command->footer(kListenExamples);
  add(*listen_command, "--http", listen.http, "ADDR:PORT",
      "Serve the HTTP API and metrics at this address (default: do not serve)");
  add(*listen_command, "--http-token-file", listen.http_token_file, "FILE",
      "File with a token; clients that send it may use the HTTP API");
  add(*listen_command, "--firebase-project", listen.firebase_project, "ID",
      "Firebase project; its users that --http-allow names may use the HTTP API, with their ID "
      "tokens");
  add(*listen_command, "--http-allow", listen.http_allow, "FILE",
      "File with the users of --firebase-project who may use the HTTP API, one a line; see "
      "wa-sync-listen(1)");
  add(*listen_command, "--lease", raw.lease, "TIME",
      "How long a claim to an account lasts when several hosts share it (default: 90s)");
  add_search_index(*listen_command);
  add_trace(*listen_command);
}

void Grammar::add_backfill() {
  backfill_command = app.add_subcommand(
      "backfill", "Ask the phone for older messages of conversations that exist");
  backfill_command->fallthrough();
  backfill_command->option_defaults()->group("Options");
  backfill_command->footer(kBackfillExamples);
  add(*backfill_command, "--thread", backfill.threads, "THREAD",
      "Ask only about this conversation: its id, address, phone or unambiguous name; repeat for "
      "more")
      ->allow_extra_args(false);
  check_count(
      add(*backfill_command, "--threads", raw.backfill_threads, "N",
          "Ask about the newest N conversations (default: $WHATSAPP_BACKFILL_THREADS, else 50)"));
  add_flag(*backfill_command, "--all", raw.backfill_all, "Ask about all conversations");
  check_count(add(*backfill_command, "--count", raw.backfill_count, "N",
                  "Stop with a conversation after N new messages (default: "
                  "$WHATSAPP_BACKFILL_COUNT, else 100)"));
  check_count(add(*backfill_command, "--in-flight", backfill.in_flight, "N",
                  "Ask about N conversations at once, 1 to 8 (default: 1)"),
              kMostInFlight);
  add_typed_flag(*backfill_command, "--force", backfill.force,
                 "Also ask about conversations for which the phone has nothing older");
  add_flag(*backfill_command, "--dry-run", backfill.dry_run,
           "Only list the conversations to ask about");
  add(*backfill_command, "--timeout", raw.backfill_timeout, "TIME",
      "Stop after this time, even if work is left: 90s, 10m, 1h (default: 5m)");
  add_search_index(*backfill_command);
  add_trace(*backfill_command);
}

void Grammar::add_diagnose() {
  diagnose_command = app.add_subcommand(
      "diagnose", "Say why the Inbox is empty or incomplete, and what to do about it");
  diagnose_command->fallthrough();
  diagnose_command->option_defaults()->group("Options");
  diagnose_command->footer(kDiagnoseExamples);
  add_flag(*diagnose_command, "--live", diagnose.live,
           "Also ask WhatsApp itself: over the listener's connection, or by a login when no other "
           "process is connected");
  add_flag(*diagnose_command, "--check-file", diagnose.check_file,
           "Verify the account's file even when it is larger than 64 MiB: reads all of it");
  add(*diagnose_command, "--timeout", raw.diagnose_timeout, "TIME",
      "Stop the checks after this time and judge by what they found: 5s, 1m (default: 10s)");
  add_typed_flag(*diagnose_command, "--fix", diagnose.fix,
                 "Do the safe repairs; shows them first, and asks");
  add_typed_flag(*diagnose_command, "--yes", diagnose.yes,
                 "With --fix: do not ask; needed without a terminal");
}

void Grammar::add_report() {
  report_command = app.add_subcommand(
      "report", "Write what a report of a fault needs into one archive, to read and to send");
  report_command->fallthrough();
  report_command->option_defaults()->group("Options");
  report_command->footer(kReportExamples);
  report_command
      ->add_option("file", report.file,
                   "Archive to write (default: wa-sync-report-DATE.tar.gz in this directory)")
      ->type_name("FILE")
      ->group("Arguments");
  add(*report_command, "--trace", report.trace, "FILE",
      "Also pack the end of this trace, which --trace of pair, listen or backfill has written");
}

void Grammar::add_unpair() {
  unpair_command =
      app.add_subcommand("unpair", "Unlink this host; keep the inbox or delete it; asks first");
  unpair_command->fallthrough();
  unpair_command->option_defaults()->group("Options");
  unpair_command->footer(kUnpairExamples);
  add_typed_flag(*unpair_command, "--purge", unpair.purge,
                 "Also delete the account on this host, with all its conversations");
  add_typed_flag(*unpair_command, "--yes", unpair.yes,
                 "Do not ask; --purge needs it without a terminal");
  add(*unpair_command, "--timeout", raw.unpair_timeout, "TIME",
      "Give up when WhatsApp does not answer within this time: 30s, 2m (default: 1m)");
}

void Grammar::add_accounts() {
  CLI::App* accounts = app.add_subcommand("accounts", "Show the linked accounts");
  accounts->fallthrough();
  accounts->require_subcommand(1);
  accounts->footer(kAccountsExamples);
  accounts_list_command =
      accounts->add_subcommand("list", "List accounts: phone, name, status and counts");
  accounts_list_command->fallthrough();
  accounts_list_command->footer(kAccountsExamples);
}

void Grammar::add_threads() {
  CLI::App* threads = app.add_subcommand("threads", "Show the conversations in the inbox");
  threads->fallthrough();
  threads->require_subcommand(1);
  threads->footer(std::string(kListExamples) + "\n  wa-sync threads show \"Maria\"");

  threads_list_command = threads->add_subcommand(
      "list", "List conversations as the Inbox app would show them, newest first");
  threads_list_command->fallthrough();
  threads_list_command->option_defaults()->group("Options");
  threads_list_command->footer(kListExamples);
  check_count(
      add(*threads_list_command, "--limit", raw.list_limit, "N", "Show at most N (default: 50)"));
  add_flag(*threads_list_command, "--all", raw.all, "Show all");
  add_flag(*threads_list_command, "--hidden", threads_list.hidden,
           "Also show conversations that the app hides, with the reason");
  add(*threads_list_command, "--search", threads_list.search, "TEXT",
      "Show only conversations with these words, or beginnings of words, in their name or last "
      "message, or with this part of a phone number or address");
  add(*threads_list_command, "--since", raw.since, "TIME",
      "Show only conversations with a message since TIME: 2026-03-01, an RFC 3339 time, 24h, 7d");
  check_one_of(
      add(*threads_list_command, "--source", raw.source, "local|firestore",
          "List the conversations stored here (default), or those that the app's query gets from "
          "Firestore"),
      {"local", "firestore"});

  threads_show_command = threads->add_subcommand("show", "Show the messages of one conversation");
  threads_show_command->fallthrough();
  threads_show_command->option_defaults()->group("Options");
  threads_show_command->footer(kShowExamples);
  threads_show_command
      ->add_option("thread", threads_show.thread,
                   "Conversation: its id, address, phone or unambiguous name")
      ->required()
      ->type_name("THREAD")
      ->group("Arguments");
  check_count(add(*threads_show_command, "--limit", raw.show_limit, "N",
                  "Show the newest N messages (default: 50)"));
  add(*threads_show_command, "--before", raw.before, "TIME",
      "Show only messages before TIME: 2026-03-01, an RFC 3339 time, 24h, 7d");
}

void Grammar::add_messages() {
  CLI::App* messages = app.add_subcommand("messages", "Find messages in the inbox");
  messages->fallthrough();
  messages->require_subcommand(1);
  messages->footer(kSearchExamples);

  messages_search_command = messages->add_subcommand(
      "search", "Find messages by words of their text, newest first, whatever the accents");
  messages_search_command->fallthrough();
  messages_search_command->option_defaults()->group("Options");
  messages_search_command->footer(kSearchExamples);
  messages_search_command
      ->add_option("text", messages_search.text,
                   "Words to find; each stands for all words that begin with it, and a message "
                   "must have them all")
      ->required()
      ->type_name("TEXT")
      ->group("Arguments");
  add(*messages_search_command, "--thread", messages_search.thread, "THREAD",
      "Search only this conversation: its id, address, phone or unambiguous name");
  add(*messages_search_command, "--since", raw.search_since, "TIME",
      "Show only messages since TIME: 2026-03-01, an RFC 3339 time, 24h, 7d");
  check_count(add(*messages_search_command, "--limit", raw.search_limit, "N",
                  "Show at most N (default: 50)"));
}

}  // namespace wasync
